// A second opinion on bcrypt's grammar: written from its rules, character by character, with nothing of kernel/setting
// or kernel/radix64 in it. The targets judge the parsers by it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace lanecrypt::fuzz {

inline constexpr std::string_view alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// Where a character stands in the alphabet; npos for one that does not.
inline std::size_t place(char character) {
  static const std::array<std::size_t, 256> places = [] {
    std::array<std::size_t, 256> found{};
    for (std::size_t i = 0; i < 256; ++i) found[i] = alphabet.find(static_cast<char>(i));
    return found;
  }();
  return places[static_cast<unsigned char>(character)];
}

inline bool in_alphabet(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return place(c) == std::string_view::npos; });
}

// $2[abxy]$ + 04..31 + $ + 22 characters, and not one more.
inline bool is_setting(std::string_view text, std::size_t lowest_cost = 4) {
  if (text.size() != 29 || !text.starts_with("$2") || text[3] != '$' || text[6] != '$') return false;
  if (std::string_view("abxy").find(text[2]) == std::string_view::npos) return false;
  constexpr std::string_view costs = "0001020304050607080910111213141516171819202122232425262728293031";
  bool cost_fits = false;
  for (std::size_t cost = lowest_cost; cost <= 31; ++cost)
    cost_fits = cost_fits || text.substr(4, 2) == costs.substr(cost * 2, 2);
  return cost_fits && in_alphabet(text.substr(7));
}

// The last of 22 characters of salt (128 of 132 bits) or of 31 of digest (184 of 186) with its unused bits cleared.
inline char canonical_last(char last, unsigned unused_bits) {
  return alphabet[place(last) >> unused_bits << unused_bits];
}

// 60 characters whose unused bits are zero.
inline bool is_hash(std::string_view text) {
  return text.size() == 60 && is_setting(text.substr(0, 29)) && in_alphabet(text.substr(29)) &&
         canonical_last(text[28], 4) == text[28] && canonical_last(text[59], 2) == text[59];
}

inline unsigned cost_of(std::string_view text) {
  return static_cast<unsigned>(text[4] - '0') * 10 + static_cast<unsigned>(text[5] - '0');
}

// 2x < 2a < 2b = 2y.
inline bool is_below(std::string_view stored, unsigned cost, char variant) {
  const std::string_view order = "xaby";
  const auto rank = [&](char c) { return c == 'y' ? order.find('b') : order.find(c); };
  return cost_of(stored) < cost || rank(stored[2]) < rank(variant);
}

}  // namespace lanecrypt::fuzz
