// Wiping and comparing: what the compiler may not optimise away.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "constant_time.hpp"
#include "secure_zero.hpp"

namespace lanecrypt {
namespace {

TEST(SecureZero, WipesExactlyWhatItWasGiven) {
  std::array<unsigned char, 64> bytes;
  bytes.fill(0xaa);
  secure_zero(bytes.data() + 8, 40);
  for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], i >= 8 && i < 48 ? 0 : 0xaa) << i;
  secure_zero(nullptr, 0);
}

#if !LANECRYPT_SANITIZED  // the stack of a function that returned is not ours to read there
// A buffer that is dead when it is wiped: a plain memset here is dropped by every optimiser.
[[gnu::noinline]] void leave_secret(const volatile unsigned char** where) {
  unsigned char secret[64];
  const ZeroOnExit wipe(secret, sizeof secret);
  std::memset(secret, 0x77, sizeof secret);
  __asm__ __volatile__("" : : "r"(secret) : "memory");
  *where = secret;
}

TEST(SecureZero, WipesABufferThatNobodyReadsAgain) {
  const volatile unsigned char* where = nullptr;
  leave_secret(&where);  // NOLINT(clang-analyzer-core.StackAddressEscape): what is left there is the question
  int left = 0;
  for (int i = 0; i < 64; ++i) left += where[i] == 0x77;
  EXPECT_EQ(left, 0);
}
#endif

TEST(ConstantTimeEqual, EverySingleBitCounts) {
  std::string a(60, 'x');
  std::string b = a;
  EXPECT_TRUE(constant_time_equal(a.data(), b.data(), a.size()));
  for (std::size_t i = 0; i < b.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      b[i] = static_cast<char>(a[i] ^ 1 << bit);
      EXPECT_FALSE(constant_time_equal(a.data(), b.data(), a.size()));
    }
    b[i] = a[i];
  }
  EXPECT_TRUE(constant_time_equal(nullptr, nullptr, 0));
}

// A byte that cannot be read, behind others that differ already: who ends early never comes to it, and lives.
TEST(ConstantTimeEqualDeathTest, ReadsEveryByteWhateverTheFirstOnesAre) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const pages = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  auto* const end = static_cast<char*>(pages) + page;
  ASSERT_EQ(mprotect(end, page, PROT_NONE), 0);
  const std::string other(60, 'x');
  EXPECT_FALSE(constant_time_equal(end - 60, other.data(), 60));
  EXPECT_DEATH(std::exit(constant_time_equal(end - 59, other.data(), 60) ? 1 : 0), "");
  EXPECT_DEATH(std::exit(constant_time_equal(other.data(), end - 59, 60) ? 1 : 0), "");
  munmap(pages, 2 * page);
}

}  // namespace
}  // namespace lanecrypt
