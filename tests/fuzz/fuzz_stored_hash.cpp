// Stored hashes: accepted exactly where grammar.hpp's second opinion accepts them, by the kernel, by the ABI's text
// functions and by a verification; what the parts of an accepted one are put together to is the text itself.
#include <lanecrypt/lanecrypt.h>

#include <array>
#include <numeric>
#include <string>

#include "check.hpp"
#include "grammar.hpp"
#include "radix64.hpp"
#include "setting.hpp"

namespace lanecrypt::fuzz {
namespace {

void check_accepted(std::string_view text, const Setting& setting) {
  check(setting.text() == text.substr(0, setting_length), "the setting is the hash's beginning");
  std::array<std::uint8_t, digest_bytes> digest;
  check(radix64_decode(text.data() + setting_length, digest), "a digest is in the alphabet");
  HashText formatted;
  format_hash(setting, digest, formatted.data());
  check(std::string_view(formatted.data(), formatted.size()) == text, "formatting what was parsed changes nothing");
}

void check_info(std::string_view text, bool expected) {
  lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
  const lanecrypt_status status = lanecrypt_parse_hash(text.data(), text.size(), &info);
  check(status == (expected ? LANECRYPT_OK : LANECRYPT_INVALID_HASH), "lanecrypt_parse_hash judges as the grammar");
  const std::string_view setting(info.setting, LANECRYPT_SETTING_SIZE);
  if (!expected) return check(info.cost == 0 && setting == std::string(30, '\0'), "what is no hash says nothing");
  check(info.cost == cost_of(text) && std::string_view(info.prefix) == text.substr(1, 2), "cost and prefix");
  check(setting.substr(0, 29) == text.substr(0, 29) && setting[29] == '\0', "the setting and a NUL");
}

// Against one cost and prefix of all that there are and some that are none, as the text has it.
void check_needs_rehash(std::string_view text, bool expected) {
  constexpr std::array<const char*, 5> prefixes = {"2b", "2a", "2y", "2x", ""};
  const unsigned sum =
      std::accumulate(text.begin(), text.end(), 0U, [](unsigned s, char c) { return s * 31 + (c & 0x7f); });
  const char* const prefix = prefixes[sum % prefixes.size()];
  const unsigned cost = 3 + sum / 5 % 30;  // 3 and 32 are out of range
  const bool asked_well = cost >= 4 && cost <= 31 && std::string_view("2b2a2y").find(prefix) % 2 == 0 && *prefix != 0;
  const lanecrypt_status judged = expected ? LANECRYPT_OK : LANECRYPT_INVALID_HASH;
  int needs = 2;
  const lanecrypt_status status = lanecrypt_needs_rehash(text.data(), text.size(), cost, prefix, &needs);
  check(status == (asked_well ? judged : LANECRYPT_INVALID_ARGUMENT), "lanecrypt_needs_rehash judges as the grammar");
  check(needs == (status == LANECRYPT_OK && is_below(text, cost, prefix[1]) ? 1 : 0), "and tells what is below");
}

void check_verify(std::string_view text, bool expected) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.max_cost = LANECRYPT_COST_MAX;
  const lanecrypt_status status = lanecrypt_verify("pw", 2, text.data(), text.size(), &options);
  const bool verified = status == LANECRYPT_OK || status == LANECRYPT_MISMATCH;
  check(expected ? verified : status == LANECRYPT_INVALID_HASH, "a verification judges as the grammar");
  if (!expected) return;
  char hash[LANECRYPT_HASH_SIZE];
  check(lanecrypt_hash("pw", 2, text.data(), text.size(), &options, hash) == LANECRYPT_OK, "a hash is a setting too");
  check((status == LANECRYPT_OK) == (text == std::string_view(hash, 60)), "what matches is what hashing gives");
  check(lanecrypt_verify("pw", 2, hash, 60, &options) == LANECRYPT_OK, "and that does match");
}

}  // namespace
}  // namespace lanecrypt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lanecrypt;
  const std::string_view text = size == 0 ? "" : fuzz::text_of(data, size);
  const bool expected = fuzz::is_hash(text);
  const auto setting = parse_hash(text);
  fuzz::check(setting.has_value() == expected, "parse_hash accepts what the grammar does");
  if (setting) fuzz::check_accepted(text, *setting);
  fuzz::check_info(text, expected);
  fuzz::check_needs_rehash(text, expected);
  fuzz::check_verify(text, expected);
  return 0;
}
