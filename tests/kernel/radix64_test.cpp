// bcrypt's base64.
#include "radix64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lanecrypt {
namespace {

std::string encode(const std::vector<std::uint8_t>& bytes) {
  std::string text(radix64_length(bytes.size()), '?');
  radix64_encode(bytes, text.data());
  return text;
}

TEST(Radix64, LengthIsEveryStartedSixBits) {
  EXPECT_EQ(radix64_length(0), 0U);
  EXPECT_EQ(radix64_length(1), 2U);
  EXPECT_EQ(radix64_length(2), 3U);
  EXPECT_EQ(radix64_length(3), 4U);
  EXPECT_EQ(radix64_length(16), 22U);
  EXPECT_EQ(radix64_length(23), 31U);
}

TEST(Radix64, AlphabetIsInOrder) {
  // The 48 bytes whose sextets are 0, 1, ..., 63 give the alphabet itself.
  std::vector<std::uint8_t> bytes;
  for (unsigned i = 0; i < 64; i += 4) {
    const std::uint32_t word = i << 18 | (i + 1) << 12 | (i + 2) << 6 | (i + 3);
    for (int shift = 16; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  EXPECT_EQ(encode(bytes), "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}

TEST(Radix64, ValuesOfAllBytes) {
  const std::string alphabet("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::size_t at = alphabet.find(static_cast<char>(byte));
    EXPECT_EQ(radix64_value(static_cast<char>(byte)), at == alphabet.npos ? -1 : static_cast<int>(at)) << byte;
  }
}

TEST(Radix64, RoundTripOfEverySizeAndByte) {
  for (std::size_t size = 0; size <= 24; ++size) {
    for (unsigned seed = 0; seed < 256; ++seed) {
      std::vector<std::uint8_t> bytes(size);
      for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed * (2 * i + 1) + i);
      std::vector<std::uint8_t> back(size, 0xaa);
      ASSERT_TRUE(radix64_decode(encode(bytes).c_str(), back));
      ASSERT_EQ(back, bytes);
    }
  }
}

TEST(Radix64, OneWrongCharacterAnywhereIsRefusedAndLeavesZeros) {
  const std::string right = encode(std::vector<std::uint8_t>(16, 0x5a));
  for (std::size_t at = 0; at < right.size(); ++at) {
    for (const char wrong : {'\0', ' ', '$', '-', '=', ':', '@', '[', '`', '{', '\x7f', '\x80', '\xff'}) {
      std::string text = right;
      text[at] = wrong;
      std::vector<std::uint8_t> bytes(16, 0xaa);
      EXPECT_FALSE(radix64_decode(text.c_str(), bytes));
      EXPECT_EQ(bytes, std::vector<std::uint8_t>(16, 0));
    }
  }
}

TEST(Radix64, UnusedLowBitsAreIgnored) {
  for (const char last : {'u', 'v', '9', 'e'}) {
    std::vector<std::uint8_t> bytes(16);
    std::string text = "abcdefghijklmnopqrstu";
    text.push_back(last);
    ASSERT_TRUE(radix64_decode(text.c_str(), bytes));
    // 22 characters are 132 bits: four more than the salt has.
    EXPECT_EQ(radix64_value(encode(bytes).back()), radix64_value(last) & 0x30);
  }
}

}  // namespace
}  // namespace lanecrypt
