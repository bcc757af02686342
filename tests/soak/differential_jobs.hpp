// The jobs of a long differential run, and what libcrypt answers to them. No engine of ours is seen here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanecrypt::soak {

struct JudgedJob {
  std::string password;  // any length, NULs among its bytes: the ABI is asked to truncate
  std::string setting;   // 29 characters
  std::string hash;      // what libcrypt's crypt_r says
};

inline constexpr std::size_t chunk_jobs = 2000;  // jobs of a batch, drawn from a seed of their own

// Jobs number chunk * chunk_jobs and up of a seed: the same whatever run they are part of. All dialects; cost 4, and
// one in twelve 5 or 6; one in eight is over 72 bytes, and one in eight has NULs. libcrypt runs on so many threads.
std::vector<JudgedJob> judged_jobs(std::uint64_t seed, std::uint64_t chunk, std::size_t count, unsigned threads);

}  // namespace lanecrypt::soak
