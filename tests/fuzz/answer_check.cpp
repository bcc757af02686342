// See the header. Shapes are those of examples/events.
#include "answer_check.hpp"

#include <algorithm>
#include <array>

#include "check.hpp"
#include "event_secrets.hpp"
#include "grammar.hpp"

namespace lanecrypt::fuzz {
namespace {

namespace json = boost::json;

const json::value* field(const json::value& value, const char* name) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string_view text_in(const json::value* value) {
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

bool same(const json::value* a, const json::value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return *a == *b;
}

bool is_error(const json::value* value) { return value != nullptr && !text_in(field(*value, "code")).empty(); }

// Exactly one of the three, and what a match may have beside it.
void check_outcome(const json::value& item) {
  const json::value* const hash = field(item, "hash");
  const json::value* const match = field(item, "match");
  const json::value* const error = field(item, "error");
  check((hash != nullptr) + (match != nullptr) + (error != nullptr) == 1, "an item has one outcome");
  check(hash == nullptr || is_hash(text_in(hash)), "a hash is whole");
  check(match == nullptr || match->is_bool(), "a verdict is true or false");
  check(error == nullptr || is_error(error), "an error has a code");
  const json::value* const new_hash = field(item, "new_hash");
  const json::value* const upgrade_error = field(item, "upgrade_error");
  const bool matches = match != nullptr && match->is_bool() && match->get_bool();
  check((new_hash == nullptr && upgrade_error == nullptr) || matches, "only a match is upgraded");
  check(new_hash == nullptr || is_hash(text_in(new_hash)), "a new hash is whole");
  check(upgrade_error == nullptr || is_error(upgrade_error), "an upgrade's error has a code");
}

void check_items(const json::value* asked, const json::value& answer) {
  const json::value* const items = field(answer, "items");
  const json::value* const processed = field(answer, "processed");
  check(items != nullptr && items->is_array(), "an answer has items");
  const std::size_t count = asked == nullptr ? 0 : asked->as_array().size();
  check(items->get_array().size() == count, "an answer has as many items as were asked for");
  check(processed != nullptr && *processed == json::value(count), "processed counts them");
  std::size_t failed = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const json::value& item = items->get_array()[i];
    check(same(field(item, "id"), field(asked->get_array()[i], "id")), "an id comes back in its place");
    check_outcome(item);
    failed += field(item, "error") == nullptr ? 0U : 1U;
  }
  check(*field(answer, "failed") == json::value(failed), "failed counts the errors");
}

void check_request(const json::value& request, const json::value& answer) {
  if (field(request, "count") == nullptr) return check_items(field(request, "items"), answer);
  const json::value* const processed = field(answer, "processed");
  check(processed != nullptr && processed->is_int64(), "the sample says what it processed");
  check(field(answer, "items") == nullptr, "the sample has no items");
}

void check_http(const json::value& answer) {
  const json::value* const code = field(answer, "statusCode");
  const json::value* const body = field(answer, "body");
  constexpr std::array<int, 7> codes = {200, 400, 404, 405, 413, 415, 500};
  check(code != nullptr && code->is_int64(), "a status is a number");
  check(std::find(codes.begin(), codes.end(), code->get_int64()) != codes.end(), "a status is a documented one");
  check(code->get_int64() != 500, "nothing unforeseen happened");
  check(body != nullptr && body->is_string(), "a body is a text");
  json::value inside;
  const std::string_view text = text_in(body);
  if (text.empty()) return;
  check(parse_json(text, inside) && inside.is_object(), "a body is JSON");
  check((code->get_int64() == 200) == (field(inside, "error") == nullptr), "an error has a status of its own");
  if (const json::value* const items = field(inside, "items")) {
    for (const json::value& item : items->as_array()) check_outcome(item);
  }
}

// Of a record: one item's outcome, a request's answer, or an error.
void check_record_answer(const json::value& answer) {
  const json::value* const items = field(answer, "items");
  if (items == nullptr) return check_outcome(answer);
  for (const json::value& item : items->as_array()) check_outcome(item);
}

void check_pipe(const json::value& event, const json::value& answer) {
  check(answer.is_array() && answer.get_array().size() == event.as_array().size(), "each record is answered");
  for (const json::value& record : answer.get_array()) check_record_answer(record);
}

// Each failure that is reported is a record of the event.
void check_failures(const json::value& event, const json::value& answer) {
  const json::value* const failures = field(answer, "batchItemFailures");
  check(failures != nullptr && failures->is_array(), "there is a list of failures");
  const json::array& records = field(event, "Records")->as_array();
  check(failures->get_array().size() <= records.size(), "no more than all failed");
  for (const json::value& failure : failures->get_array()) {
    const std::string_view id = text_in(field(failure, "itemIdentifier"));
    const bool known = std::any_of(records.begin(), records.end(), [&](const json::value& record) {
      const json::value* const kinesis = field(record, "kinesis");
      return text_in(field(record, "messageId")) == id || text_in(field(record, "sequenceNumber")) == id ||
             (kinesis != nullptr && text_in(field(*kinesis, "sequenceNumber")) == id);
    });
    check(known && !id.empty(), "what failed was in the event");
  }
}

}  // namespace

void check_answer(const json::value& event, std::string_view source, std::string_view answer) {
  json::value value;
  check(parse_json(answer, value), "an answer is JSON");
  if (source == "http") return check_http(value);
  if (source == "pipe") return check_pipe(event, value);
  if (source == "records") return check_failures(event, value);
  if (source == "map") return check_items(field(event, "Items"), value);
  check(source == "plain" || source == "sample", "a source is one of the table");
  check_request(event, value);
}

void check_results(std::string_view results, std::size_t count) {
  json::value value;
  check(parse_json(results, value), "results are JSON");
  check(value.is_array() && value.get_array().size() == count, "there is a result for each record");
  for (const json::value& result : value.get_array()) {
    check(!text_in(field(result, "record")).empty(), "a result names its record");
    const json::value* const answer = field(result, "answer");
    check(answer != nullptr, "a result has an answer");
    check_record_answer(*answer);
  }
}

}  // namespace lanecrypt::fuzz
