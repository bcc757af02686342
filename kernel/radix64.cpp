// bcrypt's base64. See the header.
#include "radix64.hpp"

#include <algorithm>

namespace lanecrypt {
namespace {

consteval std::array<std::int8_t, 256> make_values() noexcept {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < 64; ++i)
    values[static_cast<std::uint8_t>(radix64_alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

constexpr auto values = make_values();

}  // namespace

void radix64_encode(std::span<const std::uint8_t> bytes, char* text) noexcept {
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = pending << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) *text++ = radix64_alphabet[pending >> (bits - 6) & 63];
  }
  if (bits > 0) *text = radix64_alphabet[pending << (6 - bits) & 63];
}

int radix64_value(char character) noexcept { return values[static_cast<std::uint8_t>(character)]; }

bool radix64_decode(const char* text, std::span<std::uint8_t> bytes) noexcept {
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t written = 0;
  for (std::size_t i = 0; i < radix64_length(bytes.size()); ++i) {
    const int value = radix64_value(text[i]);
    if (value < 0) {
      std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
      return false;
    }
    pending = pending << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8 && written < bytes.size()) {
      bits -= 8;
      bytes[written++] = static_cast<std::uint8_t>(pending >> bits);
    }
  }
  return true;
}

}  // namespace lanecrypt
