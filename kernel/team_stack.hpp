// The stack size that somebody's environment asks OpenMP's threads to have. The gate's trial threads must not be easier
// to have than those: where memory is limited, what decides is the stack.
#pragma once

#include <cstddef>

namespace lanecrypt {

// The bytes that a value of OMP_STACKSIZE means, "64k" or "1 G": a number and B, K, M or G, without a letter K. 0 where
// it is none. What is more than there are addresses is the largest number.
std::size_t parse_stack_size(const char* text) noexcept;

// The largest of those that libgomp may have taken from this process's environment, which it reads at load; 0: none.
std::size_t team_stack_size() noexcept;

}  // namespace lanecrypt
