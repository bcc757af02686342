// Blowfish for several keys in lockstep, in assembly (blowfish_x86_64.inc): the key schedule that it works on, and its
// functions. Any number of lanes from 1 to 10 or 8; which of them pay is the planner's business.
#pragma once

#include <bit>
#include <cstdint>

#include "blowfish.hpp"
#include "blowfish_x86_64_layout.h"

namespace lanecrypt {

// Sixteen registers hold ten lanes. Processors whose pext is slow or missing have 32 KiB of L1 data cache, into which
// seven go.
inline constexpr unsigned x86_64_bmi2_lanes = 10;
inline constexpr unsigned x86_64_lanes = 8;

// One block, or two neighbouring words of P, of one lane: the first word (the left half) in the low 32 bits.
using WordPair = std::uint64_t;

constexpr WordPair pair_of(std::uint32_t first, std::uint32_t second) noexcept {
  return first | std::uint64_t{second} << 32;
}
constexpr WordPair exchanged(WordPair pair) noexcept { return std::rotl(pair, 32); }

// The words of P as the assembly has them: pairs[i][l] is P[2 i] and P[2 i + 1] of lane l. The last pair stands the
// other way round (P[17] in the low bits), because that saves an instruction behind the last round.
template <unsigned N>
using PairsOfP = WordPair[LANECRYPT_PAIRS][N];

// The key schedules of N lanes, and what goes into them. The boxes of a lane are 4,096 bytes and fill one way of any
// first-level data cache in use, line by line.
template <unsigned N>
struct alignas(64) LaneSchedules {
  std::uint32_t s[N][s_boxes][s_words];
  PairsOfP<N> p;
  WordPair salt[2][N];    // read by expand_salted
  std::uint32_t copy[N];  // written by all: halves of blocks on their way into F
};

static_assert(sizeof(std::uint32_t[s_boxes][s_words]) == LANECRYPT_LANE_BYTES);
static_assert(sizeof(std::uint32_t[s_words]) == LANECRYPT_BOX_BYTES);
static_assert(2 * LANECRYPT_PAIRS == p_words);

// The functions of one width, in the order in which assembly has them. `schedules` is a LaneSchedules of that width.
// They leave nothing of it in registers or on the stack, and keep what the System V ABI says must be kept.
struct WidthX86_64 {
  // The key schedule of every lane: P and the S boxes become a chain of encryptions that starts from zero.
  void (*expand)(void* schedules) noexcept;
  // The same, with the two halves of the salt xored into the links of the chain in turn.
  void (*expand_salted)(void* schedules) noexcept;
  // Encrypts blocks[l] with the schedule of lane l, `times` times (1 or more), in place.
  void (*encrypt)(void* schedules, WordPair* blocks, std::uint32_t times) noexcept;
};

extern "C" {
extern const WidthX86_64 lanecrypt_x86_64_bmi2_widths[x86_64_bmi2_lanes];  // [w - 1]: the functions of w lanes
extern const WidthX86_64 lanecrypt_x86_64_widths[x86_64_lanes];
}

}  // namespace lanecrypt
