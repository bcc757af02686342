// What may end a batch early, and what its caller wants to know meanwhile: deadline, cancel flag, progress.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "status.hpp"

namespace lanecrypt {

using Progress = int (*)(void* context, std::size_t done, std::size_t total);

// Nanoseconds on the monotonic clock, which no jump of the wall clock moves.
std::int64_t monotonic_ns() noexcept;

// One for each batch, shared by its threads.
class Control {
 public:
  struct Wishes {
    std::uint64_t deadline_ns = 0;  // CLOCK_REALTIME; 0: none. Turned into a monotonic time when the Control is made
    const volatile std::int32_t* cancel = nullptr;
    Progress progress = nullptr;
    void* progress_context = nullptr;
  };

  Control(const Wishes& wishes, std::size_t total) noexcept;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // Any thread: ok to go on, else deadline or cancelled. What was said first stays.
  Status poll() noexcept;

  // What poll() will say if it ever says more than ok, as far as can be told beforehand; internal where nothing can end
  // the batch. Jobs have it from the beginning, so that ending a batch of a million writes to none of them.
  Status foreseen() const noexcept;

  // Any thread: so many more jobs have their status.
  void add_done(std::size_t jobs) noexcept { done_.fetch_add(jobs, std::memory_order_relaxed); }

  // The calling thread only, with no lock held: calls progress if it is due. A non-zero answer cancels.
  void report_progress() noexcept;
  void report_end() noexcept;  // the same, due or not

  // How long the calling thread may sleep before it must look again, in nanoseconds; never more than an hour.
  std::int64_t patience_ns() const noexcept;

  // True on a thread that is inside a progress callback.
  static bool in_callback() noexcept;

 private:
  void stop(Status reason) noexcept;
  void call_progress() noexcept;

  Wishes wishes_;
  std::int64_t deadline_;  // monotonic; the largest number if there is none
  std::int64_t next_report_;
  std::size_t total_;
  std::atomic<std::size_t> done_{0};
  std::atomic<Status> reason_{Status::ok};
};

}  // namespace lanecrypt
