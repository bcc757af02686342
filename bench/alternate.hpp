// Timing of contestants in turns. A machine that slows down or is disturbed does so to all of them; the best of many
// rounds is what the code can do, the median what it did today.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace lanecrypt::bench {

struct Contestant {
  std::function<void()> run;    // what is timed
  std::function<void()> check;  // after every run, untimed: throws Fault where the run's answers are wrong
};

// Seconds.
struct Times {
  double best = 0;
  double median = 0;
};

// Runs every contestant once untimed and checks it, then all of them in `rounds` (>= 1) rounds, every other one in
// reverse order, so that nobody always follows the same neighbour. The answer has the contestants' order.
std::vector<Times> alternate(std::span<const Contestant> contestants, unsigned rounds);

}  // namespace lanecrypt::bench
