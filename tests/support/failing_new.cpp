// failing_allocations.hpp as a shared library to preload: operator new of a program that is not ours, as Python is.
// What malloc, mmap and pthread_create give stays as it is.
#include "failing_allocations.hpp"

using namespace lanecrypt::test;

extern "C" {
// The n-th operator new of this thread from here on fails; 0: none.
__attribute__((visibility("default"))) void failing_new_arm(unsigned long n) { allocations::arm(n); }
// No more. 0 if none has failed, 1 if one did that must be told, 2 if one did that its caller may do without.
__attribute__((visibility("default"))) int failing_new_disarm() { return static_cast<int>(allocations::disarm()); }
// Blocks that were not deleted yet.
__attribute__((visibility("default"))) long failing_new_live() { return allocations::live(); }
}
