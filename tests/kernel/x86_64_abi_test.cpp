// What the assembly functions owe their caller beside the answer: the registers of the System V ABI, and nothing of a
// schedule left in the others or on the stack.
#include <algorithm>
#include <cstring>

#include "x86_64_functions.hpp"

namespace lanecrypt::test {
namespace {

constexpr int tries = 4;  // a byte that is left is zero in one of 256

class X86_64Abi : public AssemblyWidth {
 protected:
  // Calls expand, expand_salted, and encrypt once and 64 times, and check() after each.
  template <typename Check>
  void after_each_call(Check check) {
    Random random("X86_64Abi", std::get<0>(GetParam()) * 100 + width());
    for (int i = 0; i < tries; ++i) {
      Schedules schedules(width(), Flush::with_page_behind);
      std::vector<WordPair> blocks(width());
      const auto fill = [&] {
        for (unsigned l = 0; l < width(); ++l) {
          schedules.put(l, PlainBlowfish::random(random),
                        {random.below(~std::uint64_t{0}), random.below(~std::uint64_t{0})});
          blocks[l] = random.below(~std::uint64_t{0});
        }
      };
      fill();
      call_expand(functions().expand, schedules, random);
      check("expand", schedules, nullptr);
      fill();
      call_expand(functions().expand_salted, schedules, random);
      check("expand_salted", schedules, nullptr);
      for (const std::uint32_t times : {1U, 64U}) {
        fill();
        call_encrypt(functions(), schedules, blocks.data(), times, random);
        check(times == 1 ? "encrypt once" : "encrypt 64 times", schedules, blocks.data());
      }
    }
  }
};

TEST_P(X86_64Abi, KeepsTheCallersRegisters) {
  after_each_call([](const char* what, const Schedules&, const WordPair*) {
    for (const auto& [name, member] : kept_registers()) {
      EXPECT_EQ(lanecrypt_test_call.after.*member, lanecrypt_test_call.before.*member) << name << " after " << what;
    }
    EXPECT_EQ(lanecrypt_test_call.after.flags & direction_flag, 0U) << what;
  });
}

TEST_P(X86_64Abi, LeavesNothingInRegisters) {
  after_each_call([](const char* what, const Schedules&, const WordPair*) {
    for (const auto& [name, member] : lost_registers()) {
      EXPECT_EQ(lanecrypt_test_call.after.*member, 0U) << name << " after " << what;
    }
  });
}

// Whether a word is none of a schedule: the paint, one of the registers that the caller gets back, a place in the
// engine's text (return addresses), in the schedules or of the blocks (pointers); or, by halves, paint or a
// small number (a count, or which half of the salt is next).
bool may_stay(std::uint64_t word, const AssemblyEngine& engine, const Schedules& schedules, const WordPair* blocks) {
  for (const auto& [name, member] : kept_registers()) {
    if (word == lanecrypt_test_call.before.*member) return true;
  }
  const auto is_in = [&](auto* first, std::size_t size) {
    return word - reinterpret_cast<std::uint64_t>(first) <= size;
  };
  constexpr std::size_t text_bytes = 256 * 1024;  // more than it has
  const auto half_may_stay = [](std::uint64_t half) {
    return half < 128 || half == (stack_paint & 0xffffffff) || half == stack_paint >> 32;
  };
  return is_in(engine.widths[0].expand, text_bytes) || is_in(schedules.data(), schedules.size()) ||
         (blocks != nullptr && word == reinterpret_cast<std::uint64_t>(blocks)) ||
         (half_may_stay(word & 0xffffffff) && half_may_stay(word >> 32));
}

// The topmost word is the call's return address and then the flags.
std::size_t words_that_may_not_stay(const AssemblyEngine& engine, const Schedules& schedules, const WordPair* blocks) {
  const auto& stack = lanecrypt_test_call.stack;
  return static_cast<std::size_t>(std::count_if(
      stack.begin(), stack.end() - 1, [&](std::uint64_t word) { return !may_stay(word, engine, schedules, blocks); }));
}

TEST_P(X86_64Abi, LeavesNothingOnTheStack) {
  after_each_call([](const char* what, const Schedules& schedules, const WordPair* blocks) {
    EXPECT_EQ(words_that_may_not_stay(engine(), schedules, blocks), 0U) << what;
    EXPECT_NE(lanecrypt_test_call.stack[stack_words - 2], stack_paint) << "the stack of another call was looked at";
  });
}

INSTANTIATE_TEST_SUITE_P(Engines, X86_64Abi, every_assembly_width(), assembly_width_name);

// A function that does all that the tests above look for.
extern "C" void lanecrypt_test_bad_function();
__asm__(R"(
.intel_syntax noprefix
.text
.globl lanecrypt_test_bad_function
.hidden lanecrypt_test_bad_function
.type lanecrypt_test_bad_function, @function
lanecrypt_test_bad_function:
  endbr64
  mov rax, [rdi]
  mov [rsp - 8 * 2047], rax
  .irp register, rbx, rbp, r12, r13, r14, r15, rcx, rdx, rsi, rdi, r8, r9, r10, r11
    mov \register, rax
  .endr
  std
  mov rax, [rsp]
  mov [rsp - 8], rax
  mov rax, rbx
  lea rsp, [rsp - 8]
  ret
.size lanecrypt_test_bad_function, . - lanecrypt_test_bad_function
.att_syntax prefix
)");

TEST(X86_64AbiTests, FindWhatABadFunctionDoes) {
  Random random("X86_64AbiTests");
  Schedules schedules(1, Flush::with_page_behind);
  schedules.put(0, PlainBlowfish::random(random));
  call_among_random_words(lanecrypt_test_bad_function, reinterpret_cast<std::uint64_t>(schedules.data()), 0, 0, random);
  const Call& call = lanecrypt_test_call;
  for (const auto& [name, member] : kept_registers()) EXPECT_NE(call.after.*member, call.before.*member) << name;
  for (const auto& [name, member] : lost_registers()) EXPECT_NE(call.after.*member, 0U) << name;
  EXPECT_NE(call.after.flags & direction_flag, 0U);
  std::uint64_t word;
  std::memcpy(&word, schedules.data(), sizeof word);
  EXPECT_EQ(std::count(call.stack.begin(), call.stack.end(), word), 1);
  EXPECT_GE(words_that_may_not_stay(assembly_engines()[0], schedules, nullptr), 1U);
}

}  // namespace
}  // namespace lanecrypt::test
