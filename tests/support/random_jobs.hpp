// Random passwords and settings for differential tests, and the system's crypt_r as the judge.
#pragma once

#include <random>
#include <string>

namespace lanecrypt::test {

// A generator whose seed is printed, so that a failure can be repeated with LANECRYPT_TEST_SEED=N.
class Random {
 public:
  explicit Random(const char* test, std::uint64_t shard = 0);  // shards of one seed draw different numbers
  explicit Random(std::uint64_t seed) : engine_(seed) {}       // for programs that say their seed themselves
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  std::string bytes(std::size_t size, unsigned low, unsigned high);  // each low..high

 private:
  std::mt19937_64 engine_;
};

struct RandomJob {
  std::string password;
  std::string setting;
};

// A password of 0..72 bytes, one in eight longer, of bytes 1..255, ASCII or mostly 0xff (on which the dialects differ);
// a setting of any prefix and a cost of low..high, most often low.
RandomJob random_job(Random& random, unsigned cost_low, unsigned cost_high);

// crypt_r's hash, or its failure token. The password must hold no NUL. Only in builds with LANECRYPT_ORACLE.
std::string libcrypt_hash(const std::string& password, const std::string& setting);

}  // namespace lanecrypt::test
