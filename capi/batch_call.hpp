// The frame of every batch call: refuses calls from a callback, measures, fills the report, and, where the call as a
// whole fails, sees to it that each job says so and holds no hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "abi_struct.hpp"
#include "batch_work.hpp"
#include "control.hpp"

namespace lanecrypt::capi {

// A caller's array of jobs. Its elements may be longer than we know them: job_size is a stride. Fields that are added
// to a job one day need a first size and copies in and out, as abi_struct.hpp has them for the other structs.
template <typename T>
class JobArray {
 public:
  JobArray(T* jobs, std::size_t count, std::size_t job_size) noexcept : jobs_(jobs), count_(count), size_(job_size) {}

  // False: NULL with jobs to do, elements too small for a job or misaligned, or more bytes than there are addresses.
  bool valid() const noexcept {
    if (count_ == 0) return true;
    const auto address = reinterpret_cast<std::uintptr_t>(jobs_);
    if (jobs_ == nullptr || address % alignof(T) != 0) return false;
    if (size_ < sizeof(T) || size_ % alignof(T) != 0 || count_ > PTRDIFF_MAX / size_) return false;
    return count_ * size_ <= UINTPTR_MAX - address;
  }

  std::size_t size() const noexcept { return count_; }
  T& operator[](std::size_t i) const noexcept {
    return *reinterpret_cast<T*>(reinterpret_cast<unsigned char*>(jobs_) + i * size_);
  }

 private:
  T* jobs_;
  std::size_t count_;
  std::size_t size_;
};

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
