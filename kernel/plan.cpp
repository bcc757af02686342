// The planner. See the header.
//
// Three steps: who computes what (deal.hpp), in which order threads take their groups (group_list.hpp), and both again
// for fewer threads, as long as that ends as early.
#include "plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "deal.hpp"
#include "group_list.hpp"
#include "thread_times.hpp"

namespace lanecrypt {
namespace {

std::vector<CostClass> classify(std::span<const std::uint8_t> costs, std::vector<std::size_t>& order) {
  std::array<std::size_t, cost_levels> count{};
  for (const std::uint8_t cost : costs) ++count[cost];
  std::vector<CostClass> classes;
  std::array<std::size_t, cost_levels> next{};  // where the next job of a cost goes in order
  std::size_t before = 0;
  for (unsigned cost = cost_levels; cost-- > 0;) {
    next[cost] = before;
    before += count[cost];
    if (count[cost] > 0) classes.push_back({static_cast<std::uint8_t>(cost), count[cost], 0});
  }
  for (CostClass& c : classes) c.unit = std::ldexp(1.0, c.cost - classes.back().cost);
  order.resize(costs.size());
  for (std::size_t i = 0; i < costs.size(); ++i) order[next[costs[i]]++] = i;
  return classes;
}

// The best list found for up to a number of threads.
class FewestThreads {
 public:
  FewestThreads(const Work& work, std::size_t threads_max)
      : work_(work), threads_(threads_max), list_(list_groups(work, deal_jobs(work, threads_max))) {
    std::size_t least = 1;
    while (least + few < threads_) {
      const std::size_t threads = (least + threads_) / 2;
      if (!suffices(threads)) least = threads + 1;
    }
    // One by one at the end: the search for a deal proves nothing, and fewer threads may do where more did not.
    for (std::size_t threads = threads_; --threads >= least;) suffices(threads);
  }

  std::size_t threads() const noexcept { return threads_; }
  GroupList& list() noexcept { return list_; }

 private:
  static constexpr std::size_t few = 32;
  static constexpr double same = 1 + 1e-9;  // two ends that differ by less differ by rounding

  // Takes fewer threads if they end as early.
  bool suffices(std::size_t threads) {
    if (earliest_end(work_, threads) > list_.end * same) return false;
    GroupList list = list_groups(work_, deal_jobs(work_, threads));
    if (list.end > list_.end * same) return false;
    list_ = std::move(list);
    threads_ = threads;
    return true;
  }

  const Work& work_;
  std::size_t threads_;
  GroupList list_;
};

}  // namespace

Plan make_plan(std::span<const double> width_times, std::span<const std::uint8_t> costs, unsigned threads_max) {
  Plan plan;
  if (costs.empty()) return plan;
  const std::vector<CostClass> classes = classify(costs, plan.order);
  const ThreadTimes times(width_times, costs.size());
  const Work work{times, classes};
  FewestThreads fewest(work, std::min<std::size_t>(threads_max, costs.size()));
  plan.groups = std::move(fewest.list().groups);
  plan.threads = static_cast<unsigned>(std::min(fewest.threads(), plan.groups.size()));
  plan.relative_time = fewest.list().end;
  return plan;
}

}  // namespace lanecrypt
