// Event source mappings of SQS and Kinesis: {"Records":[…]}. Such an event's answer goes to the service, which reads
// only which records failed; hashes go to the destination of whoever runs the handler, and without one the event is
// refused: they would vanish, and the records with them.
#include <algorithm>
#include <vector>

#include "../limits.hpp"
#include "../request.hpp"
#include "record.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

constexpr std::string_view no_destination =
    "no_destination: an SQS or Kinesis event has no place for hashes in its answer. Put the function into an "
    "EventBridge "
    "Pipe as its enrichment, or take the Python handler (lanecrypt.aws.records), which sends them to a queue or table";

bool takes(const json::value& event) {
  const json::object* object = event.if_object();
  return object != nullptr && object->contains("Records");
}

// The records of an event and what became of each.
class Mapping {
 public:
  Mapping(const json::array& records, Call& call);

  void compute();
  void deliver();
  [[nodiscard]] std::string_view failures();

 private:
  [[noreturn]] void refuse(std::string_view rule) const;
  void fail_followers();
  void append_result(std::pmr::string& out, std::size_t at) const;
  [[nodiscard]] const Record& lowest_failed() const;

  const json::array& values_;
  Call& call_;
  std::pmr::vector<Record> records_{&call_.arena};
  std::pmr::vector<std::uint8_t> failed_{&call_.arena};
  std::pmr::vector<std::size_t> ends_{&call_.arena};  // where each record's answer ends in answers_
  std::pmr::string answers_{&call_.arena};
};

// Digits: the longer is the larger, among equals the later in the alphabet.
bool lower(const Record& a, const Record& b) {
  return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id;
}

Mapping::Mapping(const json::array& records, Call& call) : values_(records), call_(call) {
  if (records.size() > max_items) throw InvalidRequest{"Records has more than 10000 records"};
  records_.reserve(records.size());
  for (const json::value& value : records) {
    if (!is_record(value)) refuse(" must have the eventSource aws:sqs or aws:kinesis");
    const Record record = read_record(value);
    if (record.id.empty()) refuse(" must have a messageId or a kinesis.sequenceNumber");
    if (!records_.empty() && record.source != records_.front().source)
      refuse(" has another eventSource than Records[0]");
    records_.push_back(record);
  }
  failed_.resize(records.size());
}

// Of the record that would be the next.
void Mapping::refuse(std::string_view rule) const {
  std::pmr::string& number = call_.arena.new_text();
  append_integer(number, records_.size());
  throw InvalidRequest{call_.arena.join({"Records[", number, "]", rule})};
}

void Mapping::compute() {
  RecordBatch batch(call_);
  for (const json::value& value : values_) add_record(value, call_.arena, batch);
  batch.run();
  for (std::size_t at = 0; at < records_.size(); ++at) {
    answers_ += '{';
    failed_[at] = batch.append_answer(answers_) == RecordState::done ? 0 : 1;
    answers_ += '}';
    ends_.push_back(answers_.size());
  }
  fail_followers();
}

// A stream is read again from its lowest failed record on, and a queue of the kind FIFO must keep the order of each of
// its groups. So what follows a failure fails too, and is not delivered: it comes again.
void Mapping::fail_followers() {
  std::pmr::vector<std::string_view> groups(&call_.arena);
  bool any = false;
  for (std::size_t at = 0; at < records_.size(); ++at) {
    const Record& record = records_[at];
    const bool follows =
        record.is_kinesis() ? any
                            : record.is_fifo() && std::find(groups.begin(), groups.end(), record.group) != groups.end();
    if (follows) failed_[at] = 1;
    if (failed_[at] != 0 && !follows) groups.push_back(record.group);
    any = any || failed_[at] != 0;
  }
}

void Mapping::append_result(std::pmr::string& out, std::size_t at) const {
  const Record& record = records_[at];
  const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
  out += out.size() == 1 ? "{" : ",{";
  append_field(out, "record", record.id);
  append_field(out, "source", record.source);
  if (!record.group.empty()) append_field(out, "group", record.group);
  if (!record.arn.empty()) append_field(out, "arn", record.arn);
  append_name(out, "answer");
  out += std::string_view{answers_}.substr(begin, ends_[at] - begin);
  out += '}';
}

void Mapping::deliver() {
  std::pmr::string results("[", &call_.arena);
  std::pmr::vector<std::size_t> sent(&call_.arena);
  for (std::size_t at = 0; at < records_.size(); ++at) {
    if (failed_[at] != 0) continue;
    append_result(results, at);
    sent.push_back(at);
  }
  results += ']';
  if (sent.empty()) return;
  std::pmr::vector<std::uint8_t> undelivered(sent.size(), &call_.arena);
  call_.context.destination->deliver(results, undelivered);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (undelivered[i] != 0) failed_[sent[i]] = 1;
  }
  fail_followers();
}

const Record& Mapping::lowest_failed() const {
  const Record* lowest = nullptr;
  for (std::size_t at = 0; at < records_.size(); ++at) {
    if (failed_[at] != 0 && (lowest == nullptr || lower(records_[at], *lowest))) lowest = &records_[at];
  }
  return *lowest;
}

// Of a stream the lowest alone: the service begins there again.
std::string_view Mapping::failures() {
  std::pmr::string& out = call_.arena.new_text();
  const auto append = [&out](const Record& record) {
    out += out.back() == '[' ? "{" : ",{";
    append_field(out, "itemIdentifier", record.id);
    out += '}';
  };
  const bool any = std::find(failed_.begin(), failed_.end(), 1) != failed_.end();
  out += R"({"batchItemFailures":[)";
  if (any && records_.front().is_kinesis()) {
    append(lowest_failed());
  } else {
    for (std::size_t at = 0; at < records_.size(); ++at) {
      if (failed_[at] != 0) append(records_[at]);
    }
  }
  out += "]}";
  return out;
}

std::string_view answer(const json::value& event, const JsonTree&, Call& call) {
  const json::array* records = event.get_object().at("Records").if_array();
  if (records == nullptr) throw InvalidRequest{"Records must be an array"};
  Mapping mapping(*records, call);
  if (call.context.destination == nullptr) throw HandlerError{"Function", "NoDestination", no_destination};
  mapping.compute();
  mapping.deliver();
  return mapping.failures();
}

}  // namespace

const Source records_source = {"records", takes, answer};

}  // namespace lanecrypt::runtime
