// Settings: what is accepted is exactly what the second opinion of grammar.hpp accepts, in the kernel and through the
// ABI; what is accepted keeps its characters, but for the unused bits of the last.
#include <lanecrypt/lanecrypt.h>

#include <string>

#include "check.hpp"
#include "grammar.hpp"
#include "setting.hpp"

namespace lanecrypt::fuzz {
namespace {

void check_accepted(std::string_view text, const Setting& setting) {
  std::string normalised(text);
  normalised.back() = canonical_last(normalised.back(), 4);
  check(setting.text() == normalised, "a setting keeps its characters");
  check(setting.c_str()[setting_length] == '\0', "a setting ends in NUL");
  check(setting.cost() == cost_of(text) && setting.variant() == text[2], "cost and variant are the text's");
  const auto again = Setting::parse(setting.text());
  check(again && again->text() == normalised, "parsing what was formatted changes nothing");
  const Setting made = Setting::make(setting.variant(), setting.cost(), setting.salt());
  check(made.text() == normalised, "a setting is its variant, cost and salt");
}

// The same rules where programs meet them. A whole hash is taken as the setting that it begins with.
void check_abi(std::string_view text) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.max_cost = LANECRYPT_COST_MAX;
  char hash[LANECRYPT_HASH_SIZE];
  const lanecrypt_status status = lanecrypt_hash("pw", 2, text.data(), text.size(), &options, hash);
  const bool expected = is_setting(text) || is_hash(text);
  check(status == (expected ? LANECRYPT_OK : LANECRYPT_INVALID_SETTING), "lanecrypt_hash takes settings and hashes");
  const std::string_view written(hash, LANECRYPT_HASH_SIZE);
  if (!expected) return check(written == std::string(LANECRYPT_HASH_SIZE, '\0'), "a refused setting leaves no hash");
  check(is_hash(written.substr(0, 60)) && written[60] == '\0', "a hash is whole");
  check(written.substr(0, 28) == text.substr(0, 28), "a hash begins with its setting");
}

}  // namespace
}  // namespace lanecrypt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lanecrypt;
  const std::string_view text = size == 0 ? "" : fuzz::text_of(data, size);
  const auto setting = Setting::parse(text);
  fuzz::check(setting.has_value() == fuzz::is_setting(text), "Setting::parse accepts what the grammar does");
  const bool cheap = Setting::parse_for_self_test(text).has_value();
  fuzz::check(cheap == fuzz::is_setting(text, 0), "the self-test's settings are the grammar's with costs from 00 on");
  if (setting) fuzz::check_accepted(text, *setting);
  fuzz::check_abi(text);
  return 0;
}
