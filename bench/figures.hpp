// The table of figures as data: what was measured, against which bars, and how it is written down.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "machine.hpp"

namespace lanecrypt::bench {

// What this project promises of itself. Bars apply to the best of the rounds.
namespace bars {
inline constexpr double batch_rate_min = 3.2;  // batch of 64 at cost 10, one thread: times libcrypt's hashes per second
inline constexpr double single_time_max = 1.25;    // one hash at cost 10: of libcrypt's time
inline constexpr double two_threads_min = 1.95;    // batch of 80 at cost 10: times one thread's hashes per second
inline constexpr double overhead_percent_max = 1;  // batch of 10,000 at cost 4: time outside the groups
}  // namespace bars

struct Bar {
  enum class Kind : std::uint8_t { at_least, at_most };
  Kind kind = Kind::at_least;
  double value = 0;
};

struct Figure {
  std::string key;               // in JSON
  std::string text;              // in tables
  std::string unit;              // "x", "%", "bytes"
  std::optional<double> best;    // empty: not measured, and detail says why
  std::optional<double> median;  // empty: counted, not timed
  std::optional<Bar> bar = {};
  std::string detail = {};

  // Empty where there is no bar or nothing was measured.
  std::optional<bool> met() const;
};

// The plan of 20 equal jobs for a number of threads. Times are over that of a single hash.
struct PlanRow {
  unsigned threads = 0;
  std::vector<std::uint32_t> widths;
  double predicted = 0;
  std::optional<double> best;  // empty: predicted only, for there are fewer cores
  std::optional<double> median;
};

struct Figures {
  std::string engine;
  unsigned rounds = 0;
  Machine machine;
  std::vector<Figure> figures;
  std::vector<PlanRow> plan;

  bool all_met() const;  // no bar missed; what was not measured misses none
};

// Measures everything: about a minute and a half with 7 rounds. say is told what comes next. Throws Fault if a hash is
// not libcrypt's.
Figures measure_figures(unsigned rounds, const std::function<void(const std::string&)>& say);

void write_text(std::ostream& out, const Figures& figures);
void write_markdown(std::ostream& out, const Figures& figures);
void write_json(std::ostream& out, const Figures& figures);

}  // namespace lanecrypt::bench
