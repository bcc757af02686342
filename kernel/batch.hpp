// A batch: jobs of any costs, planned into groups and computed on as many threads as the plan says. The only file pair
// that knows OpenMP.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "control.hpp"
#include "engine.hpp"
#include "status.hpp"

namespace lanecrypt {

struct BatchReport {
  unsigned threads = 0;    // threads that finished at least one group
  std::size_t groups = 0;  // finished groups
  std::array<std::size_t, lanes_max + 1> groups_of_width{};
};

// Computes all jobs and writes statuses[i] for jobs[i]: ok, unsupported (the engine cannot take this password),
// internal, or, for what was not finished in time, deadline or cancelled. Hashes are written whole or not at all. Runs
// on at most threads_max (>= 1) threads; with one, on the calling thread. Everything is allocated before the first
// group. Returns ok if the batch ran; else out_of_memory, or internal where the engine failed its self-test in a width
// that the batch needs, and then no status and no hash was written.
Status run_batch(const Engine& engine, std::span<const Job> jobs, std::span<Status> statuses, unsigned threads_max,
                 Control& control, BatchReport& report) noexcept;

}  // namespace lanecrypt
