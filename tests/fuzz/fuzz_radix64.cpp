// bcrypt's base64 both ways: bytes come back as they were, and a text is decoded exactly where it is in the alphabet,
// into what a decoder that takes one bit at a time says.
#include <algorithm>
#include <string>
#include <vector>

#include "check.hpp"
#include "grammar.hpp"
#include "radix64.hpp"

namespace lanecrypt::fuzz {
namespace {

// The bits of a text, most significant first, cut into size bytes. What judges is not what is searched: with a
// sanitizer's call for each bit this took most of an execution.
#if defined(__clang__)
[[clang::no_sanitize("address", "undefined", "coverage")]]
#endif
void decode_by_bits(const std::size_t* values, std::size_t size, std::uint8_t* bytes) {
  for (std::size_t bit = 0; bit < size * 8; ++bit) {
    const std::size_t set = values[bit / 6] >> (5 - bit % 6) & 1;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | set << (7 - bit % 8));
  }
}

std::vector<std::uint8_t> decoded_by_bits(std::string_view text, std::size_t size) {
  std::vector<std::size_t> values(text.size());
  std::transform(text.begin(), text.end(), values.begin(), place);
  std::vector<std::uint8_t> bytes(size);
  decode_by_bits(values.data(), size, bytes.data());
  return bytes;
}

void check_bytes(const std::vector<std::uint8_t>& bytes) {
  std::vector<char> text(radix64_length(bytes.size()));
  radix64_encode(bytes, text.data());
  const std::string_view written(text.data(), text.size());
  check(in_alphabet(written), "what is encoded is in the alphabet");
  check(decoded_by_bits(written, bytes.size()) == bytes, "what is encoded holds the bytes");
  std::vector<std::uint8_t> back(bytes.size(), 0x5a);
  check(radix64_decode(text.data(), back) && back == bytes, "bytes come back as they were");
}

// As many bytes as the text has room for, and the lengths below that take as many characters.
void check_text(std::string_view text) {
  const std::vector<char> copy(text.begin(), text.end());  // with nothing behind its end
  std::size_t size = text.size() * 6 / 8;
  if (radix64_length(size) != text.size()) return;  // 4n + 1 characters are no number of bytes
  std::vector<std::uint8_t> bytes(size, 0x5a);
  const bool decoded = radix64_decode(copy.data(), bytes);
  check(decoded == in_alphabet(text), "a text is decoded where it is in the alphabet");
  const bool zero = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
  if (!decoded) return check(zero, "a text that is refused leaves zeros");
  check(bytes == decoded_by_bits(text, size), "a text is its bits");
  std::vector<char> again(text.size());
  radix64_encode(bytes, again.data());
  std::string canonical(text);
  if (!text.empty()) canonical.back() = canonical_last(text.back(), static_cast<unsigned>(text.size() * 6 - size * 8));
  check(std::string_view(again.data(), again.size()) == canonical,
        "encoding what was decoded clears unused bits alone");
}

void check_values(std::string_view text) {
  for (const char c : text) {
    const std::size_t at = place(c);
    check(radix64_value(c) == (at == std::string_view::npos ? -1 : static_cast<int>(at)), "the value of a character");
  }
}

}  // namespace
}  // namespace lanecrypt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lanecrypt::fuzz;
  const std::string_view text = size == 0 ? "" : text_of(data, size);
  check_bytes({text.begin(), text.end()});
  check_text(text);
  check_values(text);
  return 0;
}
