// See the header.
//
// Longest first is tried first, because there a group that takes longer than it should does least harm. If threads that
// take groups in that order end later than the deal says, the order is that in which the deal's threads begin them.
#include "group_list.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <queue>
#include <utility>

namespace lanecrypt {
namespace {

// A list in the making: each takes the next jobs of its class.
class Listing {
 public:
  explicit Listing(std::span<const CostClass> classes) : classes_(classes) {
    std::size_t before = 0;
    for (std::size_t c = 0; c < classes.size(); before += classes[c++].jobs) next_[c] = before;
  }
  void add(std::size_t c, unsigned width) {
    groups_.push_back({next_[c], static_cast<std::uint8_t>(width), classes_[c].cost});
    next_[c] += width;
  }
  std::vector<PlannedGroup>& groups() noexcept { return groups_; }

 private:
  std::span<const CostClass> classes_;
  std::array<std::size_t, cost_levels> next_{};  // by class, into the order
  std::vector<PlannedGroup> groups_;
};

// Groups of one class and width.
struct Bucket {
  double time = 0;  // of one of them
  std::size_t c = 0;
  unsigned width = 0;
  std::size_t groups = 0;
};

std::vector<PlannedGroup> longest_first(const Work& work, const Deal& deal) {
  std::vector<Bucket> buckets;
  std::size_t groups = 0;
  for (std::size_t c = 0; c < work.classes.size(); ++c) {
    Cuts all{};
    for (std::size_t t = 0; t < deal.threads(); ++t) {
      const Cuts cuts = work.times.cut(deal.jobs(t, c));
      for (unsigned w = 1; w <= work.times.lanes(); ++w) all[w] += cuts[w];
    }
    for (unsigned w = work.times.lanes(); w > 0; groups += all[w--]) {
      if (all[w] > 0) buckets.push_back({work.times.of_group(w) * work.classes[c].unit, c, w, all[w]});
    }
  }
  std::stable_sort(buckets.begin(), buckets.end(), [](const Bucket& a, const Bucket& b) { return a.time > b.time; });
  Listing list(work.classes);
  list.groups().reserve(groups);
  for (const Bucket& bucket : buckets) {
    for (std::size_t i = 0; i < bucket.groups; ++i) list.add(bucket.c, bucket.width);
  }
  return std::move(list.groups());
}

// What a thread of a deal still has to do: its classes dearest first, its groups widest first.
class Remainder {
 public:
  Remainder(const Work& work, const Deal& deal, std::size_t thread)
      : work_(&work), deal_(&deal), thread_(thread), cuts_(work.times.cut(deal.jobs(thread, 0))) {
    settle();
  }
  double free_at() const noexcept { return free_at_; }
  bool empty() const noexcept { return c_ == work_->classes.size(); }
  void begin_at(double time) noexcept { free_at_ = time; }

  // Begins the next group.
  void step(Listing& list) {
    list.add(c_, width_);
    free_at_ += work_->times.of_group(width_) * work_->classes[c_].unit;
    --cuts_[width_];
    settle();
  }

 private:
  // To the next width that has groups.
  void settle() noexcept {
    while (cuts_[width_] == 0) {
      if (--width_ > 0) continue;
      if (++c_ == work_->classes.size()) return;
      cuts_ = work_->times.cut(deal_->jobs(thread_, c_));
      width_ = work_->times.lanes();
    }
  }

  const Work* work_;
  const Deal* deal_;
  std::size_t thread_;
  Cuts cuts_;
  std::size_t c_ = 0;
  unsigned width_ = work_->times.lanes();
  double free_at_ = 0;
};

// Groups in the order in which the deal's threads begin them. A thread that is through with its own takes whatever is
// next in the list, so here it takes over all that the next thread was to do.
std::vector<PlannedGroup> as_begun(const Work& work, const Deal& deal) {
  const auto later = [](const Remainder& a, const Remainder& b) { return a.free_at() > b.free_at(); };
  std::priority_queue<Remainder, std::vector<Remainder>, decltype(later)> threads(later);
  for (std::size_t t = 0; t < deal.threads(); ++t) threads.emplace(work, deal, t);
  Listing list(work.classes);
  std::priority_queue<double, std::vector<double>, std::greater<>> idle_from;
  while (!threads.empty()) {
    Remainder next = threads.top();
    threads.pop();
    if (next.empty()) {
      idle_from.push(next.free_at());
      continue;
    }
    if (!idle_from.empty()) {
      const double from = idle_from.top();
      idle_from.pop();
      idle_from.push(next.free_at());
      next.begin_at(from);
    }
    next.step(list);
    threads.push(next);
  }
  return std::move(list.groups());
}

}  // namespace

double predict_end(std::span<const double> width_times, std::span<const PlannedGroup> groups, unsigned threads,
                   unsigned least_cost) {
  std::array<double, cost_levels> unit{};
  for (unsigned cost = least_cost; cost < cost_levels; ++cost)
    unit[cost] = std::ldexp(1.0, static_cast<int>(cost - least_cost));
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at(std::greater<>{},
                                                                           std::vector<double>(threads, 0.0));
  double end = 0;
  for (const PlannedGroup& group : groups) {
    const double at = free_at.top() + width_times[group.width] * unit[group.cost];
    free_at.pop();
    free_at.push(at);
    end = std::max(end, at);
  }
  return end;
}

GroupList list_groups(const Work& work, const Deal& deal) {
  const auto end = [&](std::span<const PlannedGroup> groups) {
    return predict_end(work.times.width_times(), groups, static_cast<unsigned>(deal.threads()),
                       work.classes.back().cost);
  };
  GroupList list{longest_first(work, deal), 0};
  list.end = end(list.groups);
  if (list.end > deal.end() * (1 + 1e-9)) {
    list.groups = as_begun(work, deal);
    list.end = end(list.groups);
  }
  return list;
}

}  // namespace lanecrypt
