// The planner: cuts jobs into lane groups and says how many threads to use, so that the last thread ends as early as it
// can. Pure arithmetic on relative times of widths: nothing is measured or started here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lanecrypt {

struct PlannedGroup {
  std::size_t first;   // into Plan::order
  std::uint8_t width;  // lanes
  std::uint8_t cost;
};

struct Plan {
  std::vector<std::size_t> order;    // a permutation of the jobs, dearest first, stable among equal costs
  std::vector<PlannedGroup> groups;  // in the order in which threads take them
  unsigned threads = 1;              // the fewest, of those that were offered, with which it ends as early
  double relative_time = 0;  // predicted end of the last thread; 1 is one hash alone at the least cost in the plan
};

// width_times[w] is the time of a group of w lanes over that of one lane alone, for every width that is allowed; [0] is
// 0. At most lanes_max + 1 of them. costs[i] is the cost of job i, 0..31. threads_max >= 1. Throws std::bad_alloc.
Plan make_plan(std::span<const double> width_times, std::span<const std::uint8_t> costs, unsigned threads_max);

// The end of the last of `threads` threads that take the groups in their order, each the next one when it is free.
double predict_end(std::span<const double> width_times, std::span<const PlannedGroup> groups, unsigned threads,
                   unsigned least_cost);

}  // namespace lanecrypt
