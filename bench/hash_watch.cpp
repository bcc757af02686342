// crypt_r, timed: linked with --wrap=crypt_r, so that the engine's calls come here. See the header.
#include "hash_watch.hpp"

#include <crypt.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "control.hpp"

namespace lanecrypt::bench {
namespace {

struct Hash {
  std::int64_t begin;
  std::int64_t end;
};

std::mutex mutex;
std::vector<Hash> hashes;

}  // namespace

void watch_hashes_anew() {
  const std::scoped_lock lock(mutex);
  hashes.clear();
}

std::int64_t last_hash_end(std::int64_t begun_at_the_latest) {
  const std::scoped_lock lock(mutex);
  std::int64_t last = 0;
  for (const Hash& hash : hashes) {
    if (hash.begin <= begun_at_the_latest) last = std::max(last, hash.end);
  }
  return last;
}

}  // namespace lanecrypt::bench

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names.
extern "C" {
char* __real_crypt_r(const char* phrase, const char* setting, crypt_data* data);
char* __wrap_crypt_r(const char* phrase, const char* setting, crypt_data* data);

char* __wrap_crypt_r(const char* phrase, const char* setting, crypt_data* data) {
  using namespace lanecrypt::bench;
  const std::int64_t begin = lanecrypt::monotonic_ns();
  char* const text = __real_crypt_r(phrase, setting, data);
  const Hash hash{begin, lanecrypt::monotonic_ns()};
  const std::scoped_lock lock(mutex);
  hashes.push_back(hash);
  return text;
}
}
// NOLINTEND(bugprone-reserved-identifier)
