// When libcrypt computed: its crypt_r is one step, and a batch that is ended may finish the hashes that it has begun.
#pragma once

#include <cstdint>

namespace lanecrypt::bench {

// Forgets all hashes before. Not while one is computed.
void watch_hashes_anew();

// When the last hash ended that was begun no later than that, on the monotonic clock; 0 if there was none.
std::int64_t last_hash_end(std::int64_t begun_at_the_latest);

}  // namespace lanecrypt::bench
