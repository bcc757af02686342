// Time of any number of jobs of one cost on one thread, cut into lane groups in the best way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine.hpp"

namespace lanecrypt {

// The widths that jobs are cut into: [w] groups of w lanes.
using Cuts = std::array<std::size_t, lanes_max + 1>;

class ThreadTimes {
 public:
  // width_times as in plan.hpp, and kept. jobs: the most that will be asked for; few make a small table.
  ThreadTimes(std::span<const double> width_times, std::size_t jobs) noexcept;

  // 1 is one job alone.
  double of(std::size_t jobs) const noexcept { return jobs <= exact_ ? time_[jobs] : of_many(jobs); }
  Cuts cut(std::size_t jobs) const noexcept;

  std::span<const double> width_times() const noexcept { return width_times_; }
  double of_group(unsigned width) const noexcept { return width_times_[width]; }
  // Least time of a job in groups of up to so many.
  double best_of_lane(std::size_t width_max) const noexcept {
    return of_lane_[width_max < lanes_ ? width_max : lanes_];
  }
  unsigned lanes() const noexcept { return lanes_; }      // the widest group
  unsigned best_width() const noexcept { return best_; }  // of best throughput

 private:
  // Of as many groups of other widths as the best width is wide, some can be cut anew into groups of the best. So
  // more than lanes * lanes jobs always have one of those among their groups, and the table need not go further.
  static constexpr std::size_t exact_max = lanes_max * lanes_max;

  double of_many(std::size_t jobs) const noexcept;
  std::size_t bulk(std::size_t jobs) const noexcept { return (jobs - exact_ + best_ - 1) / best_; }

  std::span<const double> width_times_;
  unsigned lanes_;
  unsigned best_ = 1;
  std::size_t exact_;
  std::array<double, lanes_max + 1> of_lane_;
  std::array<double, exact_max + 1> time_;
  std::array<std::uint8_t, exact_max + 1> width_;  // of one group of the best cut
};

}  // namespace lanecrypt
