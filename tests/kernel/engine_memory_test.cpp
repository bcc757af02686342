// Every engine's memory: no step touches what is not its scratch, and what is secret is gone behind a group.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "engines.hpp"
#include "radix64.hpp"
#include "random_jobs.hpp"

namespace lanecrypt::test {
namespace {

// Scratch between two pages that cannot be touched: at its end, as near as its alignment lets it be, or at its begin.
class GuardedScratch {
 public:
  GuardedScratch(const Engine& engine, bool at_end)
      : bytes_(engine.scratch_bytes), page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    mapped_ = (bytes_ + page_ - 1) / page_ * page_ + 2 * page_;
    void* const all = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    pages_ = static_cast<unsigned char*>(all);
    if (mprotect(pages_ + page_, mapped_ - 2 * page_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    std::memset(pages_ + page_, 0xa7, mapped_ - 2 * page_);
    const std::size_t room = mapped_ - 2 * page_ - bytes_;
    scratch_ = pages_ + page_ + (at_end ? room / scratch_alignment * scratch_alignment : 0);
  }
  GuardedScratch(const GuardedScratch&) = delete;
  GuardedScratch& operator=(const GuardedScratch&) = delete;
  ~GuardedScratch() { munmap(pages_, mapped_); }

  void* data() const { return scratch_; }
  bool is_zero_and_around_it_nothing_changed() const {
    const auto unchanged = [](unsigned char byte) { return byte == 0xa7; };
    return std::all_of(pages_ + page_, scratch_, unchanged) &&
           std::all_of(scratch_, scratch_ + bytes_, [](unsigned char byte) { return byte == 0; }) &&
           std::all_of(scratch_ + bytes_, pages_ + mapped_ - page_, unchanged);
  }

 private:
  std::size_t bytes_;
  std::size_t page_;
  std::size_t mapped_ = 0;
  unsigned char* pages_ = nullptr;
  unsigned char* scratch_ = nullptr;
};

std::vector<Item> random_items(Random& random, unsigned count) {
  std::vector<Item> items;
  for (unsigned i = 0; i < count; ++i) items.push_back({random.bytes(72, 1, 255), random_job(random, 4, 4).setting});
  return items;
}

TEST(EngineMemory, EveryWidthStaysInItsScratchAndLeavesNothingThere) {
  Random random("EngineMemory.Scratch");
  for (const Engine* engine : engines_here()) {
    for (unsigned width = 1; width <= engine->lanes; ++width) {
      const std::vector<Item> items = random_items(random, width);
      for (const bool at_end : {false, true}) {
        const GuardedScratch scratch(*engine, at_end);
        const std::vector<std::string> hashes = hash_group(*engine, scratch.data(), items);
        for (unsigned l = 0; l < width; ++l) {
          EXPECT_EQ(hashes[l], libcrypt_hash(items[l].password, items[l].setting)) << engine->name << " lane " << l;
        }
        EXPECT_TRUE(scratch.is_zero_and_around_it_nothing_changed()) << engine->name << " width " << width;
      }
    }
  }
}

#if !LANECRYPT_SANITIZED  // the stack of a function that returned is not ours to read there
constexpr std::size_t stack_bytes = 128 * 1024;

// The stack as it was left below the caller. Its own frame lies upon it: the copy is elsewhere.
std::array<char, stack_bytes> left;
const char* used;  // from there on it is not zero
[[gnu::noinline]] void copy_stack() {
  const volatile char* const here = static_cast<char*>(__builtin_frame_address(0));
  for (std::size_t i = 0; i < stack_bytes; ++i) left[i] = here[static_cast<std::ptrdiff_t>(i - stack_bytes)];
  used = std::find_if(left.begin(), left.end(), [](char byte) { return byte != 0; });
}
[[gnu::noinline]] void clear_stack() {
  volatile unsigned char stack[stack_bytes];
  for (volatile unsigned char& byte : stack) byte = 0;
}

bool is_there(const std::string& part) {
  return std::search(used, left.cend(), part.begin(), part.end()) != left.cend();
}
// Whether eight bytes in a row of a password are there, as they stand or as words of a key.
bool has_part_of(const std::string& password) {
  for (std::size_t i = 0; i + 8 <= password.size(); ++i) {
    std::string part = password.substr(i, 8);
    if (is_there(part)) return true;
    std::reverse(part.begin(), part.begin() + 4);
    std::reverse(part.begin() + 4, part.end());
    if (is_there(part)) return true;
  }
  return false;
}

// Whether both words of a block of a hash's digest are there, each either way round. Of the last word a byte is never
// printed.
bool has_part_of_digest(const HashText& hash) {
  std::array<std::uint8_t, digest_bytes> digest;
  EXPECT_TRUE(radix64_decode(&hash[setting_length], digest));
  const std::string bytes(digest.begin(), digest.end());
  const auto has_word = [&](std::size_t i) {
    const std::string word = bytes.substr(i, 4);
    return is_there(word) || is_there(std::string(word.rbegin(), word.rend()));
  };
  return (has_word(0) && has_word(4)) || (has_word(8) && has_word(12)) || (has_word(16) && has_word(20));
}

[[gnu::noinline]] void leave_password(const std::string& password) {
  unsigned char copy[72];
  for (std::size_t i = 0; i < sizeof copy; ++i) copy[i ^ 3] = static_cast<unsigned char>(password[i]);
  __asm__ __volatile__("" : : "r"(copy) : "memory");
}

// The engine's steps one by one, for each writes over what the one before it left.
TEST(EngineMemory, NoPartOfAPasswordOrDigestStaysOnTheStack) {
  Random random("EngineMemory.Stack");
  for (const Engine* engine : engines_here()) {
    if (engine == &libcrypt_engine) continue;  // not ours to wipe
    const Scratch scratch(*engine);
    for (unsigned width = 1; width <= engine->lanes; ++width) {
      const std::vector<Item> items = random_items(random, width);
      std::vector<HashText> hashes(width);
      std::vector<Job> jobs;
      for (unsigned l = 0; l < width; ++l) {
        jobs.push_back({reinterpret_cast<const std::uint8_t*>(items[l].password.data()), items[l].password.size(),
                        *Setting::parse(items[l].setting), hashes[l].data()});
      }
      const auto expect_nothing_left = [&](const char* step) {
        for (const Item& item : items) {
          EXPECT_FALSE(has_part_of(item.password)) << engine->name << " width " << width << " behind " << step;
        }
      };
      clear_stack();
      engine->begin(scratch.memory, jobs);
      copy_stack();
      expect_nothing_left("begin");
      clear_stack();
      engine->advance(scratch.memory, width, 2);
      copy_stack();
      expect_nothing_left("advance");
      clear_stack();
      engine->finish(scratch.memory, jobs);
      copy_stack();
      expect_nothing_left("finish");
      for (const HashText& hash : hashes) {
        EXPECT_FALSE(has_part_of_digest(hash)) << engine->name << " width " << width << ": a digest";
      }
    }
  }
}

TEST(EngineMemory, APasswordOrDigestOnTheStackIsFound) {
  Random random("EngineMemory.Found");
  const std::string password = random.bytes(72, 1, 255);
  clear_stack();
  copy_stack();
  EXPECT_FALSE(has_part_of(password));
  leave_password(password);
  copy_stack();
  EXPECT_TRUE(has_part_of(password));

  std::array<std::uint8_t, digest_bytes> digest;
  std::copy_n(password.begin(), digest.size(), digest.begin());
  HashText hash;
  format_hash(Setting(), digest, hash.data());
  EXPECT_TRUE(has_part_of_digest(hash));
  clear_stack();
  copy_stack();
  EXPECT_FALSE(has_part_of_digest(hash));
}
#endif

}  // namespace
}  // namespace lanecrypt::test
