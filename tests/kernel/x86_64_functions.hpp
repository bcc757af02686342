// The functions of the assembly engines as their tests call them: on schedules of any width in guarded memory, and with
// known values in all registers.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "blowfish_x86_64.hpp"
#include "random_jobs.hpp"

namespace lanecrypt::test {

// ---- Which functions

struct AssemblyEngine {
  const char* name;
  std::span<const WidthX86_64> widths;  // [w - 1]: of w lanes
  bool runs_here;
};

std::span<const AssemblyEngine> assembly_engines();

// A test of one width of one engine.
class AssemblyWidth : public testing::TestWithParam<std::tuple<std::size_t, unsigned>> {
 protected:
  void SetUp() override {
    if (!engine().runs_here) GTEST_SKIP() << engine().name << " needs instructions that this CPU has not";
  }
  static const AssemblyEngine& engine() { return assembly_engines()[std::get<0>(GetParam())]; }
  static unsigned width() { return std::get<1>(GetParam()); }
  static const WidthX86_64& functions() { return engine().widths[width() - 1]; }
};

inline auto every_assembly_width() {
  std::vector<std::tuple<std::size_t, unsigned>> all;
  for (std::size_t e = 0; e < assembly_engines().size(); ++e) {
    for (unsigned w = 1; w <= assembly_engines()[e].widths.size(); ++w) all.emplace_back(e, w);
  }
  return testing::ValuesIn(all);
}
std::string assembly_width_name(const testing::TestParamInfo<std::tuple<std::size_t, unsigned>>& info);

// ---- What they work on

// Memory between two pages that cannot be touched: bytes that are flush against one of them. What is left of their
// pages is filled and must stay as it is.
enum class Flush { with_page_before, with_page_behind };
class GuardedBytes {
 public:
  GuardedBytes(std::size_t size, Flush flush);
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes();

  unsigned char* data() const { return data_; }
  std::size_t size() const { return size_; }
  void make_read_only(bool read_only) const;
  bool surroundings_unchanged() const;

 private:
  std::size_t size_;
  std::size_t pages_bytes_;
  unsigned char* pages_;
  unsigned char* data_;
};

// Blowfish as its paper has it, for one key.
struct PlainBlowfish {
  std::uint32_t p[p_words];
  std::uint32_t s[s_boxes][s_words];

  static PlainBlowfish random(Random& random);
  WordPair encrypt(WordPair block) const;
  void expand(const std::array<WordPair, 2>& salt = {});
};

// Schedules of some lanes as a LaneSchedules of that width has them.
class Schedules {
 public:
  Schedules(unsigned width, Flush flush) : width_(width), bytes_(bytes_of(width), flush) {}

  void put(unsigned lane, const PlainBlowfish& key, const std::array<WordPair, 2>& salt = {});
  PlainBlowfish get(unsigned lane) const;
  // All but what functions may write on their way.
  std::vector<unsigned char> lasting_bytes() const { return {bytes_.data(), copies()}; }
  void* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  const GuardedBytes& bytes() const { return bytes_; }

 private:
  static constexpr std::size_t bytes_of(unsigned width) {
    return width * (LANECRYPT_LANE_BYTES + 8 * (LANECRYPT_PAIRS + 2) + sizeof(std::uint32_t));
  }
  unsigned char* copies() const { return bytes_.data() + bytes_.size() - sizeof(std::uint32_t) * width_; }
  unsigned char* box(unsigned lane) const { return bytes_.data() + std::size_t{LANECRYPT_LANE_BYTES} * lane; }
  unsigned char* pair(unsigned lane, unsigned number) const {
    return bytes_.data() + std::size_t{LANECRYPT_LANE_BYTES} * width_ + std::size_t{8} * (width_ * number + lane);
  }

  unsigned width_;
  GuardedBytes bytes_;
};

// ---- A call

struct Registers {
  std::uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15, flags;
};
inline constexpr std::uint64_t trap_flag = 1 << 8;
inline constexpr std::uint64_t direction_flag = 1 << 10;

// The stack below a call, as it is filled before and found behind.
inline constexpr std::size_t stack_words = 16 * 1024 / 8;
inline constexpr std::uint64_t stack_paint = 0x5041494e5a5a5a5a;

// One call, in one thread at a time: x86_64_functions.cpp has the assembly, which knows the offsets.
struct Call {
  void (*function)();
  Registers before;  // rsp: where it was at the call; of flags, only those that are set are given
  Registers after;
  std::array<std::uint64_t, stack_words> stack;  // below rsp, its lowest address first
};
extern "C" {
extern Call lanecrypt_test_call;
void lanecrypt_test_make_call();  // what a stack's walk meets above the function that is called
}

// Calls a function with three arguments and a random word in every other register. All that is of interest is in
// lanecrypt_test_call then.
void call_among_random_words(void (*function)(), std::uint64_t first, std::uint64_t second, std::uint64_t third,
                             Random& random, std::uint64_t flags = 0);
// The random words of the four registers that arguments never take and the caller gets back, and of rbx and rbp.
std::vector<std::pair<const char*, std::uint64_t Registers::*>> kept_registers();
std::vector<std::pair<const char*, std::uint64_t Registers::*>> lost_registers();  // those that calls may change

// The functions of a width through the above: expand or expand_salted, and encrypt, whose third argument's upper half
// is random: it is 32 bits.
inline void call_expand(void (*expand)(void*) noexcept, const Schedules& schedules, Random& random,
                        std::uint64_t flags = 0) {
  call_among_random_words(reinterpret_cast<void (*)()>(expand), reinterpret_cast<std::uint64_t>(schedules.data()),
                          random.below(~std::uint64_t{0}), random.below(~std::uint64_t{0}), random, flags);
}
inline void call_encrypt(const WidthX86_64& width, const Schedules& schedules, const void* blocks, std::uint32_t times,
                         Random& random, std::uint64_t flags = 0) {
  call_among_random_words(reinterpret_cast<void (*)()>(width.encrypt),
                          reinterpret_cast<std::uint64_t>(schedules.data()), reinterpret_cast<std::uint64_t>(blocks),
                          times | random.below(1U << 31) << 32, random, flags);
}

}  // namespace lanecrypt::test
