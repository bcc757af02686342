// The request as it is, with nothing around it.
#include "../answer.hpp"
#include "../limits.hpp"
#include "../request.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

// Objects with neither come here too, as nobody else's.
bool takes(const boost::json::value& event) {
  const boost::json::object* object = event.if_object();
  return object != nullptr && !object->contains("count") && (object->contains("op") || object->contains("items"));
}

std::string_view answer(const boost::json::value& event, const JsonTree& tree, Call& call) {
  return answer_request(event.get_object(), tree, {max_answer_bytes}, std::nullopt, call);
}

}  // namespace

std::string_view answer_request(const boost::json::object& object, const JsonTree& tree, AnswerLimit limit,
                                std::optional<Op> implied, Call& call) {
  if (!implied && object.contains("count")) return answer_sample(object, tree, call);
  Request request(call.arena, call.config.max_cost);
  request.limit = limit;
  request.op = read_op(object, implied);
  call.summary.op = op_name(request.op);
  read_options(object, call.arena, request);
  if (const boost::json::value* items = object.if_contains("items")) append_items(*items, tree, call.arena, request);
  Outcome outcome(call.arena);
  run(request, call, outcome);
  return write_answer(request, outcome, call.arena);
}

const Source plain_source = {"plain", takes, answer};

}  // namespace lanecrypt::runtime
