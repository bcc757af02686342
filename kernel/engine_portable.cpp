// The portable engine: bcrypt for 1..8 passwords in lockstep, in C++ that any compiler makes something of. With one
// lane it reads like N. Provos and D. Mazieres, "A Future-Adaptable Password Scheme", USENIX 1999. Further lanes are
// there because a Blowfish round is a chain of five dependent steps: one password leaves most of a core's pipeline
// empty.
#include <array>
#include <cstring>
#include <utility>

#include "blowfish_lanes.hpp"
#include "engine.hpp"
#include "password_key.hpp"
#include "secure_zero.hpp"

namespace lanecrypt {
namespace {

constexpr unsigned widest = 8;
constexpr unsigned digest_words = 6;

// All that a group needs. Secret throughout: the cost loop wipes scratch behind finish and on every other way out.
template <unsigned N>
struct Group : Lanes<N> {
  std::uint32_t key[N][p_words];
  std::uint32_t salt[N][4];
};

template <unsigned N>
void begin(void* scratch, std::span<const Job> jobs) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  for (unsigned l = 0; l < N; ++l) {
    PasswordKey key;
    const ZeroOnExit wipe(&key, sizeof key);
    expand_password(jobs[l], key);
    expand_salt(jobs[l].setting, group.salt[l]);
    std::memcpy(group.key[l], key.word, sizeof key.word);
    start_lane(group.lane[l], key.word);
    group.lane[l].p[0] ^= key.safety;
  }
  expand_salted(group, group.salt);
}

template <unsigned N>
void advance(void* scratch, std::uint64_t iterations) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  for (; iterations > 0; --iterations) {
    for (unsigned l = 0; l < N; ++l) add_key(group.lane[l], group.key[l]);
    expand(group);
    for (unsigned l = 0; l < N; ++l) add_key(group.lane[l], group.salt[l]);
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
    Blocks<N> block = encrypt_text<N>(group, text[word], text[word + 1]);
    const ZeroOnExit wipe_block(&block, sizeof block);
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
    .lane_bytes = sizeof(Lanes<1>::lane[0]),  // 4 S boxes of 256 words and 18 words: 4,168 bytes
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
#if defined(__aarch64__)
    // Estimated by `./dev bench neoverse` for the cores of AWS Graviton 2 to 4, whose ALUs are full with five lanes.
    .relative_time = {0, 1, 1.05, 1.16, 1.48, 1.67, 2.19, 2.68, 3.14},
#else
    // Measured by `./dev bench widths` on a core with 48 KiB L1D.
    .relative_time = {0, 1, 1.12, 1.19, 1.28, 1.40, 1.53, 1.76, 2.02},
#endif
};

}  // namespace lanecrypt
