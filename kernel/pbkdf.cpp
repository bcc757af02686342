// The inner hash of bcrypt_pbkdf. See the header. It differs from bcrypt in three things: the salt is a second digest
// of 64 bytes, there are always 64 iterations, and in them the salt goes before the password.
#include "pbkdf.hpp"

#include <array>
#include <memory>
#include <new>
#include <utility>

#include "blowfish_lanes.hpp"
#include "engine.hpp"
#include "secure_zero.hpp"
#include "traces.hpp"

namespace lanecrypt {
namespace {

constexpr unsigned digest_words = pbkdf_digest_bytes / 4;
constexpr unsigned block_words = pbkdf_block_bytes / 4;

// All that a group needs. Secret throughout.
template <unsigned N>
struct Group : Lanes<N> {
  std::uint32_t password[digest_words];
  std::uint32_t salt[N][digest_words];
};

void load_words(const std::uint8_t* digest, std::uint32_t (&words)[digest_words]) noexcept {
  for (std::uint32_t& word : words) {
    word = 0;
    for (int i = 0; i < 4; ++i) word = word << 8 | *digest++;
  }
}

// Least significant byte first, unlike bcrypt's digest.
void store_word(std::uint32_t word, std::uint8_t* to) noexcept {
  for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(word >> 8 * i);
}

template <unsigned N>
void schedule_keys(Group<N>& group) noexcept {
  for (Lane& lane : group.lane) start_lane(lane, group.password);
  expand_salted(group, group.salt);
  for (int i = 0; i < 64; ++i) {
    for (unsigned l = 0; l < N; ++l) add_key(group.lane[l], group.salt[l]);
    expand(group);
    for (Lane& lane : group.lane) add_key(lane, group.password);
    expand(group);
  }
}

// "OxychromaticBlowfishSwatDynamite", encrypted 64 times, is the block.
template <unsigned N>
void write_blocks(const Group<N>& group, std::uint8_t* blocks) noexcept {
  constexpr std::uint32_t text[block_words] = {0x4f787963, 0x68726f6d, 0x61746963, 0x426c6f77,
                                               0x66697368, 0x53776174, 0x44796e61, 0x6d697465};
  for (unsigned word = 0; word < block_words; word += 2) {
    Blocks<N> pair = encrypt_text<N>(group, text[word], text[word + 1]);
    const ZeroOnExit wipe(&pair, sizeof pair);
    for (unsigned l = 0; l < N; ++l) {
      store_word(pair.left[l], blocks + l * pbkdf_block_bytes + std::size_t{4} * word);
      store_word(pair.right[l], blocks + l * pbkdf_block_bytes + std::size_t{4} * word + 4);
    }
  }
}

template <unsigned N>
void hash(void* scratch, const std::uint8_t* password, const std::uint8_t* salts, std::uint8_t* blocks) noexcept {
  auto& group = *static_cast<Group<N>*>(scratch);
  load_words(password, group.password);
  for (unsigned l = 0; l < N; ++l) load_words(salts + l * pbkdf_digest_bytes, group.salt[l]);
  schedule_keys(group);
  write_blocks(group, blocks);
}

using Hash = void (*)(void* scratch, const std::uint8_t* password, const std::uint8_t* salts,
                      std::uint8_t* blocks) noexcept;

// By the number of lanes.
constexpr std::array<Hash, pbkdf_lanes> widths = []<unsigned... I>(std::integer_sequence<unsigned, I...>) {
  return std::array<Hash, pbkdf_lanes>{hash<I + 1>...};
}(std::make_integer_sequence<unsigned, pbkdf_lanes>{});

// As few groups as there can be, and these as equal as they can be: nine blocks take less time as 5 and 4 than as 8
// and 1 (the portable engine's row has the figures).
unsigned next_width(std::size_t left) noexcept {
  const std::size_t groups = (left - 1) / pbkdf_lanes + 1;
  return static_cast<unsigned>((left - 1) / groups + 1);
}

struct Delete {
  void operator()(void* scratch) const noexcept { operator delete(scratch, std::align_val_t{scratch_alignment}); }
};

}  // namespace

const std::size_t pbkdf_scratch_bytes = sizeof(Group<pbkdf_lanes>);

void pbkdf_group(void* scratch, const std::uint8_t* password, const std::uint8_t* salts, unsigned lanes,
                 std::uint8_t* blocks) noexcept {
  const TracesWipedOnExit wipe_traces;
  const ZeroOnExit wipe(scratch, pbkdf_scratch_bytes);
  widths[lanes - 1](scratch, password, salts, blocks);
}

Status pbkdf_blocks(const std::uint8_t* password, const std::uint8_t* salts, std::size_t count,
                    std::uint8_t* blocks) noexcept {
  const std::unique_ptr<void, Delete> scratch(operator new(pbkdf_scratch_bytes, std::align_val_t{scratch_alignment},
                                                           std::nothrow));
  if (scratch == nullptr) return Status::out_of_memory;
  for (std::size_t done = 0; done < count;) {
    const unsigned lanes = next_width(count - done);
    pbkdf_group(scratch.get(), password, salts + done * pbkdf_digest_bytes, lanes, blocks + done * pbkdf_block_bytes);
    done += lanes;
  }
  return Status::ok;
}

}  // namespace lanecrypt
