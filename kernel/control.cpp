// Deadline, cancel flag and progress of a batch. See the header.
#include "control.hpp"

#include <algorithm>
#include <ctime>
#include <limits>

namespace lanecrypt {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t report_every = second / 20;
constexpr std::int64_t cancel_latency = second / 200;
constexpr std::int64_t shortest_sleep = second / 1000;  // what is overdue ends by itself soon: no spinning meanwhile

thread_local bool callback_runs = false;

std::int64_t now(clockid_t clock) noexcept {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * second + time.tv_nsec;
}

std::int64_t monotonic_deadline(std::uint64_t wall_deadline) noexcept {
  if (wall_deadline == 0 || wall_deadline > static_cast<std::uint64_t>(never)) return never;
  const std::int64_t left = static_cast<std::int64_t>(wall_deadline) - now(CLOCK_REALTIME);
  const std::int64_t from = monotonic_ns();
  return left > never - from ? never : from + left;
}

}  // namespace

std::int64_t monotonic_ns() noexcept { return now(CLOCK_MONOTONIC); }

Control::Control(const Wishes& wishes, std::size_t total) noexcept
    : wishes_(wishes),
      deadline_(monotonic_deadline(wishes.deadline_ns)),
      next_report_(wishes.progress == nullptr ? never : monotonic_ns() + report_every),
      total_(total) {}

Status Control::poll() noexcept {
  if (const Status reason = reason_.load(std::memory_order_relaxed); reason != Status::ok) return reason;
  if (wishes_.cancel != nullptr && __atomic_load_n(wishes_.cancel, __ATOMIC_RELAXED) != 0) stop(Status::cancelled);
  if (deadline_ != never && monotonic_ns() >= deadline_) stop(Status::deadline);
  return reason_.load(std::memory_order_relaxed);
}

Status Control::foreseen() const noexcept {
  if (deadline_ != never) return Status::deadline;
  return wishes_.cancel != nullptr || wishes_.progress != nullptr ? Status::cancelled : Status::internal;
}

void Control::report_progress() noexcept {
  if (next_report_ == never || monotonic_ns() < next_report_) return;
  call_progress();
  next_report_ = monotonic_ns() + report_every;
}

void Control::report_end() noexcept {
  if (wishes_.progress != nullptr) call_progress();
}

std::int64_t Control::patience_ns() const noexcept {
  const std::int64_t next = std::min(deadline_, next_report_);
  const std::int64_t longest = wishes_.cancel != nullptr ? cancel_latency : 3600 * second;
  return next == never ? longest : std::clamp<std::int64_t>(next - monotonic_ns(), shortest_sleep, longest);
}

bool Control::in_callback() noexcept { return callback_runs; }

void Control::stop(Status reason) noexcept {
  Status none = Status::ok;
  reason_.compare_exchange_strong(none, reason, std::memory_order_relaxed);
}

void Control::call_progress() noexcept {
  callback_runs = true;
  const int answer =
      wishes_.progress(wishes_.progress_context, std::min(done_.load(std::memory_order_relaxed), total_), total_);
  callback_runs = false;
  if (answer != 0) stop(Status::cancelled);
}

}  // namespace lanecrypt
