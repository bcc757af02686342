// Arena over anonymous mappings. It is not a general allocator: blocks are never reused before a wipe.
#include "arena.hpp"

#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

#include "../capi/wipe_registers.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {

// The head of a mapping. 64 bytes, so that what follows is aligned for everything.
struct alignas(64) Arena::Chunk {
  Chunk* next;
  Chunk* previous;   // of large chunks only: they leave their list in any order
  std::size_t size;  // with this head
  std::size_t used;  // with this head

  [[nodiscard]] char* bytes() noexcept { return reinterpret_cast<char*>(this); }
};

namespace {

constexpr std::size_t page = 4096;
// The first chunk holds a 20-item event with everything around it; it is all that an idle bootstrap keeps.
constexpr std::size_t first_chunk_bytes = 16 * page;
constexpr std::size_t later_chunk_bytes = 256 * page;
constexpr std::size_t large_bytes = 32 * page;

constexpr std::size_t round_up(std::size_t value, std::size_t step) { return (value + step - 1) / step * step; }

}  // namespace

Arena::~Arena() {
  wipe();
  if (small_ != nullptr) unmap(small_);
}

Arena::Chunk* Arena::map(std::size_t bytes) {
  if (bytes > max_arena_bytes - mapped_) throw std::bad_alloc();
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // The bootstrap forbids core dumps as a whole; in another process (the Python module) at least these stay out.
  static_cast<void>(madvise(memory, bytes, MADV_DONTDUMP));
  mapped_ += bytes;
  return new (memory) Chunk{nullptr, nullptr, bytes, sizeof(Chunk)};
}

void Arena::unmap(Chunk* chunk) noexcept {
  const std::size_t size = chunk->size;
  explicit_bzero(chunk->bytes(), chunk->used);
  mapped_ -= size;
  munmap(chunk, size);
}

void* Arena::take_large(std::size_t bytes) {
  if (bytes > max_arena_bytes) throw std::bad_alloc();
  Chunk* chunk = map(round_up(sizeof(Chunk) + bytes, page));
  chunk->used = sizeof(Chunk) + bytes;
  chunk->next = large_;
  if (large_ != nullptr) large_->previous = chunk;
  large_ = chunk;
  return chunk->bytes() + sizeof(Chunk);
}

void* Arena::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (alignment > alignof(Chunk)) throw std::bad_alloc();
  if (bytes >= large_bytes) return take_large(bytes);
  if (small_ == nullptr || round_up(small_->used, alignment) + bytes > small_->size) {
    const bool first = small_ == nullptr && bytes + sizeof(Chunk) <= first_chunk_bytes;
    Chunk* chunk = map(first ? first_chunk_bytes : later_chunk_bytes);
    chunk->next = small_;
    small_ = chunk;
  }
  const std::size_t offset = round_up(small_->used, alignment);
  small_->used = offset + bytes;
  return small_->bytes() + offset;
}

void Arena::do_deallocate(void* block, std::size_t bytes, std::size_t) {
  if (bytes < large_bytes) return;
  auto* chunk = reinterpret_cast<Chunk*>(static_cast<char*>(block) - sizeof(Chunk));
  if (chunk->previous != nullptr) chunk->previous->next = chunk->next;
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
  if (large_ == chunk) large_ = chunk->next;
  unmap(chunk);
}

bool Arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return static_cast<const std::pmr::memory_resource*>(this) == &other;
}

bool Arena::do_is_equal(const boost::json::memory_resource& other) const noexcept {
  return static_cast<const boost::json::memory_resource*>(this) == &other;
}

void Arena::wipe() noexcept {
  if (large_ == nullptr && (small_ == nullptr || small_->used == sizeof(Chunk))) return;  // not used since the last
  while (large_ != nullptr) {
    Chunk* chunk = large_;
    large_ = chunk->next;
    unmap(chunk);
  }
  while (small_ != nullptr && small_->next != nullptr) {
    Chunk* chunk = small_;
    small_ = chunk->next;
    unmap(chunk);
  }
  capi::wipe_registers();
  if (small_ == nullptr) return;
  explicit_bzero(small_->bytes() + sizeof(Chunk), small_->used - sizeof(Chunk));
  small_->used = sizeof(Chunk);
}

std::string_view Arena::keep(std::string_view text) { return join({text}); }

// Never destroyed: its memory ends with the wipe.
std::pmr::string& Arena::new_text() {
  void* place = do_allocate(sizeof(std::pmr::string), alignof(std::pmr::string));
  return *new (place) std::pmr::string(this);
}

std::string_view Arena::join(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  if (size == 0) return {};
  auto* copy = static_cast<char*>(do_allocate(size, 1));
  char* end = copy;
  for (const std::string_view part : parts) end = std::copy(part.begin(), part.end(), end);
  return {copy, size};
}

// 16 KiB: the parser's frames are under 6 KiB and ours smaller; the kernel wipes its own.
[[gnu::noinline]] void wipe_stack() noexcept {
  std::array<char, std::size_t{4} * page> frame;  // NOLINT(*-member-init): filled by the next line
  explicit_bzero(frame.data(), frame.size());
}

}  // namespace lanecrypt::runtime
