// Blowfish with an expensive key schedule (eksblowfish) for several keys in lockstep: what bcrypt and the inner hash of
// bcrypt_pbkdf share. Included by files that are compiled at -O2 and with nothing else that differs: the linker keeps
// one copy of each function.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "blowfish.hpp"

namespace lanecrypt {

// The key schedule of one lane. 4,168 bytes: were it 4,096, all lanes' lines would meet in the same sets of the cache.
// Two-dimensional, because gcc 12 addresses that 8 % faster than one array with offsets.
struct Lane {
  std::uint32_t s[s_boxes][s_words];
  std::uint32_t p[p_words];
};

// First in the state of every group.
template <unsigned N>
struct Lanes {
  Lane lane[N];
};

// One 64-bit block for each lane.
template <unsigned N>
struct Blocks {
  std::uint32_t left[N];
  std::uint32_t right[N];
};

// Calls f(0), ..., f(N - 1) without a loop, so that arrays indexed by the lane can live in registers.
template <unsigned N, typename F>
[[gnu::always_inline]] inline void unrolled(F f) noexcept {
  [&]<unsigned... I>(std::integer_sequence<unsigned, I...>) __attribute__((always_inline)) { (f(I), ...); }
  (std::make_integer_sequence<unsigned, N>{});
}

// Blowfish's F: one byte of x into each S box.
[[gnu::always_inline]] inline std::uint32_t mix(const Lane& lane, std::uint32_t x) noexcept {
  return ((lane.s[0][x >> 24] + lane.s[1][x >> 16 & 255]) ^ lane.s[2][x >> 8 & 255]) + lane.s[3][x & 255];
}

// Rounds r + 1 and r + 2 of every lane: after two, the halves are back in their places and need not be exchanged.
template <unsigned N>
[[gnu::always_inline]] inline void two_rounds(const Lanes<N>& lanes, Blocks<N>& block, unsigned r) noexcept {
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
    block.right[l] ^= lanes.lane[l].p[r + 1] ^ mix(lanes.lane[l], block.left[l]);
  });
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
    block.left[l] ^= lanes.lane[l].p[r + 2] ^ mix(lanes.lane[l], block.right[l]);
  });
}

// Few lanes wait for each other's results and gain from rounds without a loop (one lane 7 %, five 6 %); six and more
// are bound by the number of instructions and lose 2 to 6 %, and their code is large. On x86-64 all of this stands
// behind assembly, and what is large is left out.
#if defined(__x86_64__)
inline constexpr unsigned unrolled_lanes = 1;
#else
inline constexpr unsigned unrolled_lanes = 5;
#endif
template <unsigned N>
constexpr bool unroll_rounds = N <= unrolled_lanes;

// Blowfish on one block of every lane.
template <unsigned N, bool unroll>
[[gnu::always_inline]] inline void encrypt(const Lanes<N>& lanes, Blocks<N>& block) noexcept {
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) { block.left[l] ^= lanes.lane[l].p[0]; });
  if constexpr (unroll) {
    unrolled<blowfish_rounds / 2>([&](unsigned i) __attribute__((always_inline)) { two_rounds(lanes, block, 2 * i); });
  } else {
    for (unsigned r = 0; r < blowfish_rounds; r += 2) two_rounds(lanes, block, r);
  }
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
    const std::uint32_t left = block.left[l];
    block.left[l] = block.right[l] ^ lanes.lane[l].p[p_words - 1];
    block.right[l] = left;
  });
}

// The same as a function: for what is done rarely and need not be large and fast.
template <unsigned N>
[[gnu::noinline]] void encrypt_once(const Lanes<N>& lanes, Blocks<N>& block) noexcept {
  encrypt<N, false>(lanes, block);
}

// The P array as a chain of encryptions that starts from zero. Returns the last link.
template <unsigned N>
[[gnu::always_inline]] inline Blocks<N> expand_p(Lanes<N>& lanes) noexcept {
  Blocks<N> block{};
  for (unsigned i = 0; i < p_words; i += 2) {
    encrypt_once(lanes, block);
    for (unsigned l = 0; l < N; ++l) {
      lanes.lane[l].p[i] = block.left[l];
      lanes.lane[l].p[i + 1] = block.right[l];
    }
  }
  return block;
}

// The key schedule: P, and the S boxes as the rest of its chain. Nearly all of bcrypt's time is spent here.
template <unsigned N>
[[gnu::noinline]] void expand(Lanes<N>& lanes) noexcept {
  Blocks<N> block = expand_p(lanes);
  for (unsigned box = 0; box < s_boxes; ++box) {
    for (unsigned i = 0; i < s_words; i += 2) {
      encrypt<N, unroll_rounds<N>>(lanes, block);
      unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
        lanes.lane[l].s[box][i] = block.left[l];
        lanes.lane[l].s[box][i + 1] = block.right[l];
      });
    }
  }
}

// Xors a key into P, over and over from its first word on.
template <unsigned words>
inline void add_key(Lane& lane, const std::uint32_t (&key)[words]) noexcept {
  for (unsigned i = 0; i < p_words; ++i) lane.p[i] ^= key[i % words];
}

// The state before the first expansion: the digits of pi, and the key.
template <unsigned words>
inline void start_lane(Lane& lane, const std::uint32_t (&key)[words]) noexcept {
  std::memcpy(lane.s, blowfish_pi.s.data(), sizeof lane.s);
  std::memcpy(lane.p, blowfish_pi.p.data(), sizeof lane.p);
  add_key(lane, key);
}

// Part of the first expansion: pairs of the salt's words are xored into the chain in turn, beginning with the one that
// stands at `turn`. Lane l's words are at target(l).
template <unsigned N, unsigned salt_words, typename Target>
void expand_salted_part(Lanes<N>& lanes, const std::uint32_t (&salt)[N][salt_words], Blocks<N>& block, unsigned turn,
                        unsigned size, Target target) noexcept {
  static_assert(salt_words % 2 == 0);
  for (unsigned i = 0; i < size; i += 2) {
    const unsigned pair = (turn + i) % salt_words;
    for (unsigned l = 0; l < N; ++l) {
      block.left[l] ^= salt[l][pair];
      block.right[l] ^= salt[l][pair + 1];
    }
    encrypt_once(lanes, block);
    for (unsigned l = 0; l < N; ++l) {
      target(l)[i] = block.left[l];
      target(l)[i + 1] = block.right[l];
    }
  }
}

// The first expansion: P and the S boxes as one chain with the salt in it.
template <unsigned N, unsigned salt_words>
void expand_salted(Lanes<N>& lanes, const std::uint32_t (&salt)[N][salt_words]) noexcept {
  Blocks<N> block{};
  expand_salted_part(lanes, salt, block, 0, p_words, [&](unsigned l) { return lanes.lane[l].p; });
  for (unsigned box = 0; box < s_boxes; ++box) {
    expand_salted_part(lanes, salt, block, p_words + box * s_words, s_words,
                       [&](unsigned l) { return lanes.lane[l].s[box]; });
  }
}

// The same 64-bit text in every lane, encrypted 64 times.
template <unsigned N>
Blocks<N> encrypt_text(const Lanes<N>& lanes, std::uint32_t left, std::uint32_t right) noexcept {
  Blocks<N> block;
  for (unsigned l = 0; l < N; ++l) {
    block.left[l] = left;
    block.right[l] = right;
  }
  for (int i = 0; i < 64; ++i) encrypt_once(lanes, block);
  return block;
}

}  // namespace lanecrypt
