// Allocations that can be counted and made to fail, one at a time, on the calling thread: operator new in all its
// forms, threads and mappings that our own code makes, and (but under sanitizers, which have a malloc of their own)
// what libc takes for us, for the file that fopen opens and for a new thread.
//
// What other threads allocate is theirs: libgomp's teams, which only the gate's owner thread makes, so libgomp's own
// allocations are never counted here and never fail (it answers a failure with exit(1), and there is no way around
// that). Our own code allocates nothing on those threads, which elsewhere() proves.
//
// A program that links the target lanecrypt_failing_allocations has these operators, and the wraps that they need.
#pragma once

#include <cstddef>

namespace lanecrypt::test::allocations {

// asked_new is operator new that does not throw: whoever calls it may have a way to go on, as std::stable_sort has.
enum class Kind { none, operator_new, asked_new, libc, thread, mapping };

// From here on the calling thread's allocations are counted, and the n-th fails (0: none of them).
void arm(std::size_t n) noexcept;

// No more. The kind of the one that failed; none where there were fewer than n.
Kind disarm() noexcept;

const char* name(Kind kind) noexcept;

// Of the calling thread, while armed: allocations of a kind.
std::size_t counted(Kind kind) noexcept;

// Blocks of operator new that were not deleted yet, of all threads.
std::ptrdiff_t live() noexcept;

// Calls of operator new by other threads since this thread was armed last.
std::size_t elsewhere() noexcept;

}  // namespace lanecrypt::test::allocations
