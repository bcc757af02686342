// How soon a batch returns after its deadline, or after its cancel flag was set: the slowest of many runs, not the
// best.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "machine.hpp"

namespace lanecrypt::bench {

namespace bars {
inline constexpr double response_ms_max = 50;  // in the slowest run
}  // namespace bars

enum class Ending {
  deadline,
  cancel,
  cancel_before_deadline  // there is a deadline too, an hour away
};

// Batches of one kind, each ended at a moment of its own.
struct ResponseRow {
  std::string engine;  // empty: no batch, but a thread that only sleeps: how late this machine wakes anybody
  unsigned cost = 0;
  std::size_t jobs = 0;
  unsigned threads = 1;
  Ending ending = Ending::deadline;
  bool waits = false;       // for its turn, behind another thread's batch
  bool verifies = false;    // stored hashes, and does not make new ones
  bool to_the_end = false;  // the moment is drawn from the whole length of the batch
  double spread_ms = 40;    // else from so many milliseconds after the call
  bool whole = false;       // the engine computes a hash in one step: the bar is on what comes behind the last of those
  double p50 = 0;           // milliseconds from the moment to the return
  double p99 = 0;
  double p100 = 0;
  std::optional<double> behind_p100 = {};  // of a whole row: from the end of the last hash that was being computed
  std::optional<double> busy_p100 = {};    // the most processor time of all threads in that time, in one run
  double stolen_p100 = 0;  // what the hypervisor took of all cores in that time of the slowest, ten exact

  std::optional<bool> met() const;  // empty where there is no bar
};

struct ResponseWishes {
  unsigned runs = 200;
  std::vector<std::string> engines;  // empty: all that run here
  bool quick = false;                // few runs of few rows: does it run?
};

struct Response {
  unsigned runs = 0;
  Machine machine;
  std::vector<ResponseRow> rows;

  bool all_met() const;
};

// Throws Fault if a batch ended otherwise than it was told to.
Response measure_response(const ResponseWishes& wishes, const std::function<void(const std::string&)>& say);

void write_text(std::ostream& out, const Response& response);
void write_markdown(std::ostream& out, const Response& response);
void write_json(std::ostream& out, const Response& response);

std::string describe(const ResponseRow& row);
std::string result(const ResponseRow& row);  // in a line, once it is measured

}  // namespace lanecrypt::bench
