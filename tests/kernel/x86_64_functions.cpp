// See the header.
#include "x86_64_functions.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

#include "cpu.hpp"

namespace lanecrypt::test {

std::span<const AssemblyEngine> assembly_engines() {
  static const AssemblyEngine engines[] = {{"x86_64_bmi2", lanecrypt_x86_64_bmi2_widths, this_cpu().bmi2},
                                           {"x86_64", lanecrypt_x86_64_widths, true}};
  return engines;
}

std::string assembly_width_name(const testing::TestParamInfo<std::tuple<std::size_t, unsigned>>& info) {
  return std::string(assembly_engines()[std::get<0>(info.param)].name) + "_width_" +
         std::to_string(std::get<1>(info.param));
}

// ---- Guarded memory

namespace {

constexpr unsigned char surroundings = 0xa7;

std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

GuardedBytes::GuardedBytes(std::size_t size, Flush flush)
    : size_(size), pages_bytes_((size + page_bytes() - 1) / page_bytes() * page_bytes()) {
  void* const all = mmap(nullptr, pages_bytes_ + 2 * page_bytes(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  pages_ = static_cast<unsigned char*>(all) + page_bytes();
  make_read_only(false);
  std::memset(pages_, surroundings, pages_bytes_);
  data_ = flush == Flush::with_page_before ? pages_ : pages_ + pages_bytes_ - size_;
}

GuardedBytes::~GuardedBytes() { munmap(pages_ - page_bytes(), pages_bytes_ + 2 * page_bytes()); }

void GuardedBytes::make_read_only(bool read_only) const {
  if (mprotect(pages_, pages_bytes_, read_only ? PROT_READ : PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
}

bool GuardedBytes::surroundings_unchanged() const {
  const auto unchanged = [](unsigned char byte) { return byte == surroundings; };
  return std::all_of(pages_, data_, unchanged) && std::all_of(data_ + size_, pages_ + pages_bytes_, unchanged);
}

// ---- Schedules

PlainBlowfish PlainBlowfish::random(Random& random) {
  PlainBlowfish key;
  const std::string bytes = random.bytes(sizeof key, 0, 255);
  std::memcpy(&key, bytes.data(), sizeof key);
  return key;
}

WordPair PlainBlowfish::encrypt(WordPair block) const {
  auto left = static_cast<std::uint32_t>(block);
  auto right = static_cast<std::uint32_t>(block >> 32);
  for (unsigned round = 0; round < blowfish_rounds; ++round) {
    left ^= p[round];
    right ^= ((s[0][left >> 24] + s[1][left >> 16 & 255]) ^ s[2][left >> 8 & 255]) + s[3][left & 255];
    std::swap(left, right);
  }
  return pair_of(right ^ p[p_words - 1], left ^ p[p_words - 2]);
}

void PlainBlowfish::expand(const std::array<WordPair, 2>& salt) {
  WordPair block = 0;
  unsigned turn = 0;
  const auto replace = [&](std::uint32_t* words) {
    block = encrypt(block ^ salt[turn++ % 2]);
    words[0] = static_cast<std::uint32_t>(block);
    words[1] = static_cast<std::uint32_t>(block >> 32);
  };
  for (unsigned i = 0; i < p_words; i += 2) replace(p + i);
  for (auto& box : s) {
    for (unsigned i = 0; i < s_words; i += 2) replace(box + i);
  }
}

void Schedules::put(unsigned lane, const PlainBlowfish& key, const std::array<WordPair, 2>& salt) {
  std::memcpy(box(lane), key.s, sizeof key.s);
  for (unsigned i = 0; i < LANECRYPT_PAIRS; ++i) {
    WordPair words = pair_of(key.p[2 * i], key.p[2 * i + 1]);
    if (i == LANECRYPT_PAIRS - 1) words = exchanged(words);
    std::memcpy(pair(lane, i), &words, sizeof words);
  }
  for (unsigned i = 0; i < salt.size(); ++i) std::memcpy(pair(lane, LANECRYPT_PAIRS + i), &salt[i], sizeof salt[i]);
}

PlainBlowfish Schedules::get(unsigned lane) const {
  PlainBlowfish key;
  std::memcpy(key.s, box(lane), sizeof key.s);
  for (unsigned i = 0; i < LANECRYPT_PAIRS; ++i) {
    WordPair words;
    std::memcpy(&words, pair(lane, i), sizeof words);
    if (i == LANECRYPT_PAIRS - 1) words = exchanged(words);
    key.p[2 * i] = static_cast<std::uint32_t>(words);
    key.p[2 * i + 1] = static_cast<std::uint32_t>(words >> 32);
  }
  return key;
}

// ---- A call

Call lanecrypt_test_call;

static_assert(offsetof(Call, before) == 8);
static_assert(offsetof(Call, after) == 8 + 17 * 8);
static_assert(offsetof(Call, stack) == 8 + 2 * 17 * 8);
static_assert(stack_words == 2048);

// Loads all registers and flags, calls, stores them, and copies the stack below. Nothing but the call itself writes to
// that in between, and after it the flags.
__asm__(R"(
.intel_syntax noprefix
.text
.globl lanecrypt_test_make_call
.hidden lanecrypt_test_make_call
.type lanecrypt_test_make_call, @function
lanecrypt_test_make_call:
  .cfi_startproc
  endbr64
  .irp register, rbx, rbp, r12, r13, r14, r15
    push \register
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset \register, 0
  .endr
  sub rsp, 8
  .cfi_adjust_cfa_offset 8

  movabs rax, 0x5041494e5a5a5a5a
  lea rdi, [rsp - 8 * 2048]
  mov ecx, 2048
  rep stosq

  mov [rip + lanecrypt_test_call + 8 + 8 * 7], rsp
  pushfq
  .cfi_adjust_cfa_offset 8
  mov rax, [rip + lanecrypt_test_call + 8 + 8 * 16]
  or [rsp], rax
  mov rax, [rip + lanecrypt_test_call + 8 + 8 * 0]
  mov rbx, [rip + lanecrypt_test_call + 8 + 8 * 1]
  mov rcx, [rip + lanecrypt_test_call + 8 + 8 * 2]
  mov rdx, [rip + lanecrypt_test_call + 8 + 8 * 3]
  mov rsi, [rip + lanecrypt_test_call + 8 + 8 * 4]
  mov rdi, [rip + lanecrypt_test_call + 8 + 8 * 5]
  mov rbp, [rip + lanecrypt_test_call + 8 + 8 * 6]
  mov r8, [rip + lanecrypt_test_call + 8 + 8 * 8]
  mov r9, [rip + lanecrypt_test_call + 8 + 8 * 9]
  mov r10, [rip + lanecrypt_test_call + 8 + 8 * 10]
  mov r11, [rip + lanecrypt_test_call + 8 + 8 * 11]
  mov r12, [rip + lanecrypt_test_call + 8 + 8 * 12]
  mov r13, [rip + lanecrypt_test_call + 8 + 8 * 13]
  mov r14, [rip + lanecrypt_test_call + 8 + 8 * 14]
  mov r15, [rip + lanecrypt_test_call + 8 + 8 * 15]
  popfq
  .cfi_adjust_cfa_offset -8
  call [rip + lanecrypt_test_call]

  mov [rip + lanecrypt_test_call + 144 + 8 * 0], rax
  mov [rip + lanecrypt_test_call + 144 + 8 * 1], rbx
  mov [rip + lanecrypt_test_call + 144 + 8 * 2], rcx
  mov [rip + lanecrypt_test_call + 144 + 8 * 3], rdx
  mov [rip + lanecrypt_test_call + 144 + 8 * 4], rsi
  mov [rip + lanecrypt_test_call + 144 + 8 * 5], rdi
  mov [rip + lanecrypt_test_call + 144 + 8 * 6], rbp
  mov [rip + lanecrypt_test_call + 144 + 8 * 7], rsp
  mov [rip + lanecrypt_test_call + 144 + 8 * 8], r8
  mov [rip + lanecrypt_test_call + 144 + 8 * 9], r9
  mov [rip + lanecrypt_test_call + 144 + 8 * 10], r10
  mov [rip + lanecrypt_test_call + 144 + 8 * 11], r11
  mov [rip + lanecrypt_test_call + 144 + 8 * 12], r12
  mov [rip + lanecrypt_test_call + 144 + 8 * 13], r13
  mov [rip + lanecrypt_test_call + 144 + 8 * 14], r14
  mov [rip + lanecrypt_test_call + 144 + 8 * 15], r15
  mov rsp, [rip + lanecrypt_test_call + 8 + 8 * 7]
  pushfq
  .cfi_adjust_cfa_offset 8
  mov rax, [rsp]
  mov [rip + lanecrypt_test_call + 144 + 8 * 16], rax
  and qword ptr [rsp], -0x501
  popfq
  .cfi_adjust_cfa_offset -8

  lea rsi, [rsp - 8 * 2048]
  lea rdi, [rip + lanecrypt_test_call + 280]
  mov ecx, 2048
  rep movsq

  add rsp, 8
  .cfi_adjust_cfa_offset -8
  .irp register, r15, r14, r13, r12, rbp, rbx
    pop \register
    .cfi_adjust_cfa_offset -8
    .cfi_restore \register
  .endr
  ret
  .cfi_endproc
.size lanecrypt_test_make_call, . - lanecrypt_test_make_call
.att_syntax prefix
)");

void call_among_random_words(void (*function)(), std::uint64_t first, std::uint64_t second, std::uint64_t third,
                             Random& random, std::uint64_t flags) {
  lanecrypt_test_call.function = function;
  Registers& registers = lanecrypt_test_call.before;
  const std::string words = random.bytes(sizeof registers, 1, 255);
  std::memcpy(&registers, words.data(), sizeof registers);
  registers.rdi = first;
  registers.rsi = second;
  registers.rdx = third;
  registers.flags = flags;
  lanecrypt_test_make_call();
}

std::vector<std::pair<const char*, std::uint64_t Registers::*>> kept_registers() {
  return {{"rbx", &Registers::rbx}, {"rbp", &Registers::rbp}, {"rsp", &Registers::rsp}, {"r12", &Registers::r12},
          {"r13", &Registers::r13}, {"r14", &Registers::r14}, {"r15", &Registers::r15}};
}

std::vector<std::pair<const char*, std::uint64_t Registers::*>> lost_registers() {
  return {{"rax", &Registers::rax}, {"rcx", &Registers::rcx}, {"rdx", &Registers::rdx},
          {"rsi", &Registers::rsi}, {"rdi", &Registers::rdi}, {"r8", &Registers::r8},
          {"r9", &Registers::r9},   {"r10", &Registers::r10}, {"r11", &Registers::r11}};
}

}  // namespace lanecrypt::test
