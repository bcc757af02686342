// The engines x86_64_bmi2 and x86_64: bcrypt for 1..10 and 1..8 passwords in lockstep around Blowfish in assembly. Both
// are the same text but for three of its steps; blowfish_x86_64.inc has it, and the reasons of its schedule.
#include <array>
#include <cstring>
#include <utility>

#include "blowfish_x86_64.hpp"
#include "cpu.hpp"
#include "engine.hpp"
#include "password_key.hpp"
#include "secure_zero.hpp"

namespace lanecrypt {
namespace {

constexpr unsigned digest_words = 6;

// All that a group needs. Secret throughout: the cost loop wipes scratch behind finish and on every other way out.
template <unsigned N>
struct Group : LaneSchedules<N> {
  PairsOfP<N> key;  // xored into P, in turn with the salt
};

// Puts words into the lane's column of pairs, over and over from the first on.
template <unsigned N, unsigned words>
void spread(PairsOfP<N>& pairs, unsigned lane, const std::uint32_t (&word)[words]) noexcept {
  for (unsigned i = 0; i < LANECRYPT_PAIRS; ++i) {
    pairs[i][lane] = pair_of(word[2 * i % words], word[(2 * i + 1) % words]);
  }
  pairs[LANECRYPT_PAIRS - 1][lane] = exchanged(pairs[LANECRYPT_PAIRS - 1][lane]);
}

template <unsigned N>
void add_key(Group<N>& group) noexcept {
  for (unsigned i = 0; i < LANECRYPT_PAIRS; ++i) {
    for (unsigned l = 0; l < N; ++l) group.p[i][l] ^= group.key[i][l];
  }
}

template <unsigned N>
void add_salt(Group<N>& group) noexcept {
  constexpr unsigned last = LANECRYPT_PAIRS - 1;
  for (unsigned i = 0; i < last; ++i) {
    for (unsigned l = 0; l < N; ++l) group.p[i][l] ^= group.salt[i % 2][l];
  }
  for (unsigned l = 0; l < N; ++l) group.p[last][l] ^= exchanged(group.salt[last % 2][l]);
}

template <unsigned N>
void begin(const WidthX86_64& width, void* scratch, std::span<const Job> jobs) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  for (unsigned l = 0; l < N; ++l) {
    PasswordKey key;
    const ZeroOnExit wipe(&key, sizeof key);
    expand_password(jobs[l], key);
    spread<N>(group.key, l, key.word);
    std::uint32_t salt[4];
    expand_salt(jobs[l].setting, salt);
    group.salt[0][l] = pair_of(salt[0], salt[1]);
    group.salt[1][l] = pair_of(salt[2], salt[3]);
    std::memcpy(group.s[l], blowfish_pi.s.data(), sizeof group.s[l]);
    std::uint32_t pi[p_words];
    std::memcpy(pi, blowfish_pi.p.data(), sizeof pi);
    spread<N>(group.p, l, pi);
    group.p[0][l] ^= key.safety;
  }
  add_key(group);
  width.expand_salted(&group);
}

template <unsigned N>
void advance(const WidthX86_64& width, void* scratch, std::uint64_t iterations) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  for (; iterations > 0; --iterations) {
    add_key(group);
    width.expand(&group);
    add_salt(group);
    width.expand(&group);
  }
}

// "OrpheanBeholderScryDoubt", encrypted 64 times, is the digest.
template <unsigned N>
void finish(const WidthX86_64& width, void* scratch, std::span<const Job> jobs) noexcept {
  constexpr std::uint32_t text[digest_words] = {0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274};
  auto& group = *static_cast<Group<N>*>(scratch);
  std::uint8_t digest[N][4 * digest_words];
  WordPair block[N];
  const ZeroOnExit wipe_digest(digest, sizeof digest);
  const ZeroOnExit wipe_block(block, sizeof block);
  for (unsigned word = 0; word < digest_words; word += 2) {
    for (WordPair& b : block) b = pair_of(text[word], text[word + 1]);
    width.encrypt(&group, block, 64);
    for (unsigned l = 0; l < N; ++l) {
      for (unsigned byte = 0; byte < 8; ++byte) {  // each half from its highest byte down
        digest[l][4 * word + byte] = static_cast<std::uint8_t>(block[l] >> (8 * (byte ^ 3)));
      }
    }
  }
  for (unsigned l = 0; l < N; ++l) {
    format_hash(jobs[l].setting, std::span<const std::uint8_t, digest_bytes>(digest[l], digest_bytes), jobs[l].hash);
  }
}

// The steps of one width, and of all widths by their number of lanes.
struct Steps {
  void (*begin)(const WidthX86_64& width, void* scratch, std::span<const Job> jobs) noexcept;
  void (*advance)(const WidthX86_64& width, void* scratch, std::uint64_t iterations) noexcept;
  void (*finish)(const WidthX86_64& width, void* scratch, std::span<const Job> jobs) noexcept;
};

constexpr std::array<Steps, x86_64_bmi2_lanes> steps = []<unsigned... I>(std::integer_sequence<unsigned, I...>) {
  return std::array<Steps, x86_64_bmi2_lanes>{Steps{begin<I + 1>, advance<I + 1>, finish<I + 1>}...};
}(std::make_integer_sequence<unsigned, x86_64_bmi2_lanes>{});

// An engine around one table of functions.
template <const WidthX86_64* widths, unsigned lanes>
constexpr Engine engine_around(const char* name, bool (*usable)(const CpuFeatures&) noexcept,
                               const std::array<double, lanes_max + 1>& relative_time) noexcept {
  return {
      .name = name,
      .lanes = lanes,
      .scratch_bytes = sizeof(Group<lanes>),
      .lane_bytes = sizeof(std::uint32_t[s_boxes][s_words]) + sizeof(std::uint32_t[p_words]),  // 4,168
      .divisible = true,
      .takes_nul = true,
      .cheapest_cost = 0,
      .usable = usable,
      .begin =
          [](void* scratch, std::span<const Job> jobs) noexcept {
            steps[jobs.size() - 1].begin(widths[jobs.size() - 1], scratch, jobs);
          },
      .advance =
          [](void* scratch, unsigned width, std::uint64_t iterations) noexcept {
            steps[width - 1].advance(widths[width - 1], scratch, iterations);
          },
      .finish =
          [](void* scratch, std::span<const Job> jobs) noexcept {
            steps[jobs.size() - 1].finish(widths[jobs.size() - 1], scratch, jobs);
            return true;
          },
      .relative_time = relative_time,
  };
}

}  // namespace

// Times of both by `./dev bench widths` on a core with 48 KiB L1D. Where pext is microcode, shifts are faster.
constinit const Engine x86_64_bmi2_engine = engine_around<lanecrypt_x86_64_bmi2_widths, x86_64_bmi2_lanes>(
    "x86_64_bmi2", [](const CpuFeatures& cpu) noexcept { return cpu.fast_pext; },
    {0, 1, 1.04, 1.08, 1.14, 1.25, 1.40, 1.60, 1.79, 1.96, 2.08});

constinit const Engine x86_64_engine = engine_around<lanecrypt_x86_64_widths, x86_64_lanes>(
    "x86_64", [](const CpuFeatures&) noexcept { return true; }, {0, 1, 1.05, 1.09, 1.16, 1.25, 1.42, 1.65, 1.89});

}  // namespace lanecrypt
