// What somebody's environment asks OpenMP's threads to be made with: how much stack, bound to which processors. The
// gate's trials must not be easier than that: libgomp calls exit(1) where one of its threads cannot be had so.
#pragma once

#include <cstddef>

namespace lanecrypt {

// The bytes that a value of OMP_STACKSIZE means, "64k" or "1 G": a number and B, K, M or G, without a letter K. 0 where
// it is none. What is more than there are addresses is the largest number.
std::size_t parse_stack_size(const char* text) noexcept;

// The largest of those that libgomp may have taken from this process's environment, which it reads at load; 0: none.
std::size_t team_stack_size() noexcept;

// OpenMP binds its threads to places (OMP_PROC_BIND, OMP_PLACES, GOMP_CPU_AFFINITY). Then a team of another size than
// the last may get all its threads anew, because they have other places, while the last one's are still there.
bool team_is_bound() noexcept;

// Binds the calling thread to each place in turn. False: one of them has no processor that this process may run on.
bool try_places() noexcept;

}  // namespace lanecrypt
