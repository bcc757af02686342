// Two threads' jobs dealt anew between the two: the step of which the planner's search is made.
#pragma once

#include <array>
#include <cstddef>

#include "deal.hpp"

namespace lanecrypt {

class Redeal {
 public:
  explicit Redeal(const Work& work) noexcept : work_(work) {}

  // Deals the jobs of two threads so that both end before the limit, as early as a bounded search finds, and not
  // earlier than is enough. False: nothing found, nothing changed.
  bool operator()(Deal& deal, std::size_t one, std::size_t other, double limit, double enough) noexcept;

  // How many ways to split a class were looked at, since this was made.
  std::size_t effort() const noexcept { return effort_; }
  void add_effort(std::size_t splits) noexcept { effort_ += splits; }

 private:
  // One way to split a class, and the earliest end that it still allows.
  struct Split {
    double bound;
    std::size_t jobs;  // of the first thread
    double load[2];
  };
  // A class with more jobs is searched around its present split only.
  static constexpr std::size_t splits_max = 49;
  using Splits = std::array<Split, splits_max>;

  void pool(const Deal& deal, std::size_t one, std::size_t other) noexcept;
  void explore(std::size_t c, const double (&load)[2]) noexcept;
  std::size_t split(std::size_t c, const double (&load)[2], Splits& splits) noexcept;

  const Work& work_;
  std::size_t effort_ = 0;
  std::size_t effort_end_ = 0;  // where the present search gives up
  double end_ = 0;              // of the best found
  double enough_ = 0;
  std::array<std::size_t, cost_levels> pool_;   // jobs of both
  std::array<std::size_t, cost_levels> now_;    // the first thread's before
  std::array<std::size_t, cost_levels> taken_;  // the first thread's, as it is tried
  std::array<std::size_t, cost_levels> best_;   // the first thread's in the best found
  std::array<double, cost_levels + 1> rest_;    // least time of the classes from this on
};

}  // namespace lanecrypt
