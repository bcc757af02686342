// One password on its way to one hash: what an engine is given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "setting.hpp"

namespace lanecrypt {

// Neither password nor hash is owned. The password is at most password_max bytes: borders refuse or cut longer ones.
struct Job {
  const std::uint8_t* password = nullptr;
  std::size_t password_length = 0;
  Setting setting;
  char* hash = nullptr;  // room for hash_length characters; no NUL is written
};

}  // namespace lanecrypt
