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

// Who is told how each job ended, on the batch's threads: what is done about it then takes no time behind the batch,
// where a million of them would. Of each job once, take or leave; any thread of the batch, several at a time.
class Recipient {
 public:
  // The hash of job i is written. Returns the job's status from now on.
  virtual Status take(std::size_t i) noexcept = 0;
  // Job i has no hash, and why.
  virtual void leave(std::size_t i, Status status) noexcept = 0;
  // This is a child that a progress callback forked, and starts over: whatever was taken or left is not there any more.
  virtual void forget() noexcept = 0;

 protected:
  ~Recipient() = default;
};

// Computes all jobs and writes statuses[i] for jobs[i]: ok or what the recipient says, if there is one; unsupported
// (the engine cannot take this password), internal, or, for what was not finished in time, deadline or cancelled.
// Hashes are written whole or not at all. Runs on at most threads_max (>= 1) threads; with one, on the calling thread.
// Everything is allocated before the first group. Returns ok if the batch ran; else out_of_memory, or internal where
// the engine failed its self-test in a width that the batch needs, and then nobody was told of a job, and no hash was
// written.
Status run_batch(const Engine& engine, std::span<const Job> jobs, std::span<Status> statuses, unsigned threads_max,
                 Control& control, BatchReport& report, Recipient* recipient = nullptr) noexcept;

}  // namespace lanecrypt
