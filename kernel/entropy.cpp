// Salts from the kernel. See the header.
#include "entropy.hpp"

#include <sys/random.h>

#include <cerrno>

namespace lanecrypt {

bool draw_salt(Salt& salt) noexcept {
  // Up to 256 bytes come whole or not at all once the generator is seeded; before that a signal may interrupt the wait.
  for (;;) {
    const ssize_t got = getrandom(salt.data(), salt.size(), 0);
    if (got == static_cast<ssize_t>(salt.size())) return true;
    if (got < 0 && errno == EINTR) continue;
    salt.fill(0);
    return false;
  }
}

}  // namespace lanecrypt
