// HTTP: API Gateway's REST APIs (payload 1.0), HTTP APIs and Function URLs (2.0), and load balancers. Whatever is wrong
// is a status and a JSON body: an invocation that failed would be a 502 without a word to the client.
#include <lanecrypt/lanecrypt.h>

#include <array>
#include <new>

#include "../answer.hpp"
#include "../limits.hpp"
#include "../request.hpp"
#include "http_event.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

constexpr HttpStatus ok = {200, "200 OK", ""};
constexpr HttpStatus bad_request = {400, "400 Bad Request", "invalid_request"};
constexpr HttpStatus not_found = {404, "404 Not Found", "not_found"};
constexpr HttpStatus wrong_method = {405, "405 Method Not Allowed", "method_not_allowed"};
constexpr HttpStatus too_large = {413, "413 Content Too Large", "too_large"};
constexpr HttpStatus wrong_type = {415, "415 Unsupported Media Type", "unsupported_media_type"};
constexpr HttpStatus internal = {500, "500 Internal Server Error", "internal"};

constexpr std::string_view internal_error = "an internal error; the function's log has more";

struct Refusal {
  HttpStatus status;
  std::string_view message;
  std::string_view allow = {};
};

struct Route {
  std::string_view name;  // the last part of the path
  std::string_view methods;
  std::optional<Op> op = std::nullopt;
};

constexpr std::array<Route, 4> routes = {
    {{"", "POST"}, {"hash", "POST", Op::hash}, {"verify", "POST", Op::verify}, {"health", "GET, HEAD"}}};

const Route& route_of(const HttpEvent& event) {
  for (const Route& route : routes) {
    if (event.last_part() == route.name) return route;
  }
  throw Refusal{not_found, "there is no such path: POST /hash, POST /verify, POST / or GET /health"};
}

bool takes_method(const Route& route, std::string_view method) {
  if (route.methods == "POST") return method == "POST";
  return method == "GET" || method == "HEAD";
}

std::string_view health(Call& call) {
  std::pmr::string& out = call.arena.new_text();
  call.summary.op = "health";
  out += '{';
  append_field(out, "status", "ok");
  append_field(out, "version", lanecrypt_version());
  append_field(out, "engine", engine_name(call.config.engine));
  out += '}';
  return out;
}

std::string_view answer_body(const HttpEvent& event, const Route& route, Call& call) {
  if (!event.has_json_type()) throw Refusal{wrong_type, "content-type must be application/json, in UTF-8"};
  const std::optional<std::string_view> body = event.body(call.arena);
  if (!body) throw InvalidRequest{"isBase64Encoded is set and the body is not base64"};
  if (body->empty()) throw InvalidRequest{"the body is empty: it must be a JSON object"};
  JsonTree tree(call.arena);
  const std::string_view problem = JsonReader("the body", call.arena).read(*body, tree);
  if (!problem.empty()) throw InvalidRequest{problem};
  const json::object* request = tree.root.if_object();
  if (request == nullptr) throw InvalidRequest{"the body must be a JSON object"};
  const std::size_t most = event.is_balancer() ? max_balancer_answer_bytes : max_answer_bytes;
  return answer_request(*request, tree, {most - max_answer_frame_bytes, true}, route.op, call);
}

std::string_view answer_route(const HttpEvent& event, Call& call) {
  const Route& route = route_of(event);
  if (!takes_method(route, event.method()))
    throw Refusal{wrong_method, "the path does not take this method; Allow says which it takes", route.methods};
  if (call.event_too_large) throw InvalidRequest{event_too_large, true};
  return route.name == "health" ? health(call) : answer_body(event, route, call);
}

std::string_view error_body(const Refusal& refusal, Arena& arena) {
  std::pmr::string& out = arena.new_text();
  out += '{';
  append_error(out, "error", refusal.status.code, refusal.message);
  out += '}';
  return out;
}

std::string_view refuse(const HttpEvent& event, const Refusal& refusal, Call& call) {
  call.summary.http_status = refusal.status.number;
  return event.answer(refusal.status, error_body(refusal, call.arena), refusal.allow, call.arena);
}

std::string_view answer_or_refuse(const HttpEvent& event, Call& call) {
  try {
    const std::string_view body = answer_route(event, call);
    call.summary.http_status = ok.number;
    return event.answer(ok, event.method() == "HEAD" ? std::string_view{} : body, {}, call.arena);
  } catch (const Refusal& refusal) {
    return refuse(event, refusal, call);
  } catch (const InvalidRequest& wrong) {
    return refuse(event, {wrong.too_large ? too_large : bad_request, wrong.message}, call);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    return refuse(event, {internal, internal_error}, call);
  }
}

bool takes(const json::value& event) {
  const json::object* object = event.if_object();
  return object != nullptr && HttpEvent::is_one(*object);
}

std::string_view answer(const json::value& value, const JsonTree&, Call& call) {
  const HttpEvent event(value.get_object());
  try {
    return answer_or_refuse(event, call);
  } catch (const std::bad_alloc&) {  // nothing more can be put together
    call.summary.http_status = too_large.number;
    return event.out_of_memory_answer();
  }
}

}  // namespace

const Source http_source = {"http", takes, answer};

}  // namespace lanecrypt::runtime
