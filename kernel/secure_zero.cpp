// The one way in which lanecrypt wipes memory.
#include "secure_zero.hpp"

#include <cstring>

namespace lanecrypt {

void secure_zero(void* data, std::size_t size) noexcept {
  if (size == 0) return;
  std::memset(data, 0, size);
  // The memory is an input of an instruction that the compiler cannot look into: the stores above must have happened.
  __asm__ __volatile__("" : : "r"(data) : "memory");
}

}  // namespace lanecrypt
