// What becomes of time and memory when a batch grows from 10 thousand to a million jobs.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "alternate.hpp"
#include "machine.hpp"

namespace lanecrypt::bench {

namespace bars {
inline constexpr double linear_percent_max = 5;     // time for each job, over that of the smallest batch
inline constexpr double job_heap_bytes_max = 96;    // of the library, at its peak, for each job
inline constexpr std::size_t calls_max = 64;        // allocations of a call: the planner's lists grow by doubling
inline constexpr std::size_t region_calls_max = 0;  // allocations while groups are computed
}  // namespace bars

// Batches of so many jobs on so many threads.
struct ScaleRow {
  std::size_t jobs = 0;
  unsigned threads = 1;
  std::size_t repeats = 1;       // batches in a turn
  Times job_seconds = {};        // for each job
  double linear_percent = 0;     // best, over that of the smallest batch on as many threads
  std::size_t heap_peak = 0;     // bytes, of one batch
  double job_heap_bytes = 0;     // what a job adds to a small batch on as many threads
  std::size_t calls = 0;         // allocations in a whole call
  std::size_t region_calls = 0;  // of those, between the first and the last look into the region
  std::size_t looks = 0;         // at the counter from inside the region; below 2 nothing was seen

  bool linear() const;
  bool bounded() const;
  bool few_calls() const;
  bool quiet() const;  // no allocation was seen in the region, and it was looked at
};

struct ScaleWishes {
  std::vector<std::size_t> jobs = {10'000, 100'000, 1'000'000};
  std::size_t one_thread_max = 100'000;  // a million on one core is minutes for each turn
  unsigned rounds = 3;
};

struct Scale {
  std::string engine;
  unsigned rounds = 0;
  Machine machine;
  std::vector<ScaleRow> rows;

  bool all_met() const;
};

Scale measure_scale(const ScaleWishes& wishes, const std::function<void(const std::string&)>& say);

void write_text(std::ostream& out, const Scale& scale);
void write_markdown(std::ostream& out, const Scale& scale);
void write_json(std::ostream& out, const Scale& scale);

}  // namespace lanecrypt::bench
