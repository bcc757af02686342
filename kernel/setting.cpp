// The grammar of bcrypt settings and hashes. See the header.
#include "setting.hpp"

#include <algorithm>

#include "radix64.hpp"

namespace lanecrypt {
namespace {

constexpr std::size_t salt_at = 7;  // behind "$2b$10$"

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_variant(char c) noexcept { return c == 'a' || c == 'b' || c == 'x' || c == 'y'; }

constexpr unsigned two_digits(const char* text) noexcept {
  return static_cast<unsigned>(text[0] - '0') * 10 + static_cast<unsigned>(text[1] - '0');
}

// y is PHP's name for what OpenBSD calls b; x has the sign-extension bug; a has the safety bit.
constexpr int rank(char variant) noexcept { return variant == 'x' ? 0 : variant == 'a' ? 1 : 2; }

bool is_prefix(std::string_view text, unsigned lowest_cost) noexcept {
  if (text[0] != '$' || text[1] != '2' || !is_variant(text[2]) || text[3] != '$') return false;
  if (!is_digit(text[4]) || !is_digit(text[5]) || text[6] != '$') return false;
  const unsigned cost = two_digits(&text[4]);
  return cost >= lowest_cost && cost <= cost_max;
}

}  // namespace

std::optional<Setting> Setting::parse_from(std::string_view text, unsigned lowest_cost) noexcept {
  if (text.size() != setting_length || !is_prefix(text, lowest_cost)) return std::nullopt;
  Salt salt;
  if (!radix64_decode(&text[salt_at], salt)) return std::nullopt;
  return make(text[2], two_digits(&text[4]), salt);  // not a copy of text: this clears the unused bits
}

Setting Setting::make(char variant, unsigned cost, const Salt& salt) noexcept {
  Setting setting;
  setting.text_[2] = variant;
  setting.text_[4] = static_cast<char>('0' + cost / 10);
  setting.text_[5] = static_cast<char>('0' + cost % 10);
  radix64_encode(salt, &setting.text_[salt_at]);
  return setting;
}

std::optional<Setting> Setting::parse(std::string_view text) noexcept { return parse_from(text, cost_min); }

std::optional<Setting> Setting::parse_for_self_test(std::string_view text) noexcept { return parse_from(text, 0); }

unsigned Setting::cost() const noexcept { return two_digits(&text_[4]); }

Salt Setting::salt() const noexcept {
  Salt salt;
  radix64_decode(&text_[salt_at], salt);
  return salt;
}

std::optional<Setting> parse_hash(std::string_view hash) noexcept {
  if (hash.size() != hash_length) return std::nullopt;
  const auto setting = Setting::parse(hash.substr(0, setting_length));
  if (!setting) return std::nullopt;
  std::array<std::uint8_t, digest_bytes> digest;
  if (!radix64_decode(&hash[setting_length], digest)) return std::nullopt;
  HashText canonical;
  format_hash(*setting, digest, canonical.data());
  if (!std::equal(hash.begin(), hash.end(), canonical.begin())) return std::nullopt;
  return setting;
}

void format_hash(const Setting& setting, std::span<const std::uint8_t, digest_bytes> digest, char* hash) noexcept {
  std::copy(setting.text().begin(), setting.text().end(), hash);
  radix64_encode(digest, &hash[setting_length]);
}

bool needs_rehash(const Setting& setting, unsigned cost, char variant) noexcept {
  return setting.cost() < cost || rank(setting.variant()) < rank(variant);
}

}  // namespace lanecrypt
