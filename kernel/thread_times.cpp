// See the header.
#include "thread_times.hpp"

#include <algorithm>

namespace lanecrypt {

ThreadTimes::ThreadTimes(std::span<const double> width_times, std::size_t jobs) noexcept
    : width_times_(width_times),
      lanes_(static_cast<unsigned>(width_times.size() - 1)),
      exact_(std::min<std::size_t>(jobs, std::size_t{lanes_} * lanes_)) {
  of_lane_[0] = width_times[1];
  for (unsigned w = 1; w <= lanes_; ++w) {
    if (w * width_times[best_] > best_ * width_times[w]) best_ = w;
    of_lane_[w] = width_times[best_] / best_;
  }
  time_[0] = 0;
  width_[0] = 0;
  for (unsigned m = 1; m <= exact_; ++m) {
    for (unsigned w = 1; w <= std::min(m, lanes_); ++w) {
      const double time = width_times[w] + time_[m - w];
      if (w > 1 && time > time_[m] - 1e-9) continue;
      time_[m] = time;
      width_[m] = static_cast<std::uint8_t>(w);
    }
  }
}

Cuts ThreadTimes::cut(std::size_t jobs) const noexcept {
  Cuts cuts{};
  if (jobs > exact_) {
    cuts[best_] = bulk(jobs);
    jobs -= cuts[best_] * best_;
  }
  for (; jobs > 0; jobs -= width_[jobs]) ++cuts[width_[jobs]];
  return cuts;
}

double ThreadTimes::of_many(std::size_t jobs) const noexcept {
  const std::size_t groups = bulk(jobs);
  return static_cast<double>(groups) * width_times_[best_] + time_[jobs - groups * best_];
}

}  // namespace lanecrypt
