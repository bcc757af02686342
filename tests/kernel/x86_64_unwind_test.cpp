// From every instruction of the assembly functions, the stack can be walked to their caller, and the caller's registers
// are found there. The processor's trap flag stops at each instruction, and the handler of SIGTRAP walks.
#include <sys/ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <bit>
#include <csignal>

#include "x86_64_functions.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::uint64_t text_bytes = 256 * 1024;  // more than an engine has

// What the handler is told, and what it found. All its memory is there before the first step.
struct Steps {
  std::uint64_t function = 0;  // steps count from its first instruction to its return
  bool skips_calls = false;
  const void* caller = nullptr;  // which a walk must reach

  std::uint64_t returns_to = 0;  // 0: not in the function
  std::vector<bool> seen;        // instructions, by their distance from text_bytes before the function
  std::uint64_t steps = 0;
  std::uint64_t walks = 0;
  std::uint64_t lost = 0;   // walks that did not reach the caller
  std::uint64_t wrong = 0;  // walks that found other registers than the caller's
  std::uint64_t first_failure = 0;
};
Steps steps;

struct Walk {
  bool reached = false;
  bool wrong = true;
};

_Unwind_Reason_Code look_at_frame(_Unwind_Context* context, void* found) {
  auto& walk = *static_cast<Walk*>(found);
  const void* const function = _Unwind_FindEnclosingFunction(std::bit_cast<void*>(_Unwind_GetIP(context) - 1));
  if (function == reinterpret_cast<const void*>(lanecrypt_test_make_call)) {
    const Registers& expected = lanecrypt_test_call.before;
    const std::pair<int, std::uint64_t> kept[] = {// by DWARF's numbers
                                                  {3, expected.rbx},  {6, expected.rbp},  {12, expected.r12},
                                                  {13, expected.r13}, {14, expected.r14}, {15, expected.r15}};
    // The frame address known here is that of the frame below, which is where rsp was at the call.
    walk.wrong = _Unwind_GetCFA(context) != expected.rsp ||
                 std::any_of(std::begin(kept), std::end(kept), [&](const std::pair<int, std::uint64_t>& each) {
                   return _Unwind_GetGR(context, each.first) != each.second;
                 });
  }
  walk.reached = function == steps.caller;
  return walk.reached ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

void walk_from(std::uint64_t here) {
  Walk walk;
  _Unwind_Backtrace(look_at_frame, &walk);
  ++steps.walks;
  if (walk.reached && !walk.wrong) return;
  if (steps.lost + steps.wrong == 0) steps.first_failure = here;
  if (walk.reached) {
    ++steps.wrong;
  } else {
    ++steps.lost;
  }
}

void at_trap(int, siginfo_t*, void* interrupted) {
  greg_t* const registers = static_cast<ucontext_t*>(interrupted)->uc_mcontext.gregs;
  const auto here = static_cast<std::uint64_t>(registers[REG_RIP]);
  if (here == steps.function) steps.returns_to = *std::bit_cast<const std::uint64_t*>(registers[REG_RSP]);
  if (here == steps.returns_to) steps.returns_to = 0;
  if (steps.returns_to == 0) return;
  ++steps.steps;
  const std::uint64_t distance = here - steps.function + text_bytes;
  if (distance >= steps.seen.size()) {
    ++steps.lost;
    return;
  }
  constexpr std::uint64_t again = 97;
  if (!steps.seen[distance] || steps.steps % again == 0) walk_from(here);
  steps.seen[distance] = true;
  constexpr unsigned char call = 0xe8;
  constexpr greg_t call_bytes = 5;
  if (steps.skips_calls && *std::bit_cast<const unsigned char*>(here) == call) registers[REG_RIP] += call_bytes;
}

class X86_64Unwind : public AssemblyWidth {
 protected:
  // Steps through what `caller` calls.
  void step(void (*caller)(X86_64Unwind&), const void* function, bool skips_calls) {
    steps = {};
    steps.function = reinterpret_cast<std::uint64_t>(function);
    steps.skips_calls = skips_calls;
    steps.caller = reinterpret_cast<const void*>(caller);
    steps.seen.resize(2 * text_bytes);
    for (unsigned l = 0; l < width(); ++l) schedules_.put(l, PlainBlowfish::random(random_));
    blocks_.assign(width(), 0);

    struct sigaction action = {};
    struct sigaction before = {};
    action.sa_sigaction = at_trap;
    action.sa_flags = SA_SIGINFO;
    ASSERT_EQ(sigaction(SIGTRAP, &action, &before), 0);
    void (*volatile const not_inlined)(X86_64Unwind&) = caller;
    not_inlined(*this);
    ASSERT_EQ(sigaction(SIGTRAP, &before, nullptr), 0);
    EXPECT_EQ(lanecrypt_test_call.after.rsp, lanecrypt_test_call.before.rsp);
  }

  static void expect_all_reached(std::int64_t least_instructions) {
    EXPECT_GE(std::count(steps.seen.begin(), steps.seen.end(), true), least_instructions);
    const auto where = static_cast<std::int64_t>(steps.first_failure - steps.function);
    EXPECT_EQ(steps.lost, 0U) << "of " << steps.walks << ", the first " << where
                              << " bytes behind the function's begin";
    EXPECT_EQ(steps.wrong, 0U) << "of " << steps.walks << ", the first " << where
                               << " bytes behind the function's begin";
  }

  // What a walk must reach. Something stands behind each call, or it would be a jump.
  static void expand(X86_64Unwind& test) {
    call_expand(functions().expand, test.schedules_, test.random_, trap_flag);
    __asm__ __volatile__("" : : : "memory");
  }
  static void expand_salted(X86_64Unwind& test) {
    call_expand(functions().expand_salted, test.schedules_, test.random_, trap_flag);
    __asm__ __volatile__("" : : : "memory");
  }
  static void encrypt(X86_64Unwind& test) {
    call_encrypt(functions(), test.schedules_, test.blocks_.data(), 2, test.random_, trap_flag);
    __asm__ __volatile__("" : : : "memory");
  }

 private:
  Random random_{"X86_64Unwind"};
  Schedules schedules_{width(), Flush::with_page_behind};
  std::vector<WordPair> blocks_;
};

// With the encryption of a block, which all call: 4 rounds of at least ten instructions for each lane, where it loops.
TEST_P(X86_64Unwind, FromEveryInstructionOfEncrypt) {
  step(encrypt, reinterpret_cast<const void*>(functions().encrypt), false);
  expect_all_reached(std::int64_t{40} * width() + 40);
}

// Without it, or it would be a million steps: calls are passed over. All that is computed is wrong then.
TEST_P(X86_64Unwind, FromEveryInstructionOfExpand) {
  constexpr std::uint64_t times = LANECRYPT_PAIRS + s_boxes * s_words / 2;
  step(expand, reinterpret_cast<const void*>(functions().expand), true);
  EXPECT_GT(steps.steps, times * (6 + width())) << "it ended early";
  expect_all_reached(std::int64_t{40} + 2 * width());
  step(expand_salted, reinterpret_cast<const void*>(functions().expand_salted), true);
  EXPECT_GT(steps.steps, times * (9 + 2 * width())) << "it ended early";
  expect_all_reached(std::int64_t{46} + 4 * width());
}

INSTANTIATE_TEST_SUITE_P(Engines, X86_64Unwind, every_assembly_width(), assembly_width_name);

}  // namespace
}  // namespace lanecrypt::test
