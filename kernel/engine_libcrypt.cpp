// The libcrypt engine: the system's crypt_r, one password at a time. It is not here to be fast: it shares nothing with
// the other engines, so it can tell whether they are right. It is not linked into what is deployed.
#include <crypt.h>

#include <cstring>

#include "engine.hpp"

namespace lanecrypt {
namespace {

// crypt_r wants its passwords to end in NUL and leaves copies in its own data: both are in scratch and wiped with it.
struct Scratch {
  crypt_data data;
  char password[password_max + 1];
};

void begin(void* scratch, std::span<const Job> jobs) noexcept {
  auto& s = *static_cast<Scratch*>(scratch);
  std::memset(&s, 0, sizeof s);
  if (jobs[0].password_length > 0) std::memcpy(s.password, jobs[0].password, jobs[0].password_length);
  // advance is not told the setting: leave it where crypt_r expects one.
  std::memcpy(s.data.setting, jobs[0].setting.c_str(), setting_length + 1);
}

void advance(void* scratch, unsigned, std::uint64_t) noexcept {
  auto& s = *static_cast<Scratch*>(scratch);
  char setting[setting_length + 1];
  std::memcpy(setting, s.data.setting, sizeof setting);
  crypt_r(s.password, setting, &s.data);
}

bool finish(void* scratch, std::span<const Job> jobs) noexcept {
  const auto& s = *static_cast<const Scratch*>(scratch);
  if (std::strlen(s.data.output) != hash_length || s.data.output[0] != '$') return false;  // "*0": it declined
  std::memcpy(jobs[0].hash, s.data.output, hash_length);
  return true;
}

}  // namespace

constinit const Engine libcrypt_engine = {
    .name = "libcrypt",
    .lanes = 1,
    .scratch_bytes = sizeof(Scratch),
    .lane_bytes = 0,
    .divisible = false,
    .takes_nul = false,
    .cheapest_cost = cost_min,
    .usable = [](const CpuFeatures&) noexcept { return true; },
    .begin = begin,
    .advance = advance,
    .finish = finish,
    .relative_time = {0, 1},
};

}  // namespace lanecrypt
