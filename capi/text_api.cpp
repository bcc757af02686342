// The ABI's functions on text: names of statuses, the version, settings and stored hashes. Nothing here hashes.
#include <array>
#include <cstring>
#include <string_view>

#include "abi_struct.hpp"
#include "entropy.hpp"
#include "options.hpp"
#include "setting.hpp"

namespace lanecrypt::capi {
namespace {

static_assert(setting_length == LANECRYPT_SETTING_LENGTH && hash_length == LANECRYPT_HASH_LENGTH);
static_assert(password_max == LANECRYPT_PASSWORD_MAX && cost_default == LANECRYPT_COST_DEFAULT);
static_assert(cost_min == LANECRYPT_COST_MIN && cost_max == LANECRYPT_COST_MAX);

struct StatusText {
  Status status;
  const char* name;
  const char* text;
};

// In the order of their numbers, which are those of the kernel.
constexpr std::array statuses = {
    StatusText{Status::ok, "ok", "the call succeeded, or the password matches"},
    StatusText{Status::mismatch, "mismatch", "the password does not match"},
    StatusText{Status::password_too_long, "password_too_long",
               "the password is longer than 72 bytes and truncation was not asked for"},
    StatusText{Status::invalid_setting, "invalid_setting",
               "the setting is not $2[abxy]$, a cost of 04 to 31, $ and 22 characters of salt"},
    StatusText{Status::invalid_hash, "invalid_hash", "the stored hash is not a canonical bcrypt hash of 60 characters"},
    StatusText{Status::cost_too_high, "cost_too_high", "the cost is over the ceiling that was set for this call"},
    StatusText{Status::deadline, "deadline", "the deadline passed before this was finished"},
    StatusText{Status::cancelled, "cancelled", "the batch was cancelled before this was finished"},
    StatusText{Status::invalid_argument, "invalid_argument", "an argument is NULL, of a wrong size, or out of range"},
    StatusText{Status::unsupported, "unsupported", "the engine asked for cannot do this here, or a struct is newer"},
    StatusText{Status::busy, "busy", "called from inside a progress callback"},
    StatusText{Status::out_of_memory, "out_of_memory", "not enough memory"},
    StatusText{Status::no_entropy, "no_entropy", "the kernel's random generator failed"},
    StatusText{Status::internal, "internal", "no engine passed its self-test, or one failed at its work"},
};

consteval bool in_order() {
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if (static_cast<std::size_t>(statuses[i].status) != i) return false;
  }
  return true;
}
static_assert(in_order() && statuses.size() == LANECRYPT_INTERNAL + 1);
static_assert(to_abi(Status::mismatch) == LANECRYPT_MISMATCH && to_abi(Status::invalid_hash) == LANECRYPT_INVALID_HASH);
static_assert(to_abi(Status::deadline) == LANECRYPT_DEADLINE && to_abi(Status::cancelled) == LANECRYPT_CANCELLED);
static_assert(to_abi(Status::unsupported) == LANECRYPT_UNSUPPORTED && to_abi(Status::busy) == LANECRYPT_BUSY);

bool is_status(std::int32_t status) noexcept {
  return status >= 0 && static_cast<std::size_t>(status) < statuses.size();
}

}  // namespace
}  // namespace lanecrypt::capi

using namespace lanecrypt;  // the ABI's functions stand at global scope
using namespace lanecrypt::capi;

const char* lanecrypt_status_name(std::int32_t status) noexcept {
  return is_status(status) ? statuses[static_cast<std::size_t>(status)].name : "unknown";
}

const char* lanecrypt_status_text(std::int32_t status) noexcept {
  return is_status(status) ? statuses[static_cast<std::size_t>(status)].text : "not a status of this library";
}

const char* lanecrypt_version() noexcept { return LANECRYPT_VERSION_TEXT; }

lanecrypt_status lanecrypt_gensalt(std::uint32_t cost, const char* prefix,
                                   char setting[LANECRYPT_SETTING_SIZE]) noexcept {
  if (setting == nullptr) return LANECRYPT_INVALID_ARGUMENT;
  std::memset(setting, 0, LANECRYPT_SETTING_SIZE);
  const auto variant = new_variant(prefix);
  if (cost == 0) cost = cost_default;
  if (!variant || cost < cost_min || cost > cost_max) return LANECRYPT_INVALID_ARGUMENT;
  Salt salt;
  if (!draw_salt(salt)) return LANECRYPT_NO_ENTROPY;
  std::memcpy(setting, Setting::make(*variant, cost, salt).c_str(), LANECRYPT_SETTING_SIZE);
  return LANECRYPT_OK;
}

lanecrypt_status lanecrypt_parse_hash(const char* hash, std::size_t hash_length, lanecrypt_hash_info* info) noexcept {
  if (hash == nullptr || !writable_struct(info, sizeof *info)) return LANECRYPT_INVALID_ARGUMENT;
  lanecrypt_hash_info parsed = LANECRYPT_HASH_INFO_INIT;
  const auto setting = parse_hash({hash, hash_length});
  if (setting) {
    parsed.cost = setting->cost();
    parsed.prefix[0] = '2';
    parsed.prefix[1] = setting->variant();
    std::memcpy(parsed.setting, setting->c_str(), sizeof parsed.setting);
  }
  write_struct(parsed, info);
  return setting ? LANECRYPT_OK : LANECRYPT_INVALID_HASH;
}

lanecrypt_status lanecrypt_needs_rehash(const char* hash, std::size_t hash_length, std::uint32_t cost,
                                        const char* prefix, int* needs) noexcept {
  if (needs == nullptr) return LANECRYPT_INVALID_ARGUMENT;
  *needs = 0;
  const auto variant = new_variant(prefix);
  if (cost == 0) cost = cost_default;
  if (hash == nullptr || !variant || cost < cost_min || cost > cost_max) return LANECRYPT_INVALID_ARGUMENT;
  const auto setting = parse_hash({hash, hash_length});
  if (!setting) return LANECRYPT_INVALID_HASH;
  *needs = needs_rehash(*setting, cost, *variant) ? 1 : 0;
  return LANECRYPT_OK;
}
