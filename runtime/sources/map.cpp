// Step Functions' Distributed Map with an ItemBatcher: {"Items":[item, …],"BatchInput":{options}}. The answer is a
// request's, and so small that the state's output takes it.
#include "../answer.hpp"
#include "../limits.hpp"
#include "../request.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

bool takes(const json::value& event) {
  const json::object* object = event.if_object();
  return object != nullptr && object->contains("Items");
}

// BatchInput is the ItemBatcher's, the same for all batches. Without an op, items are hashed.
void read_batch_input(const json::object& event, Call& call, Request& request) {
  const json::value* input = event.if_contains("BatchInput");
  if (input == nullptr) return;
  const json::object* options = input->if_object();
  if (options == nullptr) throw InvalidRequest{"BatchInput must be an object"};
  if (options->contains("items")) throw InvalidRequest{"BatchInput takes no items: they are in Items"};
  if (options->contains("op")) request.op = read_op(*options);
  read_options(*options, call.arena, request);
}

std::string_view answer(const json::value& value, const JsonTree& tree, Call& call) {
  const json::object& event = value.get_object();
  refuse_unknown_fields(event, {"Items", "BatchInput"},
                        "the batch has an unknown field; it takes Items and BatchInput");
  Request request(call.arena, call.config.max_cost);
  request.limit = {max_state_answer_bytes};
  read_batch_input(event, call, request);
  call.summary.op = op_name(request.op);
  append_items(event.at("Items"), tree, call.arena, request);
  Outcome outcome(call.arena);
  run(request, call, outcome);
  return write_answer(request, outcome, call.arena);
}

}  // namespace

const Source map_source = {"map", takes, answer};

}  // namespace lanecrypt::runtime
