// Pieces of eight bytes of what must not be found. See the header.
#include "needles.hpp"

#include <cstring>
#include <stdexcept>

namespace lanecrypt::test {
namespace {

std::uint64_t pair(std::uint32_t first, std::uint32_t second) noexcept { return first | std::uint64_t{second} << 32; }

// Two equal bytes in eight are what chance gives; five are a piece that memory may well have by itself.
bool is_telling(std::uint64_t piece) noexcept {
  unsigned char bytes[8];
  std::memcpy(bytes, &piece, sizeof bytes);
  int zeros = 0;
  for (const unsigned char byte : bytes) zeros += byte == 0;
  return zeros <= 3;
}

}  // namespace

void Needles::add_piece(const std::string& name, std::uint64_t piece) {
  if (!is_telling(piece)) throw std::invalid_argument(name + " is not random enough to be looked for");
  const std::size_t bit = place(piece);
  maybe_[bit / 64] |= std::uint64_t{1} << bit % 64;
  pieces_.emplace(piece, name);
}

void Needles::add_text(const std::string& name, std::string_view text) {
  if (text.size() < sizeof(std::uint64_t)) throw std::invalid_argument(name + " is too short to be looked for");
  for (std::size_t i = 0; i + sizeof(std::uint64_t) <= text.size(); ++i) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, text.data() + i, sizeof piece);
    add_piece(name, piece);
  }
}

void Needles::add_lanes(const std::string& name, std::span<const std::uint32_t> one,
                        std::span<const std::uint32_t> other) {
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (const auto& [a, b] : {std::pair{one[i], other[i]}, std::pair{other[i], one[i]}}) {
      add_piece(name + " of two lanes", pair(a, b));
      add_piece(name + " of two lanes", pair(__builtin_bswap32(a), __builtin_bswap32(b)));
    }
  }
}

void Needles::add_words(const std::string& name, std::span<const std::uint32_t> words) {
  if (words.size() > 1) {
    add_lanes(name, words.first(words.size() - 1), words.last(words.size() - 1));
  }
  add_lanes(name, words, words);
}

void Needles::add_register_words(const std::string& name, std::span<const std::uint32_t> words) {
  for (const std::uint32_t word : words) {
    register_words_.emplace(word, name);
    register_words_.emplace(__builtin_bswap32(word), name);
  }
}

const std::string* Needles::in_register(std::uint32_t word) const noexcept {
  const auto found = register_words_.find(word);
  return found == register_words_.end() ? nullptr : &found->second;
}

}  // namespace lanecrypt::test
