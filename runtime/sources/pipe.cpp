// The enrichment step of an EventBridge Pipe: an array of SQS or Kinesis records, answered by an array of results in
// the same order. The Pipe takes the results to its target, so the function needs no client of AWS.
#include "../limits.hpp"
#include "../request.hpp"
#include "record.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

bool takes(const json::value& event) {
  const json::array* records = event.if_array();
  return records != nullptr && !records->empty() && is_record(records->front());
}

// What a Pipe has taken is gone from its source, so a record that another attempt would do fails the invocation, which
// the Pipe repeats. A record that is wrong for good is answered in its place.
void append_result(std::pmr::string& out, const Record& record, RecordBatch& batch) {
  out += '{';
  if (!record.id.empty()) append_field(out, "record", record.id);
  if (batch.append_answer(out) == RecordState::unfinished)
    throw HandlerError{
        "Function", "Unfinished",
        "not all records were finished in time; the Pipe's batch is too large for the function's timeout"};
  out += '}';
}

std::string_view answer(const json::value& event, const JsonTree&, Call& call) {
  const json::array& records = event.get_array();
  if (records.size() > max_items) throw InvalidRequest{"the event has more than 10000 records"};
  RecordBatch batch(call);
  for (const json::value& record : records) {
    if (!is_record(record)) throw InvalidRequest{"every record must have the eventSource aws:sqs or aws:kinesis"};
    add_record(record, call.arena, batch);
  }
  batch.run();
  std::pmr::string& out = call.arena.new_text();
  out += '[';
  for (const json::value& record : records) {
    if (&record != records.begin()) out += ',';
    append_result(out, read_record(record), batch);
  }
  out += ']';
  return out;
}

}  // namespace

const Source pipe_source = {"pipe", takes, answer};

}  // namespace lanecrypt::runtime
