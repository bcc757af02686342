// The handler: event text in, answer text out. No sockets, no environment, no log: the bootstrap and the Python module
// stand around it. It stands on the C ABI alone.
#ifndef LANECRYPT_RUNTIME_HANDLER_HPP
#define LANECRYPT_RUNTIME_HANDLER_HPP

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arena.hpp"

namespace lanecrypt::runtime {

// What an operator chooses; read once, see config.hpp.
struct HandlerConfig {
  std::string engine;              // empty: the best that runs here
  std::uint32_t max_cost = 14;     // the ceiling for new and stored hashes
  std::string worker_count;        // WORKER_COUNT as it was written; empty: as many as the thread budget allows
  std::uint32_t reserve_ms = 200;  // kept back of the deadline for writing and sending the answer of a full batch
};

// What this process may use, by WORKER_COUNT or the thread budget. Read once: a function's processors do not change.
struct WorkersOfProcess {
  std::uint32_t threads = 1;
  std::uint32_t detected = 1;  // whatever a Lambda's memory buys of them
};

// Where the results of records go whose source takes none (SQS, Kinesis). Whoever runs the handler may have one.
class Destination {
 public:
  Destination() = default;
  virtual ~Destination() = default;
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  Destination(Destination&&) = delete;
  Destination& operator=(Destination&&) = delete;

  // results: a JSON array of {"record":…,"source":…,"group":…,"arn":…,"answer":{…}}, valid during the call. Sets
  // undelivered[i] to 1 for each that could not be delivered: its record is reported as failed and comes again. Where
  // order matters (a group of a FIFO queue, a stream) what follows such a one should not be delivered either. Throws
  // HandlerError where nothing is known of any.
  virtual void deliver(std::string_view results, std::pmr::vector<std::uint8_t>& undelivered) const = 0;
};

struct InvocationContext {
  std::uint64_t deadline_unix_ms = 0;             // 0: none
  const volatile std::int32_t* cancel = nullptr;  // may be set from a signal handler; unfinished items say `cancelled`
  const Destination* destination = nullptr;       // nullptr: events of SQS and Kinesis are refused
};

// Why an invocation, or the whole function, failed. category and type make Lambda's "Category.Reason".
struct HandlerError {
  std::string_view category;  // "Function": the event's fault; "Runtime": ours or the machine's
  std::string_view type;
  std::string_view message;  // static, or in the arena of the invocation; never a word of the event
};

// For the log line.
struct InvocationSummary {
  std::string_view source = "none";  // both "none" until the event was understood
  std::string_view op = "none";
  std::size_t items = 0;
  std::size_t failed = 0;
  std::size_t hashes = 0;   // bcrypt computations that were finished
  std::size_t batches = 0;  // calls of the ABI: more than one where records ask for different things
  std::uint64_t duration_ns = 0;
  std::string_view engine;  // static text, empty where nothing was computed
  std::uint32_t threads = 0;
  unsigned http_status = 0;        // 0: not HTTP
  std::string_view first_failure;  // the code of the first record that failed, for nobody is answered it
};

struct HandlerResult {
  std::string_view answer;  // JSON in the arena, valid until its wipe; empty where there is an error
  std::optional<HandlerError> error;
  InvocationSummary summary;
};

// Run once before the first event: does the engine asked for exist, and does it pass its self-test? Where none is asked
// for there always is one, whose test comes with the first batch.
[[nodiscard]] std::optional<HandlerError> check_engine(const HandlerConfig& config) noexcept;

class Handler {
 public:
  // Asks the processor and a dozen files what this process may use.
  explicit Handler(HandlerConfig config);

  // Answers one event. Nothing is thrown. The caller wipes the arena when the answer is sent, on every path.
  [[nodiscard]] HandlerResult handle(std::string_view event, const InvocationContext& context,
                                     Arena& arena) const noexcept;

 private:
  HandlerConfig config_;
  WorkersOfProcess workers_;
};

}  // namespace lanecrypt::runtime

#endif
