// The cost loop: how one lane group is computed by any engine. It is here once, above the engines.
#pragma once

#include <span>

#include "control.hpp"
#include "engine.hpp"
#include "status.hpp"

namespace lanecrypt {

// Iterations between two looks at deadline and cancel flag: 1 ms for one lane to 2 ms for eight (65 us for an iteration
// of one lane on the core of bench/). A divisible engine is never asked for more in one call.
inline constexpr std::uint64_t iterations_per_poll = 16;

// Computes 1..engine.lanes jobs of the same cost in scratch, which is wiped before this returns, on every path. ok: all
// hashes are written. deadline, cancelled: none is. internal: the engine could not make one. reports: this is the
// thread that called the batch, and progress is reported from here.
Status run_group(const Engine& engine, void* scratch, std::span<const Job> jobs, Control& control,
                 bool reports) noexcept;

}  // namespace lanecrypt
