// A password as the 18 words that bcrypt xors into P, in the dialects a, b, x and y. All engines of our own start here.
#pragma once

#include <cstdint>

#include "blowfish.hpp"
#include "job.hpp"

namespace lanecrypt {

struct PasswordKey {
  std::uint32_t word[p_words];  // xored into P before every expansion
  std::uint32_t safety;         // xored into the first word of the initial P only; zero but for some $2a$ passwords
};

// The password and one NUL, over and over, read as big-endian words.
// $2x$ repeats a bug of crypt_blowfish before 1.1: bytes were sign-extended, so one over 0x7f overwrote those before it
// in its word. $2a$ has that project's countermeasure: where the bug would have changed the key in a way that could
// make two passwords collide, one bit of the initial state is flipped, so that no such collision carries over
// (CVE-2011-2483).
void expand_password(const Job& job, PasswordKey& key) noexcept;

// The salt as four big-endian words.
void expand_salt(const Setting& setting, std::uint32_t (&words)[4]) noexcept;

}  // namespace lanecrypt
