// Which thread computes how many jobs of which cost: the planner's search.
//
// Who computes what decides everything else: a thread's jobs of one cost are cut into groups in the best way
// (thread_times.hpp), and its time is the sum of theirs. Jobs of one cost are all alike, so only numbers are dealt, and
// the search takes no longer for a million of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "thread_times.hpp"

namespace lanecrypt {

inline constexpr unsigned cost_levels = 32;

// Jobs of one cost.
struct CostClass {
  std::uint8_t cost = 0;
  std::size_t jobs = 0;
  double unit = 0;  // time of one hash alone
};

// Classes, dearest first, and their times: what a deal is judged by.
struct Work {
  const ThreadTimes& times;
  std::span<const CostClass> classes;

  double time(std::size_t c, std::size_t jobs) const noexcept { return times.of(jobs) * classes[c].unit; }
  // The most jobs of class c, up to a number of them, that one thread computes in so much time.
  std::size_t jobs_within(double time_max, std::size_t c, std::size_t jobs_max) const noexcept;
};

// How many jobs of each class each thread has.
class Deal {
 public:
  Deal(const Work& work, std::size_t threads)
      : work_(&work), jobs_(threads * work.classes.size()), load_(threads), by_load_(threads) {}

  std::size_t threads() const noexcept { return load_.size(); }
  std::size_t jobs(std::size_t thread, std::size_t c) const noexcept {
    return jobs_[thread * work_->classes.size() + c];
  }
  double load(std::size_t thread) const noexcept { return load_[thread]; }
  double end() const noexcept;

  void set(std::size_t thread, std::size_t c, std::size_t jobs) noexcept;
  void give(std::size_t thread, std::size_t c, std::size_t jobs) noexcept {
    set(thread, c, this->jobs(thread, c) + jobs);
  }
  void move(std::size_t from, std::size_t to, std::size_t c, std::size_t jobs) noexcept;
  // How many jobs of class c the thread can have if it is to end in time, whatever it has of them now; at most so many.
  std::size_t room(std::size_t thread, std::size_t c, std::size_t jobs_max, double end) const noexcept;
  // Threads, least load first, as it is now: what is dealt afterwards does not move them.
  std::span<const std::size_t> by_load() noexcept;

 private:
  const Work* work_;
  std::vector<std::size_t> jobs_;
  std::vector<double> load_;
  std::vector<std::size_t> by_load_;
};

// No deal to so many threads ends before this.
double earliest_end(const Work& work, std::size_t threads) noexcept;

// A deal to as many threads, searched for with an effort that is small beside the work itself.
Deal deal_jobs(const Work& work, std::size_t threads);

}  // namespace lanecrypt
