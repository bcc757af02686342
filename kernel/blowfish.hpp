// The constants of Blowfish: the initial P array and S boxes, which are the hexadecimal digits of pi behind its point.
// B. Schneier, "Description of a New Variable-Length Key, 64-Bit Block Cipher (Blowfish)", FSE 1993.
#pragma once

#include <array>
#include <cstdint>

namespace lanecrypt {

inline constexpr unsigned blowfish_rounds = 16;
inline constexpr unsigned p_words = blowfish_rounds + 2;
inline constexpr unsigned s_boxes = 4;
inline constexpr unsigned s_words = 256;

struct BlowfishTables {
  std::array<std::uint32_t, p_words> p;
  std::array<std::array<std::uint32_t, s_words>, s_boxes> s;
};

extern const BlowfishTables blowfish_pi;

}  // namespace lanecrypt
