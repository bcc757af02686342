// What bcrypt makes of a password, by the tests' own bcrypt. See the header.
#include "secrets.hpp"

#include <array>
#include <cstring>
#include <span>
#include <stdexcept>

#include "blowfish_lanes.hpp"
#include "radix64.hpp"
#include "reference_bcrypt.hpp"

namespace lanecrypt::test {
namespace {

Setting parsed(const std::string& setting) {
  const auto parsed = Setting::parse(setting);
  if (!parsed) throw std::invalid_argument("not a setting: " + setting);
  return *parsed;
}

// P, and both ends of each S box.
template <typename Boxes>
void add_tables(Needles& needles, const std::string& name, std::span<const std::uint32_t> p, const Boxes& boxes) {
  needles.add_words(name + ", P", p);
  for (const auto& box : boxes) {
    needles.add_words(name + ", S", std::span(box).first(4));
    needles.add_words(name + ", S", std::span(box).last(4));
  }
}

std::array<std::uint32_t, 16> words_of(const std::string& digest) {
  std::array<std::uint32_t, 16> words{};
  std::memcpy(words.data(), digest.data(), sizeof words);
  for (std::uint32_t& word : words) word = __builtin_bswap32(word);
  return words;
}

}  // namespace

void add_password(Needles& needles, const std::string& name, const std::string& password) {
  needles.add_text(name, password);
  const ReferenceBcrypt reference(password.substr(0, password_max), parsed("$2b$04$abcdefghijklmnopqrstu."));
  needles.add_words(name + ", key words", reference.key());
  needles.add_register_words(name + ", a key word", reference.key());
}

void add_schedules(Needles& needles, const std::string& name, const std::string& password, const std::string& setting,
                   std::uint64_t iterations) {
  ReferenceBcrypt reference(password.substr(0, password_max), parsed(setting));
  for (std::uint64_t done = 0;; done += 16) {
    const std::string step = name + ", schedule after " + std::to_string(done) + " iterations";
    add_tables(needles, step, reference.tables().p, reference.tables().s);
    if (done == iterations) return;
    reference.iterate(16);
  }
}

void add_digest(Needles& needles, const std::string& name, const std::string& hash) {
  std::array<std::uint8_t, digest_bytes> digest{};
  if (!radix64_decode(&hash[setting_length], digest)) throw std::invalid_argument("not a hash: " + hash);
  needles.add_text(name + ", printed", std::string_view(hash).substr(setting_length));
  needles.add_text(name + ", bytes", {reinterpret_cast<const char*>(digest.data()), digest.size()});
  std::array<std::uint32_t, 5> words{};
  std::memcpy(words.data(), digest.data(), sizeof words);
  for (std::uint32_t& word : words) word = __builtin_bswap32(word);
  needles.add_words(name + ", words", words);
}

void add_pbkdf(Needles& needles, const std::string& digest, const std::string& salt) {
  needles.add_text("the password's digest", digest);
  const std::array<std::uint32_t, 16> password = words_of(digest);
  needles.add_words("the password's digest, words", password);
  needles.add_register_words("the password's digest, a word", password);
  Lanes<1> lanes{};
  std::uint32_t key[16];
  std::uint32_t salts[1][16];
  std::memcpy(key, password.data(), sizeof key);
  std::memcpy(salts[0], words_of(salt).data(), sizeof key);
  start_lane(lanes.lane[0], key);
  expand_salted(lanes, salts);
  add_tables(needles, "the salted schedule of bcrypt_pbkdf", lanes.lane[0].p, lanes.lane[0].s);
  for (int i = 0; i < 64; ++i) {
    add_key(lanes.lane[0], salts[0]);
    expand(lanes);
    add_key(lanes.lane[0], key);
    expand(lanes);
  }
  add_tables(needles, "the schedule of bcrypt_pbkdf", lanes.lane[0].p, lanes.lane[0].s);
}

}  // namespace lanecrypt::test
