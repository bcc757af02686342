// Field names of SQS and Kinesis are here and nowhere else. (AWS Lambda Developer Guide: "Using Lambda with Amazon
// SQS", "… with Kinesis"; EventBridge User Guide: "Kinesis stream as a source".)
#include "record.hpp"

#include <algorithm>

#include "../base64.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

// SQS's are UUIDs, Kinesis's numbers of up to 129 digits. Answers hold them, so what is none of that is none.
constexpr std::size_t longest_id = 256;

std::string_view id_of(const json::object& fields, std::string_view name) {
  const auto fits = [](char letter) { return letter > ' ' && letter <= '~' && letter != '"' && letter != '\\'; };
  const std::string_view text = text_field(fields, name);
  return text.size() <= longest_id && std::all_of(text.begin(), text.end(), fits) ? text : std::string_view{};
}

const json::object& kinesis_fields(const json::object& record) {
  const json::object* nested = object_field(record, "kinesis");
  return nested == nullptr ? record : *nested;  // NOLINT(bugprone-return-const-ref-from-parameter): part of an event
}

void add_message(const json::object& record, RecordBatch& batch) {
  const json::value* body = record.if_contains("body");
  if (body == nullptr || !body->is_string()) return batch.add_problem("the record has no body that is a string");
  batch.add(text_field(record, "body"));
}

void add_data(const json::object& record, Arena& arena, RecordBatch& batch) {
  const json::object& fields = kinesis_fields(record);
  const json::value* data = fields.if_contains("data");
  if (data == nullptr || !data->is_string()) return batch.add_problem("the record has no data that is a string");
  const std::optional<std::string_view> text = decode_base64(text_field(fields, "data"), arena);
  if (!text) return batch.add_problem("the record's data is not base64");
  batch.add(*text);
}

}  // namespace

bool is_record(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return false;
  const std::string_view source = text_field(*object, "eventSource");
  return source == "aws:sqs" || source == "aws:kinesis";
}

Record read_record(const json::value& value) {
  const json::object& object = value.get_object();
  Record record;
  record.source = text_field(object, "eventSource");
  record.arn = text_field(object, "eventSourceARN");
  if (record.is_kinesis()) {
    record.id = id_of(kinesis_fields(object), "sequenceNumber");
    record.group = text_field(kinesis_fields(object), "partitionKey");
    return record;
  }
  record.id = id_of(object, "messageId");
  if (const json::object* attributes = object_field(object, "attributes")) {
    record.group = text_field(*attributes, "MessageGroupId");
  }
  return record;
}

void add_record(const json::value& value, Arena& arena, RecordBatch& batch) {
  const json::object& object = value.get_object();
  if (text_field(object, "eventSource") == "aws:sqs") {
    add_message(object, batch);
  } else {
    add_data(object, arena, batch);
  }
}

}  // namespace lanecrypt::runtime
