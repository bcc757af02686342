// bcrypt for one password, written down from the papers as plainly as it goes and sharing nothing with kernel/ but the
// digits of pi and the grammar of settings. Slow. It computes costs below 4, which no library does, and so is the judge
// of the self-test's answers; it is itself judged by the vectors.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "blowfish.hpp"
#include "radix64.hpp"
#include "setting.hpp"

namespace lanecrypt::test {

class ReferenceBcrypt {
 public:
  using Words = std::uint32_t[p_words];

  static std::string hash(const std::string& password, const Setting& setting) {
    ReferenceBcrypt state(password, setting);
    state.iterate(iterations(setting.cost()));
    return std::string(setting.text()) + state.digest();
  }

  // For tests that want the state on its way: here after the expansion with the salt.
  ReferenceBcrypt(const std::string& password, const Setting& setting) { start(password, setting); }
  void iterate(std::uint64_t count) {
    for (; count > 0; --count) {
      expand(key_, false);
      expand(salt_key_, false);
    }
  }
  const BlowfishTables& tables() const { return table_; }
  const Words& key() const { return key_; }

 private:
  void start(const std::string& password, const Setting& setting) {
    const std::string text = password + std::string(1, '\0');
    bool overwrites = false;
    bool differs = false;
    for (unsigned word = 0; word < p_words; ++word) {
      std::uint32_t right = 0;
      std::uint32_t extended = 0;
      for (unsigned i = 0; i < 4; ++i) {
        const auto byte = static_cast<unsigned char>(text[(4 * word + i) % text.size()]);
        right = right << 8 | byte;
        extended = extended << 8 | (byte >= 0x80 ? 0xffffff00U | byte : byte);
        overwrites = overwrites || (i > 0 && byte >= 0x80);
      }
      differs = differs || right != extended;
      key_[word] = setting.variant() == 'x' ? extended : right;
    }
    const Salt salt = setting.salt();
    for (unsigned word = 0; word < p_words; ++word) {
      salt_key_[word] = 0;
      for (unsigned i = 0; i < 4; ++i) salt_key_[word] = salt_key_[word] << 8 | salt[(4 * word + i) % salt.size()];
    }
    if (setting.variant() == 'a' && overwrites && !differs) table_.p[0] ^= 0x10000;
    expand(key_, true);
  }

  void expand(const Words& key, bool with_salt) {
    for (unsigned i = 0; i < p_words; ++i) table_.p[i] ^= key[i];
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    unsigned turn = 0;
    const auto next = [&](std::uint32_t& first, std::uint32_t& second) {
      if (with_salt) {
        left ^= salt_key_[turn];
        right ^= salt_key_[turn + 1];
        turn = 2 - turn;
      }
      encrypt(left, right);
      first = left;
      second = right;
    };
    for (unsigned i = 0; i < p_words; i += 2) next(table_.p[i], table_.p[i + 1]);
    for (auto& box : table_.s) {
      for (unsigned i = 0; i < s_words; i += 2) next(box[i], box[i + 1]);
    }
  }

  void encrypt(std::uint32_t& left, std::uint32_t& right) const {
    for (unsigned round = 0; round < blowfish_rounds; ++round) {
      left ^= table_.p[round];
      const auto& s = table_.s;
      right ^= ((s[0][left >> 24] + s[1][left >> 16 & 255]) ^ s[2][left >> 8 & 255]) + s[3][left & 255];
      std::swap(left, right);
    }
    std::swap(left, right);
    right ^= table_.p[16];
    left ^= table_.p[17];
  }

  std::string digest() const {
    std::string text = "OrpheanBeholderScryDoubt";
    for (std::size_t at = 0; at < text.size(); at += 8) {
      std::uint32_t half[2] = {};
      for (std::size_t i = 0; i < 8; ++i) half[i / 4] = half[i / 4] << 8 | static_cast<unsigned char>(text[at + i]);
      for (int i = 0; i < 64; ++i) encrypt(half[0], half[1]);
      for (std::size_t i = 0; i < 8; ++i) text[at + i] = static_cast<char>(half[i / 4] >> (24 - 8 * (i % 4)));
    }
    std::string characters(31, '?');
    radix64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), digest_bytes}, characters.data());
    return characters;
  }

  BlowfishTables table_ = blowfish_pi;
  Words key_{};
  Words salt_key_{};
};

}  // namespace lanecrypt::test
