// What a computation leaves outside of the memory that it was given: registers that compilers and memcpy moved secrets
// through, and stack frames of functions that returned, with what was spilled into them.
#pragma once

#include <cstddef>

namespace lanecrypt {

// Clears all vector registers: on x86-64 up to those of AVX-512, as far as the system has switched them on, on arm64 v0
// to v31 but for the halves of v8 to v15 that belong to the caller. Elsewhere it does nothing.
void wipe_registers() noexcept;

// How far down the stack is overwritten: more than any engine goes (tests/kernel/traces_test.cpp measures them), less
// than the smallest stack that a thread can have leaves (tests/processes/stacks_test.cpp).
inline constexpr std::size_t traced_stack_bytes = std::size_t{5} * 1024;

// The same, and the stack below the caller's frame.
void wipe_traces() noexcept;

// Does that when it goes out of scope. Declare it before what is wiped by ZeroOnExit: wiping uses registers, too.
class TracesWipedOnExit {
 public:
  TracesWipedOnExit() = default;
  TracesWipedOnExit(const TracesWipedOnExit&) = delete;
  TracesWipedOnExit& operator=(const TracesWipedOnExit&) = delete;
  ~TracesWipedOnExit() { wipe_traces(); }
};

}  // namespace lanecrypt
