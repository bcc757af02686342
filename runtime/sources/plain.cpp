// The request as it is, with nothing around it.
#include "../answer.hpp"
#include "../request.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

bool takes(const boost::json::object&) { return true; }

std::string_view answer(const boost::json::object& event, const JsonTree& tree, Call& call) {
  Request request(call.arena, call.config.max_cost);
  request.op = read_op(event);
  call.summary.op = op_name(request.op);
  read_options(event, call.arena, request);
  if (const boost::json::value* items = event.if_contains("items")) append_items(*items, tree, call.arena, request);
  Outcome outcome(call.arena);
  run(request, call, outcome);
  return write_answer(request, outcome, call.arena);
}

}  // namespace

const Source plain_source = {takes, answer};

}  // namespace lanecrypt::runtime
