// The benchmark event that this function replaces: hash `count` generated passwords at cost 10 and answer the time. Its
// clients must not notice the change, so names, meanings and the two messages about count are fixed.
#include <array>
#include <charconv>

#include "../answer.hpp"
#include "../limits.hpp"
#include "../request.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

constexpr std::uint32_t sample_cost = 10;

constexpr std::string_view no_integer = "count must be an integer";
constexpr std::string_view too_few = "count must be greater than 0";
constexpr std::string_view too_many = "count exceeds maximum of 1000 items";
static_assert(max_sample_count == 1000, "the message above names the limit");

// -0 and integers of more than 64 bits are kept as texts; they are integers all the same.
std::string_view problem_of(std::string_view number) {
  if (number.find_first_of(".eE") != std::string_view::npos) return no_integer;
  return number.front() == '-' ? too_few : too_many;
}

std::size_t read_count(const json::value& value, const JsonTree& tree) {
  if (value.is_uint64()) throw InvalidRequest{too_many};
  if (value.is_double()) throw InvalidRequest{problem_of(tree.number_text(value))};
  const std::int64_t* count = value.if_int64();
  if (count == nullptr) throw InvalidRequest{no_integer};
  if (*count <= 0) throw InvalidRequest{too_few};
  if (*count > static_cast<std::int64_t>(max_sample_count)) throw InvalidRequest{too_many};
  return static_cast<std::size_t>(*count);
}

// password_000000, password_000001, …
std::string_view sample_password(std::size_t index, Arena& arena) {
  std::array<char, 6> digits{};
  digits.fill('0');
  for (std::size_t at = digits.size(); index != 0 && at != 0; index /= 10) {
    digits[--at] = static_cast<char>('0' + index % 10);
  }
  return arena.join({"password_", {digits.data(), digits.size()}});
}

bool takes(const json::value& event) {
  const json::object* object = event.if_object();
  return object != nullptr && object->contains("count");
}

// The sample ignored fields that it did not know. Only those of a request with items are refused beside count: nobody
// could say which of the two requests was meant.
void refuse_other_request(const json::object& event) {
  for (const char* field : {"op", "items", "cost", "prefix", "long_passwords", "upgrade_to"}) {
    if (event.contains(field))
      throw InvalidRequest{"count goes with mode only: op, items and their options make another request"};
  }
}

void read_sample(const json::object& event, const JsonTree& tree, Arena& arena, Request& request) {
  refuse_other_request(event);
  const json::value* mode = event.if_contains("mode");
  if (mode == nullptr) throw InvalidRequest{R"(mode is missing: count needs "parallel", "sequential" or "auto")"};
  request.mode = read_mode(*mode);
  const std::size_t count = read_count(event.at("count"), tree);
  request.cost = sample_cost;
  request.items.resize(count);
  for (std::size_t index = 0; index < count; ++index) request.items[index].password = sample_password(index, arena);
}

std::string_view answer(const json::value& event, const JsonTree& tree, Call& call) {
  return answer_sample(event.get_object(), tree, call);
}

}  // namespace

std::string_view answer_sample(const json::object& event, const JsonTree& tree, Call& call) {
  Request request(call.arena, sample_cost);  // not the event's choice, so the operator's ceiling does not concern it
  call.summary.op = "count";
  read_sample(event, tree, call.arena, request);
  Outcome outcome(call.arena);
  run(request, call, outcome);
  return write_sample_answer(outcome, call.arena);
}

const Source sample_source = {"sample", takes, answer};

}  // namespace lanecrypt::runtime
