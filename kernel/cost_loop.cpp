// The cost loop. See the header.
#include "cost_loop.hpp"

#include <algorithm>

#include "secure_zero.hpp"
#include "traces.hpp"

namespace lanecrypt {

Status run_group(const Engine& engine, void* scratch, std::span<const Job> jobs, Control& control,
                 bool reports) noexcept {
  if (const Status stopped = control.poll(); stopped != Status::ok) return stopped;
  const TracesWipedOnExit wipe_traces;
  const ZeroOnExit wipe(scratch, engine.scratch_bytes);
  const auto lanes = static_cast<unsigned>(jobs.size());
  engine.begin(scratch, jobs);
  for (std::uint64_t left = iterations(jobs[0].setting.cost()); left > 0;) {
    const std::uint64_t step = engine.divisible ? std::min(left, iterations_per_poll) : left;
    engine.advance(scratch, lanes, step);
    left -= step;
    if (reports) control.report_progress();
    if (left == 0) break;  // done is done, however late
    if (const Status stopped = control.poll(); stopped != Status::ok) return stopped;
  }
  return engine.finish(scratch, jobs) ? Status::ok : Status::internal;
}

}  // namespace lanecrypt
