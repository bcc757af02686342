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

// A chunk whose last bytes would hold the block, were it not for its alignment.
TEST(ArenaMemory, AnAlignedBlockDoesNotRunOverItsChunk) {
  constexpr std::size_t chunk = 65'536;  // the first, with a head of 64 bytes
  for (const std::size_t room : {8U, 40U, 63U}) {
    Arena arena;
    std::pmr::memory_resource& memory = arena;
    static_cast<void>(memory.allocate(chunk - 64 - room, 1));
    ASSERT_EQ(arena.mapped_bytes(), chunk);
    static_cast<void>(memory.allocate(8, 64));
    EXPECT_GT(arena.mapped_bytes(), chunk) << room;
  }
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

#if defined(__x86_64__)
// The kernel's own tests ask for all registers (tests/kernel/traces_test.cpp).
TEST(ArenaMemory, WipeClearsRegisters) {
  Arena arena;
  const std::uint64_t secret = 0x6873696664726f77;
  std::uint64_t left = 0;
  static_cast<void>(arena.keep("x"));  // there is nothing to wipe of an arena that was not used
  __asm__ __volatile__("movq %0, %%xmm15" : : "r"(secret) : "xmm15");
  arena.wipe();
  __asm__ __volatile__("movq %%xmm15, %0" : "=r"(left));
  EXPECT_EQ(left, 0U);
}
#endif

#ifndef __SANITIZE_ADDRESS__  // the stack of a function that returned is not ours to read there
constexpr std::size_t deepest_frame = std::size_t{12} * 1024;

// Returns where.
[[gnu::noinline]] std::uintptr_t leave_on_stack() {
  volatile char frame[deepest_frame];
  for (volatile char& byte : frame) byte = 'x';
  volatile const auto where = reinterpret_cast<std::uintptr_t>(&frame[0]);  // not as a pointer: it will be none
  return where;  // NOLINT(clang-diagnostic-return-stack-address)
}

std::size_t left_on_stack(std::uintptr_t where) {
  const auto* const frame = reinterpret_cast<const volatile char*>(where);  // NOLINT(performance-no-int-to-ptr)
  std::size_t left = 0;
  for (std::size_t i = 0; i < deepest_frame; ++i) left += frame[i] == 'x' ? 1U : 0U;
  return left;
}

TEST(WipeStack, OverwritesTheFramesOfCallsBefore) {
  EXPECT_GT(left_on_stack(leave_on_stack()), deepest_frame / 2) << "the test's own frame";
  const std::uintptr_t where = leave_on_stack();
  wipe_stack();
  EXPECT_EQ(left_on_stack(where), 0U);
}
#endif

}  // namespace
}  // namespace lanecrypt::runtime
