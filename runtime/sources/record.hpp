// A record of SQS or Kinesis: who sent it, what it is called, where its text is. Event source mappings and Pipes have
// the same fields, but that mappings nest Kinesis's in an object of that name.
#ifndef LANECRYPT_RUNTIME_SOURCES_RECORD_HPP
#define LANECRYPT_RUNTIME_SOURCES_RECORD_HPP

#include <boost/json/value.hpp>
#include <string_view>

#include "../record_batch.hpp"

namespace lanecrypt::runtime {

struct Record {
  std::string_view source;  // "aws:sqs" or "aws:kinesis"
  std::string_view arn;     // of the queue or stream; empty if it is not said
  std::string_view id;      // messageId or sequenceNumber; empty if it has none that can be one
  std::string_view group;   // MessageGroupId or partitionKey; empty if it has none

  [[nodiscard]] bool is_kinesis() const { return source == "aws:kinesis"; }
  // Standard queues may have message groups too ("fair queues") and no order.
  [[nodiscard]] bool is_fifo() const { return arn.ends_with(".fifo"); }
};

// Is it an object with the eventSource aws:sqs or aws:kinesis?
bool is_record(const boost::json::value& value);

// Of a value that is one.
Record read_record(const boost::json::value& value);

// Adds what the record carries, or why it carries nothing, to the batch.
void add_record(const boost::json::value& value, Arena& arena, RecordBatch& batch);

}  // namespace lanecrypt::runtime

#endif
