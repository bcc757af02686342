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

std::size_t read_count(const json::value& value) {
  constexpr std::string_view too_many = "count exceeds maximum of 1000 items";
  static_assert(max_sample_count == 1000, "the message above names the limit");
  if (value.is_uint64()) throw InvalidRequest{too_many};
  const std::int64_t* count = value.if_int64();
  if (count == nullptr) throw InvalidRequest{"count must be an integer"};
  if (*count <= 0) throw InvalidRequest{"count must be greater than 0"};
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

bool takes(const json::object& event) { return event.contains("count"); }

void read_sample(const json::object& event, Arena& arena, Request& request) {
  refuse_unknown_fields(event, {"count", "mode"}, "the request has an unknown field; count goes with mode only");
  const json::value* mode = event.if_contains("mode");
  if (mode == nullptr) throw InvalidRequest{R"(mode is missing: count needs "parallel", "sequential" or "auto")"};
  request.mode = read_mode(*mode);
  const std::size_t count = read_count(event.at("count"));
  request.cost = sample_cost;
  request.max_cost = sample_cost;  // not the event's choice, so the operator's ceiling does not concern it
  request.items.resize(count);
  for (std::size_t index = 0; index < count; ++index) request.items[index].password = sample_password(index, arena);
}

std::string_view answer(const json::object& event, const JsonTree&, Call& call) {
  Request request(call.arena);
  call.summary.op = "count";
  read_sample(event, call.arena, request);
  Outcome outcome(call.arena);
  run(request, call, outcome);
  return write_sample_answer(outcome, call.arena);
}

}  // namespace

const Source sample_source = {takes, answer};

}  // namespace lanecrypt::runtime
