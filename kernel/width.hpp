// The widest lane group for a machine, by arithmetic: lanes beyond what the L1 data cache holds make every table lookup
// of all lanes slower. Nothing is timed, so that the same machine always gives the same plans.
#pragma once

#include <cstdint>

#include "cpu.hpp"
#include "engine.hpp"

namespace lanecrypt {

// What kept the width from being greater.
enum class WidthReason : std::uint8_t { engine, l1d_size, l1d_shared, l1d_unknown };

struct WidthChoice {
  unsigned width = 1;  // 1..engine.lanes
  WidthReason reason = WidthReason::engine;
};

WidthChoice choose_width(const Engine& engine, const CpuFeatures& cpu) noexcept;

// In English, without a full stop. Static text.
const char* text(WidthReason reason) noexcept;

}  // namespace lanecrypt
