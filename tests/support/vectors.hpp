// The known answers and bad inputs of tests/vectors (its README.md says what each kind means).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanecrypt::test {

struct Vector {
  std::string id;
  std::string password;  // any bytes
  std::string setting;   // 29 characters, 28 in the legacy rows
  std::string hash;
  std::string dialect;

  bool refused() const { return dialect == "legacy-$2$-no-terminator" || dialect == "cost00-internal"; }
  // What the bugs of other implementations gave: well-formed, and wrong here.
  bool must_differ() const { return dialect == "openbsd-2a-no-safety" || dialect == "openbsd-2a-wraparound"; }
  bool has_nul() const { return password.find('\0') != std::string::npos; }
  bool is_long() const { return password.size() > 72; }
  unsigned cost() const { return static_cast<unsigned>(std::stoul(setting.substr(4, 2))); }
  // What bcrypt takes in of the password.
  std::string truncated() const { return password.substr(0, 72); }
};

struct BadInput {
  std::string id;
  std::string kind;
  std::string value;  // any bytes
  std::string why;
};

// One inner hash of bcrypt_pbkdf. Any bytes.
struct PbkdfBlock {
  std::string id;
  std::string password_digest;
  std::string salt_digest;
  std::string block;
};

// All rows. Aborts the program with a message where a file cannot be read or has another number of rows than it should.
const std::vector<Vector>& vectors();           // 1,632
const std::vector<BadInput>& bad_inputs();      // 411
const std::vector<PbkdfBlock>& pbkdf_blocks();  // 40; the first 32 have one password

// Rows that every engine reproduces or must not reproduce: all but the refused ones.
std::vector<Vector> computable_vectors(unsigned cost_low, unsigned cost_high);

}  // namespace lanecrypt::test
