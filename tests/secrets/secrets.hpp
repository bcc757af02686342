// The secrets of these tests, and everything that bcrypt makes of them. The program that is looked at has them only
// while it hashes: it makes them anew, byte by byte, from a number.
#pragma once

#include <cstdint>
#include <string>

#include "needles.hpp"

namespace lanecrypt::test {

// Bytes 1..255 from a number. volatile: one byte at a time is all that this leaves anywhere.
inline void fill_secret(volatile unsigned char* to, std::size_t size, std::uint32_t number) {
  std::uint32_t state = number * 2654435761U;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525U + 1013904223U;
    to[i] = static_cast<unsigned char>(1 + (state >> 16) % 255);
  }
}

inline std::string make_secret(std::size_t size, std::uint32_t number) {
  std::string secret(size, '\0');
  fill_secret(reinterpret_cast<volatile unsigned char*>(secret.data()), size, number);
  return secret;
}

// Every job has one of these two, in turn. The long one has 72 bytes and more that are cut off.
inline constexpr std::uint32_t long_number = 1;
inline constexpr std::uint32_t short_number = 2;
inline constexpr std::uint32_t digest_number = 3;  // the password's digest of bcrypt_pbkdf
inline constexpr std::uint32_t salt_number = 4;    // and the salts'
inline constexpr std::size_t long_bytes = 80;
inline constexpr std::size_t short_bytes = 13;
inline constexpr char long_salt[] = "$2b$%02u$abcdefghijklmnopqrstu.";
inline constexpr char short_salt[] = "$2b$%02u$zyxwvutsrqponmlkjihgfe";

// The password in any eight bytes, and its key words.
void add_password(Needles& needles, const std::string& name, const std::string& password);

// The key schedule after the expansion with the salt and after every 16 iterations from there: the steps at which a
// batch may be stopped. iterations: a multiple of 16.
void add_schedules(Needles& needles, const std::string& name, const std::string& password, const std::string& setting,
                   std::uint64_t iterations);

// The digest of a hash, as text, bytes and words.
void add_digest(Needles& needles, const std::string& name, const std::string& hash);

// The inner hash of bcrypt_pbkdf: the digest, the schedule before and behind its iterations, and the block.
void add_pbkdf(Needles& needles, const std::string& digest, const std::string& salt);

}  // namespace lanecrypt::test
