// A password as key words. See the header.
#include "password_key.hpp"

namespace lanecrypt {
namespace {

// Password bytes without end: after the last comes a NUL, after that the first again.
class Repeated {
 public:
  explicit Repeated(const Job& job) noexcept : job_(job) {}

  std::uint8_t next() noexcept {
    if (at_ == job_.password_length) {
      at_ = 0;
      return 0;
    }
    return job_.password[at_++];
  }

 private:
  const Job& job_;
  std::size_t at_ = 0;
};

constexpr std::uint32_t sign_extended(std::uint8_t byte) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int8_t>(byte)));
}

}  // namespace

void expand_password(const Job& job, PasswordKey& key) noexcept {
  Repeated bytes(job);
  std::uint32_t difference = 0;   // bits in which the right words and the buggy ones differ anywhere
  std::uint32_t overwriting = 0;  // bit 7: a byte with its top bit set stands where it can overwrite others
  for (std::uint32_t& word : key.word) {
    std::uint32_t right = 0;
    std::uint32_t buggy = 0;
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t byte = bytes.next();
      right = right << 8 | byte;
      buggy = buggy << 8 | sign_extended(byte);
      if (i > 0) overwriting |= byte & 0x80U;  // before the first byte of a word there is nothing to overwrite
    }
    difference |= right ^ buggy;
    word = job.setting.variant() == 'x' ? buggy : right;
  }
  // Such a byte is there, and yet it overwrote only bits that were set already: the collision that the bit is for.
  // Computed without a branch on the password.
  const std::uint32_t any = ((difference >> 16 | difference) & 0xffff) + 0xffff;  // bit 16: there is a difference
  const std::uint32_t flip = overwriting << 9 & ~any & 0x10000;
  key.safety = job.setting.variant() == 'a' ? flip : 0;
}

void expand_salt(const Setting& setting, std::uint32_t (&words)[4]) noexcept {
  const Salt salt = setting.salt();
  for (std::size_t i = 0; i < 4; ++i) {
    words[i] = std::uint32_t{salt[4 * i]} << 24 | std::uint32_t{salt[4 * i + 1]} << 16 |
               std::uint32_t{salt[4 * i + 2]} << 8 | salt[4 * i + 3];
  }
}

}  // namespace lanecrypt
