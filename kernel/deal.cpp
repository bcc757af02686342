// The search. See the header.
//
// Several first deals are made: every class spread evenly, and threads filled up to a common end, dearest class first,
// for a row of ends. Each is improved: the jobs of the thread that ends last and of another one are dealt anew between
// the two (redeal.hpp) until that helps no more. Where this leaves a gap to what is known to be impossible, all is done
// a second time with chains of three: the last thread hands jobs to another one, which is then redealt with a third.
#include "deal.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "redeal.hpp"

namespace lanecrypt {
namespace {

constexpr double close = 1.005;       // so near to the bound, nothing is searched for any more
constexpr double earlier = 1 - 1e-6;  // what counts as an improvement
constexpr double end_step = 1.02;     // from one common end to the next
constexpr int ends_max = 16;

// Looking at a split takes about 3 ns and a hash of cost 4 most of a millisecond: the search may take 2 % of the batch.
// There is a floor, because that is little where a search pays most, and a ceiling.
constexpr double effort_per_hash = 1000;
constexpr double effort_least = 2000;
constexpr double effort_most = 40'000;
constexpr std::size_t fill_effort = 10;  // for a thread and a class, counted in splits

std::size_t effort_for(const Work& work, double end) noexcept {
  const double hashes = std::ldexp(end, work.classes.back().cost - 4);
  return static_cast<std::size_t>(std::clamp(effort_per_hash * hashes, effort_least, effort_most));
}

class Search {
 public:
  Search(const Work& work, std::size_t threads)
      : work_(work),
        threads_(threads),
        bound_(earliest_end(work, threads)),
        effort_max_(effort_for(work, bound_)),
        redeal_(work),
        best_(spread()) {}

  Deal run() {
    improve(best_);
    try_ends();
    chaining_ = true;
    improve(best_);
    try_ends();
    return std::move(best_);
  }

 private:
  bool over(const Deal& deal) const noexcept { return deal.end() <= bound_ * close || redeal_.effort() >= effort_max_; }

  void try_ends() {
    double end = bound_;
    for (int i = 0; i < ends_max && !over(best_); ++i) {
      end *= end_step;
      if (end >= best_.end()) return;
      for (const bool first_evenly : {false, true}) {
        Deal deal = fill(end, first_evenly);
        improve(deal);
        if (deal.end() < best_.end()) best_ = std::move(deal);
      }
    }
  }

  // Every class spread over all threads alike.
  Deal spread() const {
    Deal deal(work_, threads_);
    for (std::size_t c = 0; c < work_.classes.size(); ++c) {
      const std::size_t share = work_.classes[c].jobs / threads_;
      std::size_t more = work_.classes[c].jobs % threads_;
      for (const std::size_t t : deal.by_load()) {
        deal.give(t, c, share + (more > 0));
        more -= more > 0;
      }
    }
    return deal;
  }

  // Threads filled up to a common end; of the dearest class, no thread gets more than its share if it is to go evenly.
  Deal fill(double end, bool first_evenly) {
    redeal_.add_effort(fill_effort * threads_ * work_.classes.size());
    Deal deal(work_, threads_);
    for (std::size_t c = 0; c < work_.classes.size(); ++c) {
      std::size_t left = work_.classes[c].jobs;
      const std::size_t most = first_evenly && c == 0 ? (left + threads_ - 1) / threads_ : left;
      for (const std::size_t t : deal.by_load()) {
        const std::size_t jobs = deal.room(t, c, std::min(left, most), end);
        deal.give(t, c, jobs);
        left -= jobs;
      }
      if (left > 0) overflow(deal, c, left);
    }
    return deal;
  }

  // Jobs that fit nowhere, to few threads: wide groups there are easier to make room for than one job more for each.
  void overflow(Deal& deal, std::size_t c, std::size_t left) const {
    const std::size_t most = std::max<std::size_t>(work_.times.best_width(), (left + threads_ - 1) / threads_);
    for (const std::size_t t : deal.by_load()) {
      const std::size_t jobs = std::min(left, most);
      deal.give(t, c, jobs);
      left -= jobs;
    }
  }

  void improve(Deal& deal) {
    while (!over(deal) && (improve_last(deal) || (chaining_ && chain(deal)))) {
    }
  }

  // Relieves the thread that ends last.
  bool improve_last(Deal& deal) {
    const std::span<const std::size_t> threads = deal.by_load();
    const std::size_t last = threads.back();
    const double limit = deal.load(last) * earlier;
    return std::any_of(threads.begin(), threads.end() - 1,
                       [&](std::size_t other) { return redeal(deal, last, other, limit); });
  }

  // Moves as many jobs of one class from the last thread as relieve it, and sees whether two others can take them.
  bool chain(Deal& deal) {
    const std::size_t last = deal.by_load().back();
    const double limit = deal.load(last) * earlier;
    for (std::size_t c = work_.classes.size(); c-- > 0;) {
      if (deal.load(last) - work_.time(c, deal.jobs(last, c)) > limit) continue;  // losing all would not be enough
      const std::size_t jobs = deal.jobs(last, c) - deal.room(last, c, deal.jobs(last, c), limit);
      for (std::size_t second = 0; second < threads_; ++second) {
        if (second == last) continue;
        deal.move(last, second, c, jobs);
        if (relieve(deal, last, second, limit)) return true;
        deal.move(second, last, c, jobs);
      }
    }
    return false;
  }

  bool relieve(Deal& deal, std::size_t last, std::size_t second, double limit) {
    for (std::size_t third = 0; third < threads_; ++third) {
      if (third != last && third != second && redeal(deal, second, third, limit)) return true;
    }
    return false;
  }

  bool redeal(Deal& deal, std::size_t one, std::size_t other, double limit) {
    return redeal_.effort() < effort_max_ && redeal_(deal, one, other, limit, bound_ * close);
  }

  const Work& work_;
  std::size_t threads_;
  double bound_;
  std::size_t effort_max_;
  Redeal redeal_;
  Deal best_;
  bool chaining_ = false;
};

}  // namespace

std::size_t Work::jobs_within(double time_max, std::size_t c, std::size_t jobs_max) const noexcept {
  std::size_t jobs = 0;
  while (jobs < jobs_max) {
    const std::size_t half = (jobs + jobs_max + 1) / 2;
    if (time(c, half) <= time_max) {
      jobs = half;
    } else {
      jobs_max = half - 1;
    }
  }
  return jobs;
}

double Deal::end() const noexcept { return *std::max_element(load_.begin(), load_.end()); }

void Deal::set(std::size_t thread, std::size_t c, std::size_t jobs) noexcept {
  std::size_t& has = jobs_[thread * work_->classes.size() + c];
  load_[thread] += work_->time(c, jobs) - work_->time(c, has);
  has = jobs;
}

void Deal::move(std::size_t from, std::size_t to, std::size_t c, std::size_t jobs) noexcept {
  set(from, c, this->jobs(from, c) - jobs);
  give(to, c, jobs);
}

std::size_t Deal::room(std::size_t thread, std::size_t c, std::size_t jobs_max, double end) const noexcept {
  return work_->jobs_within(end - load(thread) + work_->time(c, jobs(thread, c)), c, jobs_max);
}

std::span<const std::size_t> Deal::by_load() noexcept {
  std::iota(by_load_.begin(), by_load_.end(), std::size_t{0});
  std::stable_sort(by_load_.begin(), by_load_.end(), [&](std::size_t a, std::size_t b) { return load_[a] < load_[b]; });
  return by_load_;
}

double earliest_end(const Work& work, std::size_t threads) noexcept {
  const std::size_t dearest = work.classes[0].jobs;
  double rest = 0;
  for (std::size_t c = 1; c < work.classes.size(); ++c) rest += work.time(c, work.classes[c].jobs);
  for (std::size_t share = (dearest + threads - 1) / threads;; ++share) {
    // Some thread has a share of the dearest, and if none has more, then all together have the work of all classes,
    // with groups of the dearest that are no wider than the share.
    const double alone = static_cast<double>(dearest) * work.times.best_of_lane(share) * work.classes[0].unit;
    const double all = std::max(alone, work.time(0, dearest)) + rest;
    const double end = std::max(work.time(0, share), all / static_cast<double>(threads));
    if (share >= std::min<std::size_t>(dearest, work.times.lanes()) || end < work.time(0, share + 1)) return end;
  }
}

Deal deal_jobs(const Work& work, std::size_t threads) { return Search(work, threads).run(); }

}  // namespace lanecrypt
