// The request as it is, with nothing around it.
#include "../answer.hpp"
#include "../request.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

bool takes(const boost::json::object&) { return true; }

std::string_view answer(const boost::json::object& event, const JsonTree& tree, Call& call) {
  Request request(call.arena);
  request.max_cost = call.config.max_cost;
  read_request(event, tree, call.arena, request);
  call.summary.op = request.op == Op::hash ? "hash" : "verify";
  Outcome outcome(call.arena);
  run(request, call, outcome);
  return write_answer(request, outcome, call.arena);
}

}  // namespace

const Source plain_source = {takes, answer};

}  // namespace lanecrypt::runtime
