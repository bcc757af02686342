// Does time tell? What a failed verification takes, whatever it failed by, and a t-test over the comparison of hashes.
// The bars are here and nowhere else.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "alternate.hpp"
#include "machine.hpp"

namespace lanecrypt::bench {

namespace bars {
inline constexpr double apart_percent_max = 5;  // a failed login's median time beside a wrong password's
// Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", DATE 2017: above it time depends on the class.
inline constexpr double t_max = 4.5;
inline constexpr double planted_t_min = 10 * t_max;  // what the test must say of a comparison that leaves early
}  // namespace bars

// One way in which a verification ends.
struct Login {
  std::string text;
  std::size_t jobs = 1;  // 1: lanecrypt_verify; else a batch of so many of its kind, on one thread
  Times seconds = {};    // of the call
  double percent = 0;    // median, over that of a wrong password
  bool barred = true;    // false: shown beside the others, and bound to nothing

  bool met() const;
};

// A comparison that was timed in two classes.
struct Leak {
  std::string text;
  std::size_t measured = 0;
  double nanoseconds = 0;  // median of both classes, as far as the clock's ticks tell
  double t = 0;            // the largest of all croppings, without its sign
  bool planted = false;    // it leaves early, and must be found

  bool met() const;
};

struct TimingWishes {
  unsigned cost = 8;
  unsigned rounds = 61;
  std::size_t compares = 1'000'000;
};

struct Timing {
  std::string engine;
  TimingWishes wishes;
  Machine machine;
  std::vector<Login> logins;
  std::vector<Leak> leaks;

  bool all_met() const;
};

std::vector<Login> measure_logins(const TimingWishes& wishes);
std::vector<Leak> measure_compares(const TimingWishes& wishes);

void write_text(std::ostream& out, const Timing& timing);
void write_markdown(std::ostream& out, const Timing& timing);
void write_json(std::ostream& out, const Timing& timing);

}  // namespace lanecrypt::bench
