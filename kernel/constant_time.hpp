// Comparison whose time does not tell where two texts differ.
#pragma once

#include <cstddef>

namespace lanecrypt {

// True if size bytes are the same. Reads all of both and takes no branch and no address from what it reads.
bool constant_time_equal(const void* a, const void* b, std::size_t size) noexcept;

}  // namespace lanecrypt
