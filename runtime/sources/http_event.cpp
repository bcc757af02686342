// Three flavours, told by requestContext: 2.0 has `http` in it, a load balancer `elb`.
#include "http_event.hpp"

#include <strings.h>

#include <algorithm>

#include "../base64.hpp"
#include "../json.hpp"
#include "source.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view view(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '"')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '"')) text.remove_suffix(1);
  return text;
}

// The text before the separator, which is taken off with it.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool is_json_type(std::string_view type) {
  if (same_word(type, "application/json")) return true;
  return type.size() > 17 && same_word(type.substr(0, 12), "application/") &&
         same_word(type.substr(type.size() - 5), "+json");
}

const json::object* context_of(const json::object& event) { return object_field(event, "requestContext"); }

const json::object* http_of(const json::object& event) {
  const json::object* context = context_of(event);
  return context == nullptr ? nullptr : object_field(*context, "http");
}

// 2.0 has the stage in front of the path, unless it is the one that has no name.
std::string_view without_stage(std::string_view path, const json::object& context) {
  const std::string_view stage = text_field(context, "stage");
  if (stage.empty() || stage == "$default" || !path.starts_with('/')) return path;
  const std::string_view rest = path.substr(1);
  if (!rest.starts_with(stage)) return path;
  const std::string_view behind = rest.substr(stage.size());
  return behind.empty() || behind.front() == '/' ? behind : path;
}

}  // namespace

bool HttpEvent::is_one(const json::object& event) {
  return context_of(event) != nullptr && (http_of(event) != nullptr || !text_field(event, "httpMethod").empty());
}

HttpEvent::HttpEvent(const json::object& event)
    : event_(event),
      balancer_(context_of(event)->contains("elb")),
      multi_value_(!event.contains("headers") && event.contains("multiValueHeaders")) {
  const json::object* http = http_of(event);
  method_ = http == nullptr ? text_field(event, "httpMethod") : text_field(*http, "method");
  path_ = http == nullptr ? text_field(event, "path") : without_stage(text_field(event, "rawPath"), *context_of(event));
}

std::string_view HttpEvent::last_part() const {
  const std::size_t slash = path_.rfind('/');
  return slash == std::string_view::npos ? path_ : path_.substr(slash + 1);
}

std::string_view HttpEvent::header(std::string_view name) const {
  const json::object* headers = object_field(event_, multi_value_ ? "multiValueHeaders" : "headers");
  if (headers == nullptr) return {};
  for (const json::key_value_pair& entry : *headers) {
    if (!same_word({entry.key().data(), entry.key().size()}, name)) continue;
    const json::array* values = entry.value().if_array();
    if (values == nullptr) return view(entry.value());
    return values->empty() ? std::string_view{} : view(values->back());
  }
  return {};
}

bool HttpEvent::has_json_type() const {
  std::string_view rest = header("content-type");
  if (rest.empty()) return true;
  if (!is_json_type(cut(rest, ';'))) return false;
  while (!rest.empty()) {
    std::string_view parameter = cut(rest, ';');
    if (same_word(cut(parameter, '='), "charset") && !same_word(trimmed(parameter), "utf-8")) return false;
  }
  return true;
}

std::optional<std::string_view> HttpEvent::body(Arena& arena) const {
  const std::string_view body = text_field(event_, "body");
  const json::value* encoded = event_.if_contains("isBase64Encoded");
  if (encoded == nullptr || !encoded->is_bool() || !encoded->get_bool()) return body;
  return decode_base64(body, arena);
}

void HttpEvent::append_header(std::pmr::string& out, std::string_view name, std::string_view value) const {
  append_name(out, name);
  if (multi_value_) out += '[';
  append_string(out, value);
  if (multi_value_) out += ']';
}

// REST APIs refuse fields that they do not know: statusDescription is the load balancers'.
std::string_view HttpEvent::answer(const HttpStatus& status, std::string_view body, std::string_view allow,
                                   Arena& arena) const {
  std::pmr::string& out = arena.new_text();
  out.reserve(quoted_size(body) + 256);
  out += '{';
  append_field(out, "statusCode", status.number);
  if (balancer_) append_field(out, "statusDescription", status.line);
  append_name(out, multi_value_ ? "multiValueHeaders" : "headers");
  out += '{';
  append_header(out, "content-type", "application/json");
  append_header(out, "cache-control", "no-store");
  if (!allow.empty()) append_header(out, "allow", allow);
  out += "},\"isBase64Encoded\":false";
  append_field(out, "body", body);
  out += '}';
  return out;
}

std::string_view HttpEvent::out_of_memory_answer() const {
  constexpr std::string_view single =
      R"({"statusCode":413,"headers":{"content-type":"application/json"},"isBase64Encoded":false,)"
      R"("body":"{\"error\":{\"code\":\"too_large\",\"message\":\"the request needs too much memory\"}}"})";
  constexpr std::string_view multiple =
      R"({"statusCode":413,"multiValueHeaders":{"content-type":["application/json"]},"isBase64Encoded":false,)"
      R"("body":"{\"error\":{\"code\":\"too_large\",\"message\":\"the request needs too much memory\"}}"})";
  return multi_value_ ? multiple : single;
}

}  // namespace lanecrypt::runtime
