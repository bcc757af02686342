// The planner. See the header.
//
// Two ways to cut are tried, and the one that is predicted to end first is taken:
//
// even: every cost is spread over all threads alike, and each thread's share is cut into the cheapest widths. Best for
// one cost: 20 jobs on 6 threads are 4+4+3+3+3+3.
//
// filled: threads are filled up to a common end, dearest cost first, with the widest groups that fit; the earliest end
// that holds all jobs is found by bisection. Best for mixed costs: a few dear jobs share a group while other threads
// work through the cheap ones.
#include "plan.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>

namespace lanecrypt {
namespace {

constexpr unsigned cost_levels = 32;

// Jobs of one cost.
struct CostClass {
  std::uint8_t cost = 0;
  std::size_t jobs = 0;
  double unit = 0;  // time of one hash alone
};

// The widths that jobs are cut into: [w] groups of width w.
using Cuts = std::array<std::size_t, lanes_max + 1>;

// Time of m jobs on one thread, cut in the best way, for any m.
class ThreadTimes {
 public:
  explicit ThreadTimes(const Engine& engine) : engine_(engine), time_(exact + 1, 0), width_(exact + 1, 0) {
    for (unsigned w = 1; w <= engine.lanes; ++w) {
      if (rate(w) > rate(best_)) best_ = w;
    }
    for (unsigned m = 1; m <= exact; ++m) {
      for (unsigned w = 1; w <= std::min(m, engine.lanes); ++w) {
        const double time = engine.relative_time[w] + time_[m - w];
        if (w == 1 || time < time_[m] - 1e-9) time_[m] = time, width_[m] = w;
      }
    }
  }

  // The groups of m jobs.
  Cuts cut(std::size_t m) const noexcept {
    Cuts cuts{};
    if (m > exact) {
      // More jobs than the table has: all but a rest are best cut at the width of best throughput.
      const std::size_t bulk = (m - exact + best_ - 1) / best_;
      cuts[best_] += bulk;
      m -= bulk * best_;
    }
    for (; m > 0; m -= width_[m]) ++cuts[width_[m]];
    return cuts;
  }

  unsigned best_width() const noexcept { return best_; }

 private:
  static constexpr unsigned exact = 4 * lanes_max;

  double rate(unsigned width) const noexcept { return width / engine_.relative_time[width]; }

  const Engine& engine_;
  std::vector<double> time_;
  std::vector<unsigned> width_;
  unsigned best_ = 1;
};

using ClassCuts = std::vector<Cuts>;  // one for each class

// Threads with one job less than others have the same groups, but for a lane of the widest: so that taking groups from
// one list, longest first, gives each thread its share, whichever is free first.
Cuts one_lane_less(Cuts cuts) noexcept {
  for (unsigned w = lanes_max; w > 0; --w) {
    if (cuts[w] == 0) continue;
    --cuts[w];
    if (w > 1) ++cuts[w - 1];
    return cuts;
  }
  return cuts;
}

ClassCuts cut_evenly(const ThreadTimes& times, std::span<const CostClass> classes, unsigned threads) {
  ClassCuts all(classes.size(), Cuts{});
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::size_t share = (classes[c].jobs + threads - 1) / threads;
    const std::size_t full = threads - (share * threads - classes[c].jobs);
    const Cuts cuts = times.cut(share);
    const Cuts less = one_lane_less(cuts);
    for (unsigned w = 1; w <= lanes_max; ++w) all[c][w] = full * cuts[w] + (threads - full) * less[w];
  }
  return all;
}

// Fills threads up to a common end.
class Filling {
 public:
  Filling(const Engine& engine, const ThreadTimes& times, std::span<const CostClass> classes, unsigned threads)
      : engine_(engine), times_(times), classes_(classes), threads_(threads) {}

  // False: not all jobs fit before that end.
  bool fits(double end, ClassCuts& all) const {
    all.assign(classes_.size(), Cuts{});
    std::priority_queue<double, std::vector<double>, std::greater<>> loads(std::greater<>{},
                                                                           std::vector<double>(threads_, 0.0));
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      for (std::size_t left = classes_[c].jobs; left > 0;) {
        const double load = loads.top();
        const unsigned width = widest_that_fits(classes_[c], left, end - load);
        if (width == 0) return false;
        loads.pop();
        loads.push(load + engine_.relative_time[width] * classes_[c].unit);
        ++all[c][width];
        left -= width;
      }
    }
    return true;
  }

 private:
  unsigned widest_that_fits(const CostClass& cost_class, std::size_t left, double room) const noexcept {
    unsigned width = static_cast<unsigned>(std::min<std::size_t>(left, times_.best_width()));
    while (width > 0 && engine_.relative_time[width] * cost_class.unit > room + 1e-9) --width;
    return width;
  }

  const Engine& engine_;
  const ThreadTimes& times_;
  std::span<const CostClass> classes_;
  unsigned threads_;
};

// The groups of all classes, longest first: a thread that is free takes the longest that is left.
std::vector<PlannedGroup> list_groups(const Engine& engine, std::span<const CostClass> classes, const ClassCuts& all) {
  std::vector<PlannedGroup> groups;
  std::size_t first = 0;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    for (unsigned w = engine.lanes; w > 0; --w) {
      for (std::size_t i = 0; i < all[c][w]; ++i, first += w) {
        groups.push_back({first, static_cast<std::uint8_t>(w), classes[c].cost});
      }
    }
  }
  const auto time = [&](const PlannedGroup& g) { return std::ldexp(engine.relative_time[g.width], g.cost); };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const PlannedGroup& a, const PlannedGroup& b) { return time(a) > time(b); });
  return groups;
}

std::vector<CostClass> classify(std::span<const std::uint8_t> costs, std::vector<std::size_t>& order) {
  std::array<std::size_t, cost_levels + 1> count{};
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

}  // namespace

double predict_end(const Engine& engine, std::span<const PlannedGroup> groups, unsigned threads, unsigned least_cost) {
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at(std::greater<>{},
                                                                           std::vector<double>(threads, 0.0));
  double end = 0;
  for (const PlannedGroup& group : groups) {
    const double at =
        free_at.top() + std::ldexp(engine.relative_time[group.width], group.cost - static_cast<int>(least_cost));
    free_at.pop();
    free_at.push(at);
    end = std::max(end, at);
  }
  return end;
}

Plan make_plan(const Engine& engine, std::span<const std::uint8_t> costs, unsigned threads_max) {
  Plan plan;
  if (costs.empty()) return plan;
  const std::vector<CostClass> classes = classify(costs, plan.order);
  const unsigned least_cost = classes.back().cost;
  const auto threads = static_cast<unsigned>(std::min<std::size_t>(threads_max, costs.size()));
  const ThreadTimes times(engine);

  plan.groups = list_groups(engine, classes, cut_evenly(times, classes, threads));
  plan.relative_time = predict_end(engine, plan.groups, threads, least_cost);
  if (classes.size() > 1 && threads > 1) {
    const Filling filling(engine, times, classes, threads);
    ClassCuts cuts;
    double fits = plan.relative_time;
    double too_early = fits / 2;
    for (int step = 0; step < 12; ++step) {
      const double end = (fits + too_early) / 2;
      if (!filling.fits(end, cuts)) {
        too_early = end;
        continue;
      }
      fits = end;
      std::vector<PlannedGroup> groups = list_groups(engine, classes, cuts);
      const double predicted = predict_end(engine, groups, threads, least_cost);
      if (predicted < plan.relative_time) {
        plan.relative_time = predicted;
        plan.groups = std::move(groups);
      }
    }
  }
  plan.threads = static_cast<unsigned>(std::min<std::size_t>(threads, plan.groups.size()));
  return plan;
}

}  // namespace lanecrypt
