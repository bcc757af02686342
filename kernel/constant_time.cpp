// Comparison in constant time. See the header.
#include "constant_time.hpp"

#include <cstdint>

namespace lanecrypt {

bool constant_time_equal(const void* a, const void* b, std::size_t size) noexcept {
  const auto* left = static_cast<const std::uint8_t*>(a);
  const auto* right = static_cast<const std::uint8_t*>(b);
  std::uint32_t difference = 0;
  for (std::size_t i = 0; i < size; ++i) {
    difference |= static_cast<std::uint32_t>(left[i] ^ right[i]);
    // Opaque to the compiler, which could otherwise leave the loop as soon as a bit is set.
    __asm__ __volatile__("" : "+r"(difference));
  }
  return ((difference - 1) >> 31) != 0;  // only 0 - 1 has the top bit: difference is below 256
}

}  // namespace lanecrypt
