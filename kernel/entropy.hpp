// Salts. The one source is the kernel's generator: there is no weaker one to fall back to.
#pragma once

#include "setting.hpp"

namespace lanecrypt {

// Fills salt from getrandom(2), directly: nothing is buffered that a fork could repeat. False: no entropy, salt is
// zero.
bool draw_salt(Salt& salt) noexcept;

}  // namespace lanecrypt
