// lanecrypt_pbkdf_hash: known answers for any number of blocks, bad arguments, small stacks.
#include <gtest/gtest.h>
#include <lanecrypt/lanecrypt.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "vectors.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::size_t rows_of_one_password = 32;

const std::uint8_t* bytes(const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }
std::uint8_t* bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

const std::string& password_digest() { return pbkdf_blocks()[0].password_digest; }

std::string salt_digests(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += pbkdf_blocks()[i].salt_digest;
  return all;
}

std::string expected_blocks(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += pbkdf_blocks()[i].block;
  return all;
}

// Rubbish where the library must write, and some behind it that must stay.
std::string output(std::size_t count) { return std::string(count * LANECRYPT_PBKDF_BLOCK_SIZE, '?') + "beyond"; }
std::string zeros(std::size_t count) { return std::string(count * LANECRYPT_PBKDF_BLOCK_SIZE, '\0') + "beyond"; }

TEST(PbkdfHash, AnyNumberOfBlocks) {
  for (std::size_t count = 1; count <= rows_of_one_password; ++count) {
    const std::string salts = salt_digests(count);
    std::string blocks = output(count);
    ASSERT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), bytes(salts), count, bytes(blocks)), LANECRYPT_OK);
    EXPECT_EQ(blocks, expected_blocks(count) + "beyond") << count;
  }
}

TEST(PbkdfHash, NoBlocksAreFine) {
  std::string blocks = output(0);
  EXPECT_EQ(lanecrypt_pbkdf_hash(nullptr, nullptr, 0, nullptr), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), nullptr, 0, bytes(blocks)), LANECRYPT_OK);
  EXPECT_EQ(blocks, "beyond");
}

TEST(PbkdfHash, NullIsAnErrorAndTheOutputZero) {
  const std::string salts = salt_digests(2);
  std::string blocks = output(2);
  EXPECT_EQ(lanecrypt_pbkdf_hash(nullptr, bytes(salts), 2, bytes(blocks)), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(blocks, zeros(2));
  blocks = output(2);
  EXPECT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), nullptr, 2, bytes(blocks)), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(blocks, zeros(2));
  EXPECT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), bytes(salts), 2, nullptr), LANECRYPT_INVALID_ARGUMENT);
}

TEST(PbkdfHash, CountsThatOverflowTouchNothing) {
  const std::string salts = salt_digests(1);
  std::string blocks = output(1);
  const std::size_t digest = LANECRYPT_PBKDF_DIGEST_SIZE;
  for (const std::size_t count : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / digest, SIZE_MAX / digest + 1,
                                  SIZE_MAX / LANECRYPT_PBKDF_BLOCK_SIZE + 2, PTRDIFF_MAX / digest + 1}) {
    EXPECT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), bytes(salts), count, bytes(blocks)),
              LANECRYPT_INVALID_ARGUMENT)
        << count;
    EXPECT_EQ(blocks, output(1)) << count;
  }
}

TEST(PbkdfHash, ArraysThatRunOverTheLastAddress) {
  const std::string salts = salt_digests(1);
  std::string blocks = output(1);
  // NOLINTBEGIN(performance-no-int-to-ptr): addresses that no array can have
  const auto* const last = reinterpret_cast<const std::uint8_t*>(UINTPTR_MAX - 8);
  auto* const last_out = reinterpret_cast<std::uint8_t*>(UINTPTR_MAX - 8);
  // NOLINTEND(performance-no-int-to-ptr)
  EXPECT_EQ(lanecrypt_pbkdf_hash(last, bytes(salts), 1, bytes(blocks)), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), last, 1, bytes(blocks)), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(blocks, zeros(1));
  EXPECT_EQ(lanecrypt_pbkdf_hash(bytes(password_digest()), bytes(salts), 1, last_out), LANECRYPT_INVALID_ARGUMENT);
}

#if !LANECRYPT_SANITIZED  // a sanitizer's frames do not fit into 32 KiB
void* small_stack_main(void* result) {
  const std::string salts = salt_digests(8);
  std::string blocks = output(8);
  const lanecrypt_status status = lanecrypt_pbkdf_hash(bytes(password_digest()), bytes(salts), 8, bytes(blocks));
  *static_cast<bool*>(result) = status == LANECRYPT_OK && blocks == expected_blocks(8) + "beyond";
  return nullptr;
}

// Less than the key schedules of eight lanes, which therefore cannot be on it.
// Or with the smallest that there can be: 128 KiB on arm64.
TEST(PbkdfHash, ACallerWithAStackOf32KiB) {
  ASSERT_FALSE(pbkdf_blocks().empty());  // read here: the reader's stack is not in question
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  const auto least = static_cast<std::size_t>(sysconf(_SC_THREAD_STACK_MIN));
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::max(least, std::size_t{32} * 1024)), 0);
  bool right = false;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, small_stack_main, &right), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_TRUE(right);
}
#endif

}  // namespace
}  // namespace lanecrypt::test
