// The arena: growth, giving back, limits, and that a wipe wipes.
#include "arena.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <string>

#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

TEST(ArenaMemory, WipeOverwritesAndKeepsOneChunk) {
  Arena arena;
  const std::string_view kept = arena.keep("swordfish");
  const std::size_t first = arena.mapped_bytes();
  std::pmr::memory_resource& memory = arena;
  memset(memory.allocate(std::size_t{1} << 20), 'x', std::size_t{1} << 20);
  for (int i = 0; i < 1000; ++i) static_cast<void>(arena.keep(std::string(1000, 'y')));
  EXPECT_GT(arena.mapped_bytes(), std::size_t{2} << 20);
  arena.wipe();
  EXPECT_EQ(arena.mapped_bytes(), first);
  EXPECT_EQ(std::string(kept.data(), kept.size()), std::string(9, '\0'));
}

TEST(ArenaMemory, LargeBlocksAreGivenBackAtOnceInAnyOrder) {
  Arena arena;
  std::pmr::memory_resource& memory = arena;
  constexpr std::size_t size = std::size_t{1} << 18;
  void* first = memory.allocate(size);
  void* second = memory.allocate(size);
  void* third = memory.allocate(size);
  const std::size_t all = arena.mapped_bytes();
  memory.deallocate(second, size);
  EXPECT_LT(arena.mapped_bytes(), all - size);
  memory.deallocate(first, size);
  memory.deallocate(third, size);
  EXPECT_EQ(arena.mapped_bytes(), 0U);
}

TEST(ArenaMemory, AlignsAndRefuses) {
  Arena arena;
  std::pmr::memory_resource& memory = arena;
  static_cast<void>(arena.keep("x"));
  for (const std::size_t alignment : {1U, 2U, 8U, 16U, 64U}) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.allocate(3, alignment)) % alignment, 0U);
  }
  EXPECT_THROW(static_cast<void>(memory.allocate(max_arena_bytes)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(memory.allocate(~std::size_t{0} - 64)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(memory.allocate(8, 4096)), std::bad_alloc);
}

TEST(ArenaMemory, ABlockTooLargeForTheFirstChunkGetsALargerOne) {
  Arena arena;
  const std::string text(100'000, 'z');
  EXPECT_EQ(arena.keep(text), text);
  EXPECT_EQ(arena.keep(text), text);
}

TEST(ArenaMemory, JoinAndNewTextLiveInTheArena) {
  Arena arena;
  EXPECT_EQ(arena.join({"a", "", "bc"}), "abc");
  EXPECT_EQ(arena.join({}), "");
  std::pmr::string& text = arena.new_text();
  text.append(1000, 't');
  EXPECT_EQ(text.get_allocator().resource(), &static_cast<std::pmr::memory_resource&>(arena));
}

}  // namespace
}  // namespace lanecrypt::runtime
