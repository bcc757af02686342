// Strict base64, one group of four characters at a time. Not constant in time: who sends the event knows the password.
#include "base64.hpp"

#include <cstdint>

namespace lanecrypt::runtime {
namespace {

constexpr std::uint32_t no_digit = 64;

constexpr std::uint32_t digit(char letter) {
  if (letter >= 'A' && letter <= 'Z') return static_cast<std::uint32_t>(letter - 'A');
  if (letter >= 'a' && letter <= 'z') return static_cast<std::uint32_t>(letter - 'a') + 26;
  if (letter >= '0' && letter <= '9') return static_cast<std::uint32_t>(letter - '0') + 52;
  if (letter == '+') return 62;
  return letter == '/' ? 63 : no_digit;
}

// Decodes the digits of a group (2, 3 or 4 of them) into 1, 2 or 3 bytes; false where one is none or bits are left
// over.
bool decode_group(std::string_view digits, char* out) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t value = i < digits.size() ? digit(digits[i]) : 0;
    if (value == no_digit) return false;
    bits = bits << 6 | value;
  }
  for (std::size_t i = 1; i < digits.size(); ++i) {
    *out++ = static_cast<char>(bits >> 16 & 0xff);
    bits = bits << 8 & 0xffffff;
  }
  return bits == 0;
}

std::size_t padding(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::optional<std::string_view> decode_base64(std::string_view text, Arena& arena) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string_view{};
  const std::size_t digits = text.size() - padding(text);
  const std::size_t bytes = digits * 3 / 4;
  auto* out = static_cast<char*>(static_cast<std::pmr::memory_resource&>(arena).allocate(bytes, 1));
  for (std::size_t at = 0, to = 0; at < digits; at += 4, to += 3) {
    if (!decode_group(text.substr(at, digits - at < 4 ? digits - at : 4), out + to)) return std::nullopt;
  }
  return std::string_view{out, bytes};
}

}  // namespace lanecrypt::runtime
