// The system's crypt_r as the judge, where there is one. See the header.
#include <crypt.h>

#include <memory>

#include "random_jobs.hpp"

namespace lanecrypt::test {

std::string libcrypt_hash(const std::string& password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();
  const char* const hash = crypt_r(password.c_str(), setting.c_str(), data.get());
  return hash == nullptr ? "(null)" : hash;
}

}  // namespace lanecrypt::test
