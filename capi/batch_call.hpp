// The frame of every batch call: refuses calls from a callback, measures, fills the report, and, where the call as a
// whole fails, sees to it that each job says so and holds no hash.
#pragma once

#include <cstdint>
#include <new>

#include "abi_struct.hpp"
#include "batch_work.hpp"
#include "control.hpp"
#include "job_array.hpp"

namespace lanecrypt::capi {

// How many threads a call may use: as its options say, or the calling thread alone.
enum class Threads { as_asked, caller_only };

// run(jobs, options, threads, control, report) computes, sets each job's output, counts each into the report, and sets
// the status of each that ends otherwise than foreseen: that one is set already. It may throw bad_alloc. reset(job,
// status) empties a job's outputs.
template <typename T, typename Reset, typename Run>
lanecrypt_status batch_call(const JobArray<T>& jobs, const lanecrypt_options* from, Threads threads,
                            lanecrypt_report* report, Reset reset, Run run) noexcept {
  const std::int64_t start = monotonic_ns();
  lanecrypt_report filled = LANECRYPT_REPORT_INIT;
  const bool reports = writable_struct(report, sizeof(lanecrypt_report));
  const auto body = [&]() -> lanecrypt_status {
    if (report != nullptr && !reports) return LANECRYPT_INVALID_ARGUMENT;
    if (Control::in_callback()) return LANECRYPT_BUSY;
    Options options;
    const lanecrypt_status read = read_options(from, options);
    filled.engines_failed = options.choice.failed;
    if (read != LANECRYPT_OK) return read;
    Control control(options.wishes, jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) reset(jobs[i], to_abi(control.foreseen()));
    try {
      const unsigned most = threads == Threads::caller_only ? 1 : thread_count(options);
      const Status ran = run(jobs, options, most, control, filled);
      if (ran == Status::ok) control.report_end();
      return to_abi(ran);
    } catch (const std::bad_alloc&) {
      return LANECRYPT_OUT_OF_MEMORY;
    }
  };

  if (!jobs.valid()) return LANECRYPT_INVALID_ARGUMENT;
  const lanecrypt_status status = body();
  if (status != LANECRYPT_OK) {
    for (std::size_t i = 0; i < jobs.size(); ++i) reset(jobs[i], status);
    filled.succeeded = filled.mismatched = 0;
    filled.failed = jobs.size();
  }
  if (reports) {
    filled.elapsed_ns = static_cast<std::uint64_t>(monotonic_ns() - start);
    write_struct(filled, report);
  }
  return status;
}

}  // namespace lanecrypt::capi
