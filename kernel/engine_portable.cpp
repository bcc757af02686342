// The portable engine: bcrypt for 1..8 passwords in lockstep, in C++ that any compiler makes something of. With one
// lane it reads like N. Provos and D. Mazieres, "A Future-Adaptable Password Scheme", USENIX 1999. Further lanes are
// there because a Blowfish round is a chain of five dependent steps: one password leaves most of a core's pipeline
// empty.
#include <array>
#include <cstring>
#include <utility>

#include "blowfish.hpp"
#include "engine.hpp"
#include "password_key.hpp"
#include "secure_zero.hpp"

namespace lanecrypt {
namespace {

constexpr unsigned widest = 8;
constexpr unsigned digest_words = 6;

// The key schedule of one password. 4,168 bytes: were it 4,096, all lanes' lines would meet in the same sets of the
// cache. Two-dimensional, because gcc 12 addresses that 8 % faster than one array with offsets.
struct Lane {
  std::uint32_t s[s_boxes][s_words];
  std::uint32_t p[p_words];
};

// All that a group needs. Secret throughout: the cost loop wipes scratch behind finish and on every other way out.
template <unsigned N>
struct Group {
  Lane lane[N];
  std::uint32_t key[N][p_words];
  std::uint32_t salt[N][4];
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
[[gnu::always_inline]] inline void two_rounds(const Group<N>& group, Blocks<N>& block, unsigned r) noexcept {
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
    block.right[l] ^= group.lane[l].p[r + 1] ^ mix(group.lane[l], block.left[l]);
  });
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
    block.left[l] ^= group.lane[l].p[r + 2] ^ mix(group.lane[l], block.right[l]);
  });
}

// Few lanes wait for each other's results and gain from rounds without a loop (one lane 7 %, five 6 %); six and more
// are bound by the number of instructions and lose 2 to 6 %, and their code is large.
template <unsigned N>
constexpr bool unroll_rounds = N <= 5;

// Blowfish on one block of every lane.
template <unsigned N, bool unroll>
[[gnu::always_inline]] inline void encrypt(const Group<N>& group, Blocks<N>& block) noexcept {
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) { block.left[l] ^= group.lane[l].p[0]; });
  if constexpr (unroll) {
    unrolled<blowfish_rounds / 2>([&](unsigned i) __attribute__((always_inline)) { two_rounds(group, block, 2 * i); });
  } else {
    for (unsigned r = 0; r < blowfish_rounds; r += 2) two_rounds(group, block, r);
  }
  unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
    const std::uint32_t left = block.left[l];
    block.left[l] = block.right[l] ^ group.lane[l].p[p_words - 1];
    block.right[l] = left;
  });
}

// The same as a function: for what is done rarely and need not be large and fast.
template <unsigned N>
[[gnu::noinline]] void encrypt_once(const Group<N>& group, Blocks<N>& block) noexcept {
  encrypt<N, false>(group, block);
}

// The P array as a chain of encryptions that starts from zero. Returns the last link.
template <unsigned N>
[[gnu::always_inline]] inline Blocks<N> expand_p(Group<N>& group) noexcept {
  Blocks<N> block{};
  for (unsigned i = 0; i < p_words; i += 2) {
    encrypt_once(group, block);
    for (unsigned l = 0; l < N; ++l) {
      group.lane[l].p[i] = block.left[l];
      group.lane[l].p[i + 1] = block.right[l];
    }
  }
  return block;
}

// The key schedule: P, and the S boxes as the rest of its chain. Nearly all of bcrypt's time is spent here.
template <unsigned N>
[[gnu::noinline]] void expand(Group<N>& group) noexcept {
  Blocks<N> block = expand_p(group);
  for (unsigned box = 0; box < s_boxes; ++box) {
    for (unsigned i = 0; i < s_words; i += 2) {
      encrypt<N, unroll_rounds<N>>(group, block);
      unrolled<N>([&](unsigned l) __attribute__((always_inline)) {
        group.lane[l].s[box][i] = block.left[l];
        group.lane[l].s[box][i + 1] = block.right[l];
      });
    }
  }
}

// Part of the first expansion: halves of the salt are xored into the chain in turn, beginning with the one that stands
// at `turn`. Lane l's words are at words(l).
template <unsigned N, typename Words>
void expand_salted(Group<N>& group, Blocks<N>& block, unsigned turn, unsigned size, Words words) noexcept {
  for (unsigned i = 0; i < size; i += 2) {
    for (unsigned l = 0; l < N; ++l) {
      block.left[l] ^= group.salt[l][(turn + i) & 2];
      block.right[l] ^= group.salt[l][((turn + i) & 2) + 1];
    }
    encrypt_once(group, block);
    for (unsigned l = 0; l < N; ++l) {
      words(l)[i] = block.left[l];
      words(l)[i + 1] = block.right[l];
    }
  }
}

template <unsigned N>
void begin(void* scratch, std::span<const Job> jobs) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  for (unsigned l = 0; l < N; ++l) {
    PasswordKey key;
    const ZeroOnExit wipe(&key, sizeof key);
    expand_password(jobs[l], key);
    expand_salt(jobs[l].setting, group.salt[l]);
    std::memcpy(group.key[l], key.word, sizeof key.word);
    std::memcpy(group.lane[l].s, blowfish_pi.s.data(), sizeof blowfish_pi.s);
    for (unsigned i = 0; i < p_words; ++i) group.lane[l].p[i] = blowfish_pi.p[i] ^ key.word[i];
    group.lane[l].p[0] ^= key.safety;
  }
  Blocks<N> block{};
  expand_salted(group, block, 0, p_words, [&](unsigned l) { return group.lane[l].p; });
  for (unsigned box = 0; box < s_boxes; ++box) {
    expand_salted(group, block, p_words + box * s_words, s_words, [&](unsigned l) { return group.lane[l].s[box]; });
  }
}

template <unsigned N>
void advance(void* scratch, std::uint64_t iterations) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  for (; iterations > 0; --iterations) {
    for (unsigned l = 0; l < N; ++l) {
      for (unsigned i = 0; i < p_words; ++i) group.lane[l].p[i] ^= group.key[l][i];
    }
    expand(group);
    for (unsigned l = 0; l < N; ++l) {
      for (unsigned i = 0; i < p_words; ++i) group.lane[l].p[i] ^= group.salt[l][i & 3];
    }
    expand(group);
  }
}

// "OrpheanBeholderScryDoubt", encrypted 64 times, is the digest.
template <unsigned N>
void finish(void* scratch, std::span<const Job> jobs) noexcept {
  constexpr std::uint32_t text[digest_words] = {0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274};
  auto& group = *static_cast<Group<N>*>(scratch);
  std::uint8_t digest[N][4 * digest_words];
  const ZeroOnExit wipe_digest(digest, sizeof digest);
  for (unsigned word = 0; word < digest_words; word += 2) {
    Blocks<N> block;
    for (unsigned l = 0; l < N; ++l) {
      block.left[l] = text[word];
      block.right[l] = text[word + 1];
    }
    for (int i = 0; i < 64; ++i) encrypt_once(group, block);
    for (unsigned l = 0; l < N; ++l) {
      for (unsigned byte = 0; byte < 4; ++byte) {
        digest[l][4 * word + byte] = static_cast<std::uint8_t>(block.left[l] >> (24 - 8 * byte));
        digest[l][4 * word + 4 + byte] = static_cast<std::uint8_t>(block.right[l] >> (24 - 8 * byte));
      }
    }
  }
  for (unsigned l = 0; l < N; ++l) {
    format_hash(jobs[l].setting, std::span<const std::uint8_t, digest_bytes>(digest[l], digest_bytes), jobs[l].hash);
  }
}

// The steps of one width, and of all widths by their number of lanes.
struct Width {
  void (*begin)(void* scratch, std::span<const Job> jobs) noexcept;
  void (*advance)(void* scratch, std::uint64_t iterations) noexcept;
  void (*finish)(void* scratch, std::span<const Job> jobs) noexcept;
};

constexpr std::array<Width, widest> widths = []<unsigned... I>(std::integer_sequence<unsigned, I...>) {
  return std::array<Width, widest>{Width{begin<I + 1>, advance<I + 1>, finish<I + 1>}...};
}(std::make_integer_sequence<unsigned, widest>{});

}  // namespace

constinit const Engine portable_engine = {
    .name = "portable",
    .lanes = widest,
    .scratch_bytes = sizeof(Group<widest>),
    .divisible = true,
    .takes_nul = true,
    .cheapest_cost = 0,
    .usable = [](const CpuFeatures&) noexcept { return true; },
    .begin = [](void* scratch, std::span<const Job> jobs) noexcept { widths[jobs.size() - 1].begin(scratch, jobs); },
    .advance = [](void* scratch, unsigned lanes,
                  std::uint64_t iterations) noexcept { widths[lanes - 1].advance(scratch, iterations); },
    .finish =
        [](void* scratch, std::span<const Job> jobs) noexcept {
          widths[jobs.size() - 1].finish(scratch, jobs);
          return true;
        },
    // Measured by `./dev bench widths` on a core with 48 KiB L1D.
    .relative_time = {0, 1, 1.09, 1.15, 1.23, 1.32, 1.52, 1.77, 2.02},
};

}  // namespace lanecrypt
