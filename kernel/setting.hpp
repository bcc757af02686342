// The grammar of bcrypt settings and hashes: $2b$10$, 22 characters of salt, 31 characters of digest. Nothing here
// hashes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lanecrypt {

inline constexpr std::size_t salt_bytes = 16;
inline constexpr std::size_t digest_bytes = 23;  // of 24: the last byte was never printed
inline constexpr std::size_t setting_length = 29;
inline constexpr std::size_t hash_length = 60;
inline constexpr std::size_t password_max = 72;
inline constexpr unsigned cost_min = 4;
inline constexpr unsigned cost_max = 31;
inline constexpr unsigned cost_default = 12;

using Salt = std::array<std::uint8_t, salt_bytes>;
using HashText = std::array<char, hash_length>;

// A checked setting, kept as its 29 characters and a NUL. That text is the only copy of cost, variant and salt, and it
// goes to crypt_r as it stands. A Setting only ever holds text that the grammar accepts.
class Setting {
 public:
  Setting() noexcept = default;  // "$2b$04$......................": arrays of jobs are made before they are filled

  // Accepts exactly $2[abxy]$ + 04..31 + $ + 22 characters of salt. Unused low bits of the last salt character are set
  // to zero, as libxcrypt does.
  static std::optional<Setting> parse(std::string_view text) noexcept;

  // As parse, but takes costs 00 to 03 too: 1 to 8 iterations, for the self-test. No border accepts such a setting.
  static std::optional<Setting> parse_for_self_test(std::string_view text) noexcept;

  // cost is cost_min..cost_max and variant one of a, b, x, y: the caller has checked both.
  static Setting make(char variant, unsigned cost, const Salt& salt) noexcept;

  unsigned cost() const noexcept;                     // 4..31
  char variant() const noexcept { return text_[2]; }  // a, b, x or y
  Salt salt() const noexcept;
  std::string_view text() const noexcept { return {text_.data(), setting_length}; }
  const char* c_str() const noexcept { return text_.data(); }

 private:
  static std::optional<Setting> parse_from(std::string_view text, unsigned lowest_cost) noexcept;

  std::array<char, setting_length + 1> text_ = std::to_array("$2b$04$......................");
};

// Main loop iterations of a cost: 2^cost, as 64 bits. Three public CVEs are a 32-bit 1 << 31.
constexpr std::uint64_t iterations(unsigned cost) noexcept { return std::uint64_t{1} << cost; }

// The setting of a stored hash, where the hash is 60 characters, in the grammar, and canonical: the unused low bits of
// the last salt and digest characters are zero.
std::optional<Setting> parse_hash(std::string_view hash) noexcept;

// Writes setting and digest as the hash_length characters of a hash, without a NUL.
void format_hash(const Setting& setting, std::span<const std::uint8_t, digest_bytes> digest, char* hash) noexcept;

// True if hashes of the setting are below what is asked for: a lower cost or an older variant (x < a < b = y).
bool needs_rehash(const Setting& setting, unsigned cost, char variant) noexcept;

}  // namespace lanecrypt
