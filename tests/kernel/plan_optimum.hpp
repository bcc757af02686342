// What no plan can beat: a search that is exact where there are few jobs, and a sound bound where there are many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace lanecrypt::test {

// [m]: least time of m jobs of one cost on one thread, by trying every width of a group.
inline std::vector<double> best_times(std::span<const double> width_times, std::size_t jobs) {
  std::vector<double> best(jobs + 1, 0);
  for (std::size_t m = 1; m <= jobs; ++m) {
    best[m] = std::numeric_limits<double>::infinity();
    for (std::size_t w = 1; w <= std::min(m, width_times.size() - 1); ++w) {
      best[m] = std::min(best[m], width_times[w] + best[m - w]);
    }
  }
  return best;
}

// Whether threads can compute jobs within a time. The dearest costs are dealt to the threads in every way that there
// is, each thread within the time; the way with the least time in all is kept. The other costs are sand: each takes the
// least time that it can on one thread, and that time may be cut anywhere. If dear jobs and sand together take longer
// than all threads have, then no plan ends in that time. If there is no sand, the answer is exact.
class Optimum {
 public:
  // ways_max bounds how many dear costs there are: the numbers of jobs that a thread can have of them.
  Optimum(std::span<const double> width_times, std::span<const std::uint8_t> costs, std::size_t ways_max = 1000) {
    std::vector<std::size_t> count(32, 0);
    for (const std::uint8_t cost : costs) ++count[cost];
    const int least = *std::min_element(costs.begin(), costs.end());
    const std::vector<double> best = best_times(width_times, costs.size());
    bool dear = true;
    for (int cost = 31; cost >= least; --cost) {
      const std::size_t jobs = count[static_cast<std::size_t>(cost)];
      if (jobs == 0) continue;
      const double unit = std::ldexp(1.0, cost - least);
      dear = dear && load_.size() * (jobs + 1) <= ways_max;
      if (dear) {
        add_dear(jobs, best, unit);
      } else {
        sand_ += best[jobs] * unit;
      }
    }
  }

  bool exact() const { return sand_ == 0; }

  // false: impossible. true: possible, or not excluded if this is not exact.
  bool may_end_by(double end, unsigned threads) const {
    std::vector<double> one(load_);
    for (double& time : one) time = time <= end ? time : std::numeric_limits<double>::infinity();
    std::vector<double> all(load_.size(), std::numeric_limits<double>::infinity());
    all[0] = 0;
    for (unsigned left = threads; left > 0; left /= 2) {
      if (left % 2 == 1) all = together(all, one);
      if (left > 1) one = together(one, one);
    }
    return all.back() + sand_ <= end * threads;
  }

 private:
  // A way is a number of jobs of each dear cost, and a number itself: sum of jobs * stride.
  struct Digit {
    std::size_t stride;
    std::size_t jobs;
  };

  void add_dear(std::size_t jobs, const std::vector<double>& best, double unit) {
    const std::size_t before = load_.size();
    digits_.push_back({before, jobs});
    for (std::size_t m = 1; m <= jobs; ++m) {
      for (std::size_t way = 0; way < before; ++way) load_.push_back(load_[way] + best[m] * unit);
    }
  }

  // [way]: the least time in all, shared between two sets of threads.
  std::vector<double> together(const std::vector<double>& a, const std::vector<double>& b) const {
    std::vector<double> both(load_.size());
    for (std::size_t way = 0; way < both.size(); ++way) both[way] = least(way, a, b);
    return both;
  }

  double least(std::size_t way, const std::vector<double>& a, const std::vector<double>& b) const {
    double least = std::numeric_limits<double>::infinity();
    std::vector<std::size_t> has;
    for (const auto& [stride, jobs] : digits_) has.push_back(way / stride % (jobs + 1));
    std::vector<std::size_t> taken(digits_.size(), 0);
    for (std::size_t part = 0;;) {
      least = std::min(least, a[part] + b[way - part]);
      // The next part of this way, counted like an odometer.
      std::size_t d = 0;
      for (; d < taken.size() && taken[d] == has[d]; ++d) part -= std::exchange(taken[d], 0U) * digits_[d].stride;
      if (d == taken.size()) return least;
      ++taken[d];
      part += digits_[d].stride;
    }
  }

  std::vector<Digit> digits_;
  std::vector<double> load_{0};  // [way]: time on one thread
  double sand_ = 0;
};

}  // namespace lanecrypt::test
