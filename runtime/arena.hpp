// Arena: the memory of one invocation. Event, parsed form, job arrays and answer are taken from it and nothing of them
// from the heap, so that one wipe() after the invocation leaves no password behind. It is not thread safe: one
// invocation has one arena, used by the thread that runs the handler.
#ifndef LANECRYPT_RUNTIME_ARENA_HPP
#define LANECRYPT_RUNTIME_ARENA_HPP

#include <boost/json/memory_resource.hpp>
#include <cstddef>
#include <initializer_list>
#include <memory_resource>
#include <string>
#include <string_view>

namespace lanecrypt::runtime {

// Small blocks are cut from chunks and come back only with wipe(). A large block has a mapping of its own, wiped and
// given back as soon as it is deallocated, so a growing buffer does not keep its earlier selves.
class Arena final : public std::pmr::memory_resource, public boost::json::memory_resource {
 public:
  Arena() = default;
  ~Arena() override;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = delete;
  Arena& operator=(Arena&&) = delete;

  // Overwrites everything that was allocated and gives all but the first chunk back, and clears the vector registers,
  // through which it was copied. What lived here is gone: call it when no view into the arena is used any more.
  void wipe() noexcept;

  // Bytes mapped now: one chunk after a wipe, nothing before the first allocation.
  [[nodiscard]] std::size_t mapped_bytes() const noexcept { return mapped_; }

  // A copy that lives as long as the invocation.
  [[nodiscard]] std::string_view keep(std::string_view text);

  // An empty text to append to, which lives as long as the invocation.
  [[nodiscard]] std::pmr::string& new_text();

  // The parts written one after the other, for messages.
  [[nodiscard]] std::string_view join(std::initializer_list<std::string_view> parts);

 private:
  struct Chunk;

  // These override both bases: their signatures are the same.
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;
  [[nodiscard]] bool do_is_equal(const boost::json::memory_resource& other) const noexcept override;

  Chunk* map(std::size_t bytes);
  void unmap(Chunk* chunk) noexcept;
  void* take_large(std::size_t bytes);

  Chunk* small_ = nullptr;  // newest first; the oldest is kept over wipes
  Chunk* large_ = nullptr;
  std::size_t mapped_ = 0;
};

// Wipes the arena when it goes out of scope, whichever way.
class ArenaWipe {
 public:
  explicit ArenaWipe(Arena& arena) noexcept : arena_(arena) {}
  ~ArenaWipe() { arena_.wipe(); }
  ArenaWipe(const ArenaWipe&) = delete;
  ArenaWipe& operator=(const ArenaWipe&) = delete;
  ArenaWipe(ArenaWipe&&) = delete;
  ArenaWipe& operator=(ArenaWipe&&) = delete;

 private:
  Arena& arena_;
};

// Overwrites the part of the stack that the calls before this one have used: the JSON parser unescapes strings in a
// buffer of its frame.
void wipe_stack() noexcept;

}  // namespace lanecrypt::runtime

// Trees in an arena are dropped whole, so their destructors have nothing to walk for.
namespace boost::json {
template <>
struct is_deallocate_trivial<lanecrypt::runtime::Arena> : std::true_type {};
}  // namespace boost::json

#endif
