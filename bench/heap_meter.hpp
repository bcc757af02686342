// How much heap a piece of work takes. Linking heap_meter.cpp into a program replaces its operator new and delete by
// ones that count; memory that C code takes from malloc is not seen.
#pragma once

#include <cstddef>
#include <functional>

namespace lanecrypt::bench {

// The most bytes that were held at one time during work, over what was held before it. For one measuring thread at a
// time.
std::size_t heap_peak(const std::function<void()>& work);

}  // namespace lanecrypt::bench
