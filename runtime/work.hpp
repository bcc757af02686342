// Runs a Request over the C ABI: threads, options, job arrays. It neither reads nor writes JSON.
#ifndef LANECRYPT_RUNTIME_WORK_HPP
#define LANECRYPT_RUNTIME_WORK_HPP

#include <lanecrypt/lanecrypt.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "arena.hpp"
#include "handler.hpp"
#include "request.hpp"

namespace lanecrypt::runtime {

// Everything around one event that is not the event.
struct Call {
  const HandlerConfig& config;
  const WorkersOfProcess& workers;
  const InvocationContext& context;
  Arena& arena;
  InvocationSummary& summary;
  bool event_too_large;  // over the limit by so little that it could be read; only HTTP has an answer for that
};

// Thrown where the ABI could not run the batch at all.
struct BatchFailed {
  lanecrypt_status status;
};

struct Workers {
  std::uint32_t threads = 1;   // what the batch may use
  std::uint32_t detected = 1;  // processors that this process can use, whatever a Lambda's memory buys of them
  bool parallel = false;       // the mode, resolved
};

struct Outcome {
  Workers workers;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  std::string_view engine;
  std::size_t failed = 0;                              // items with an error, invalid ones among them
  std::pmr::vector<lanecrypt_hash_job> hash_jobs;      // of Op::hash: one per valid item, in order
  std::pmr::vector<lanecrypt_verify_job> verify_jobs;  // of Op::verify

  explicit Outcome(Arena& arena) : hash_jobs(&arena), verify_jobs(&arena) {}
};

// WORKER_COUNT's rule: a number, with or without a +, is held to 1..6, or to the number of cores where there are more;
// anything else, and nothing, means the thread budget. Reads a dozen files of /proc and /sys.
WorkersOfProcess workers_of_process(std::string_view worker_count);

Workers choose_workers(const WorkersOfProcess& most, Mode mode);

// The name of the engine that a batch would begin with; empty if none can run or the one asked for cannot.
std::string_view engine_name(const std::string& wanted);

void run(const Request& request, Call& call, Outcome& outcome);

}  // namespace lanecrypt::runtime

#endif
