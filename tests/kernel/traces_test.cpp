// What is left in registers and below the stack: cleared, and nothing else with it; and no engine goes deeper than
// that. Whether a whole process is clean is asked in tests/secrets.
#include "traces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <cstring>

#include "engines.hpp"
#include "random_jobs.hpp"

namespace lanecrypt::test {
namespace {

// Puts 64 bytes into each vector register (as much of them as it has), calls a function and writes all registers to
// `after`, 64 bytes for each.
using Registers = std::array<std::array<unsigned char, 64>, 32>;
extern "C" void lanecrypt_test_call_with_xmm(const unsigned char* bytes, void (*function)() noexcept, Registers* after);
extern "C" void lanecrypt_test_call_with_ymm(const unsigned char* bytes, void (*function)() noexcept, Registers* after);
extern "C" void lanecrypt_test_call_with_zmm(const unsigned char* bytes, void (*function)() noexcept, Registers* after);
extern "C" void lanecrypt_test_call_with_v(const unsigned char* bytes, void (*function)() noexcept, Registers* after);

#define LANECRYPT_TEST_16 "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
#define LANECRYPT_TEST_32 LANECRYPT_TEST_16 ", 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31"

#if defined(__x86_64__)
#define LANECRYPT_TEST_CALLER(registers, move, numbers)                                                       \
  __asm__(".text\n.globl lanecrypt_test_call_with_" registers "\n.hidden lanecrypt_test_call_with_" registers \
          "\n.type lanecrypt_test_call_with_" registers ", @function\nlanecrypt_test_call_with_" registers    \
          ":\nendbr64\npushq %rbx\nmovq %rdx, %rbx\n.irp n, " numbers "\n" move " (%rdi), %" registers        \
          "\\n\n.endr\ncallq *%rsi\n.irp n, " numbers "\n" move " %" registers                                \
          "\\n, 64 * \\n(%rbx)\n.endr\npopq %rbx\nret\n.size lanecrypt_test_call_with_" registers             \
          ", . - lanecrypt_test_call_with_" registers "\n")
LANECRYPT_TEST_CALLER("xmm", "movups", LANECRYPT_TEST_16);
LANECRYPT_TEST_CALLER("ymm", "vmovups", LANECRYPT_TEST_16);
LANECRYPT_TEST_CALLER("zmm", "vmovups", LANECRYPT_TEST_32);
#elif defined(__aarch64__)
__asm__(
    ".text\n"
    ".globl lanecrypt_test_call_with_v\n"
    ".hidden lanecrypt_test_call_with_v\n"
    ".type lanecrypt_test_call_with_v, %function\n"
    "lanecrypt_test_call_with_v:\n"
    "stp x29, x30, [sp, -96]!\n"
    "stp x19, x20, [sp, 16]\n"
    "stp d8, d9, [sp, 32]\n"
    "stp d10, d11, [sp, 48]\n"
    "stp d12, d13, [sp, 64]\n"
    "stp d14, d15, [sp, 80]\n"
    "mov x19, x2\n"
    ".irp n, " LANECRYPT_TEST_32
    "\n"
    "ldr q\\n, [x0]\n"
    ".endr\n"
    "blr x1\n"
    ".irp n, " LANECRYPT_TEST_32
    "\n"
    "str q\\n, [x19, 64 * \\n]\n"
    ".endr\n"
    "ldp d8, d9, [sp, 32]\n"
    "ldp d10, d11, [sp, 48]\n"
    "ldp d12, d13, [sp, 64]\n"
    "ldp d14, d15, [sp, 80]\n"
    "ldp x19, x20, [sp, 16]\n"
    "ldp x29, x30, [sp], 96\n"
    "ret\n"
    ".size lanecrypt_test_call_with_v, . - lanecrypt_test_call_with_v\n");
#endif

void do_nothing() noexcept {}

// Registers that are not what they should be: paint where `kept` says so, zero elsewhere.
template <typename Caller, typename Kept>
int wrong_bytes(Caller caller, void (*function)() noexcept, std::size_t registers, std::size_t bytes, Kept kept) {
  std::array<unsigned char, 64> paint;
  paint.fill(0xa7);
  Registers after{};
  for (auto& each : after) each.fill(0x55);
  caller(paint.data(), function, &after);
  int wrong = 0;
  for (std::size_t i = 0; i < registers; ++i) {
    for (std::size_t byte = 0; byte < bytes; ++byte) wrong += after[i][byte] != (kept(i, byte) ? 0xa7 : 0);
  }
  return wrong;
}

[[maybe_unused]] constexpr auto all_kept = [](std::size_t, std::size_t) { return true; };
[[maybe_unused]] constexpr auto none_kept = [](std::size_t, std::size_t) { return false; };

template <typename Caller, typename Kept>
void expect_wiped(Caller caller, std::size_t registers, std::size_t bytes, Kept kept) {
  EXPECT_EQ(wrong_bytes(caller, do_nothing, registers, bytes, all_kept), 0) << "the test's own loads and stores";
  EXPECT_EQ(wrong_bytes(caller, wipe_registers, registers, bytes, kept), 0) << "wipe_registers";
  EXPECT_EQ(wrong_bytes(caller, wipe_traces, registers, bytes, kept), 0) << "wipe_traces";
}

TEST(Traces, VectorRegistersAreWiped) {
#if defined(__x86_64__)
  expect_wiped(lanecrypt_test_call_with_xmm, 16, 16, none_kept);
  if (__builtin_cpu_supports("avx")) expect_wiped(lanecrypt_test_call_with_ymm, 16, 32, none_kept);
  if (__builtin_cpu_supports("avx512f")) expect_wiped(lanecrypt_test_call_with_zmm, 32, 64, none_kept);
#elif defined(__aarch64__)
  expect_wiped(lanecrypt_test_call_with_v, 32, 16,
               [](std::size_t i, std::size_t byte) { return i >= 8 && i < 16 && byte < 8; });
#else
  GTEST_SKIP() << "nothing is promised here";
#endif
}

TEST(Traces, ControlOfFloatingPointStaysAsItIs) {
  const int before = std::fegetround();
  std::fesetround(FE_UPWARD);
  wipe_registers();
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(before);
}

#if !LANECRYPT_SANITIZED  // the stack of a function that returned is not ours to read there
constexpr std::size_t stack_bytes = 64 * 1024;
constexpr unsigned char paint = 0xa7;

// Both at the same depth: what one paints below its frame, the other reads.
[[gnu::noinline]] void paint_stack() {
  volatile unsigned char stack[stack_bytes + 4096];  // frames do not begin at the same place in both
  for (volatile unsigned char& byte : stack) byte = paint;
}
// How many bytes below the caller's frame are no longer paint; and how many of those are not zero either.
struct Touched {
  std::size_t deepest = 0;
  std::size_t not_zero_within = 0;
};
[[gnu::noinline]] Touched look_at_stack() {
  const volatile unsigned char* const here = static_cast<unsigned char*>(__builtin_frame_address(0));
  Touched touched;
  for (std::size_t below = 512; below < stack_bytes; ++below) {
    const unsigned char byte = here[-static_cast<std::ptrdiff_t>(below)];
    if (byte != paint) touched.deepest = below;
    // Some architectures keep a function's return address at the low end of its frame.
    if (byte != 0 && below < traced_stack_bytes - 512) ++touched.not_zero_within;
  }
  return touched;
}

TEST(Traces, TheStackBelowIsWiped) {
  paint_stack();
  EXPECT_GT(look_at_stack().not_zero_within, traced_stack_bytes / 2) << "the test's own paint";
  paint_stack();
  wipe_traces();
  EXPECT_EQ(look_at_stack().not_zero_within, 0U);
}

// With room to spare: another compiler's frames are others, and the dynamic linker may bind memcpy in between.
constexpr std::size_t deepest_allowed = traced_stack_bytes - 1024;

TEST(Traces, NoEngineGoesDeeperThanIsWiped) {
  Random random("Traces");
  for (const Engine* engine : engines_here()) {
    const Scratch scratch(*engine);
    for (unsigned width = 1; width <= engine->lanes; ++width) {
      std::vector<HashText> hashes(width);
      const std::string password = random.bytes(72, 1, 255);
      const Job job{reinterpret_cast<const std::uint8_t*>(password.data()), password.size(),
                    Setting::make('b', 4, Salt{}), nullptr};
      std::vector<Job> jobs(width, job);
      for (unsigned l = 0; l < width; ++l) jobs[l].hash = hashes[l].data();
      paint_stack();
      engine->begin(scratch.memory, jobs);
      engine->advance(scratch.memory, width, 16);
      engine->finish(scratch.memory, jobs);
      EXPECT_LT(look_at_stack().deepest, deepest_allowed) << engine->name << " width " << width;
    }
  }
}
#endif

}  // namespace
}  // namespace lanecrypt::test
