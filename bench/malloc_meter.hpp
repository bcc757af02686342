// Counting malloc. Linking malloc_meter.cpp into a program replaces glibc's malloc and its kin by ones that count and
// hand on: whoever allocates in the process is seen, libgomp and the C library among them.
#pragma once

#include <cstddef>
#include <functional>

namespace lanecrypt::bench {

struct MallocCount {
  std::size_t calls = 0;  // that gave memory, since the program began
  std::size_t held = 0;   // bytes now
  std::size_t peak = 0;   // the most bytes that were held since the last malloc_peak_restart
};

MallocCount malloc_count() noexcept;

void malloc_peak_restart() noexcept;

// The most bytes that were held at one time during work, over what was held before it. For one measuring thread at a
// time.
std::size_t peak_of(const std::function<void()>& work);

}  // namespace lanecrypt::bench
