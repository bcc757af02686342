// What became of a job or of a batch. The numbers are those of lanecrypt.h (capi checks that they agree).
#pragma once

#include <cstdint>

namespace lanecrypt {

enum class Status : std::int32_t {
  ok = 0,
  mismatch = 1,
  password_too_long = 2,
  invalid_setting = 3,
  invalid_hash = 4,
  cost_too_high = 5,
  deadline = 6,
  cancelled = 7,
  invalid_argument = 8,
  unsupported = 9,
  busy = 10,
  out_of_memory = 11,
  no_entropy = 12,
  internal = 13,
};

}  // namespace lanecrypt
