// Paths, headers, statuses and patience. What an event means is the handler's business.
#include "runtime_api.hpp"

#include <algorithm>
#include <charconv>

#include "../json.hpp"
#include "shutdown.hpp"

namespace lanecrypt::runtime {
namespace {

constexpr std::string_view api = "/2018-06-01/runtime/";

// Pauses of 50, 100, … 1600 ms and then 2 s between attempts: 8 attempts take some 5 s, which is long enough for a
// Runtime API that is being restarted and short enough to be restarted ourselves.
constexpr int most_attempts = 8;
constexpr int first_pause_ms = 50;
constexpr int longest_pause_ms = 2'000;

int pause_ms(int attempt) { return std::min(first_pause_ms << attempt, longest_pause_ms); }

// An id goes into a request line. AWS's are UUIDs.
bool is_request_id(std::string_view text) {
  const auto fits = [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           letter == '-' || letter == '_' || letter == '.' || letter == ':';
  };
  const bool is_step = text == "." || text == "..";  // up, to a server that tidies paths
  return !text.empty() && text.size() <= 128 && !is_step && std::all_of(text.begin(), text.end(), fits);
}

// Milliseconds since 1970 in September 2001: older than any invocation. cargo lambda watch sends 600000 (its ten
// minutes) where Lambda sends a point in time.
constexpr std::uint64_t earliest_deadline_ms = 1'000'000'000'000;

// 0, which is none, where the header is absent, no number, or no point in time: Lambda ends the invocation by itself.
std::uint64_t parse_deadline(std::string_view text) {
  std::uint64_t deadline = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, deadline);
  return error == std::errc() && stop == end && deadline >= earliest_deadline_ms ? deadline : 0;
}

std::string_view words(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::none:
      return "no failure";
    case HttpFailure::no_connection:
      return "the Runtime API does not accept a connection";
    case HttpFailure::stale:
    case HttpFailure::unanswered:
      return "the Runtime API closed the connection without an answer";
    case HttpFailure::broken:
      return "the Runtime API broke the connection or answered what is not HTTP";
    case HttpFailure::timed_out:
      return "the Runtime API did not answer in time";
    case HttpFailure::shut_down:
      return "SIGTERM";
  }
  return "";
}

std::string_view status_text(unsigned status, Arena& arena) {
  std::pmr::string& text = arena.new_text();
  append_integer(text, status);
  return text;
}

}  // namespace

HttpFailure RuntimeApi::attempt_next(Arena& arena, std::optional<HttpResponse>& response,
                                     const std::function<void()>& meanwhile) {
  HttpRequest request;
  request.method = "GET";
  request.path = arena.join({api, "invocation/next"});
  request.idle_wait = true;
  request.meanwhile = &meanwhile;
  return connection_.exchange(request, arena, response);
}

Next RuntimeApi::next(Arena& arena, Invocation& invocation, const std::function<void()>& meanwhile) {
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    if (shutdown_requested()) return Next::shut_down;
    invocation.response.reset();
    if (attempt > 0) arena.wipe();  // an event that broke off must not stay while the next is waited for
    const HttpFailure failure = attempt_next(arena, invocation.response, meanwhile);
    if (failure == HttpFailure::shut_down || !invocation.response) return Next::shut_down;  // an exchange makes one
    const HttpResponse& response = *invocation.response;
    if (failure == HttpFailure::none && response.status() == 200) {
      invocation.event = response.body();
      invocation.event_too_large = response.body_too_large();
      invocation.request_id = response.header("Lambda-Runtime-Aws-Request-Id");
      invocation.trace_id = response.header("Lambda-Runtime-Trace-Id");
      invocation.deadline_unix_ms = parse_deadline(response.header("Lambda-Runtime-Deadline-Ms"));
      if (is_request_id(invocation.request_id)) return Next::invocation;
      // Nobody can be told about this event. The next one may be whole.
      log_.message(LogLevel::error, "an event came without a usable request id and cannot be answered");
    } else if (failure == HttpFailure::none) {
      const unsigned status = response.status();
      log_.message(LogLevel::error, arena.join({"GET next was answered with status ", status_text(status, arena)}));
      if (status >= 500) return Next::failed;
    } else {
      // A stale connection after a freeze is no trouble worth a line above DEBUG, nor a pause.
      const bool stale = failure == HttpFailure::stale && attempt == 0;
      log_.message(stale ? LogLevel::debug : LogLevel::warn, words(failure));
      if (stale) continue;
    }
    if (attempt + 1 < most_attempts && sleep_unless_shutdown(pause_ms(attempt))) return Next::shut_down;
  }
  log_.message(LogLevel::fatal, "no event after 8 attempts in a row");
  return Next::failed;
}

HttpFailure RuntimeApi::post_with_retries(const HttpRequest& request, Arena& arena, unsigned& status) {
  HttpFailure failure = HttpFailure::none;
  bool repeated = false;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    std::optional<HttpResponse> response;
    failure = connection_.exchange(request, arena, response);
    status = response ? response->status() : 0;
    if ((failure == HttpFailure::stale || failure == HttpFailure::unanswered) && !repeated) {
      repeated = true;
    } else if (failure == HttpFailure::no_connection) {
      // SIGTERM cuts the pauses short and not the attempts: an answer is worth sending.
      static_cast<void>(sleep_unless_shutdown(pause_ms(attempt)));
    } else {
      return failure;
    }
  }
  return failure;
}

bool RuntimeApi::post(std::string_view path, std::string_view headers, std::string_view body,
                      std::string_view request_id, Arena& arena) {
  HttpRequest request;
  request.method = "POST";
  request.path = arena.join({api, path});
  request.headers = headers;
  request.body = body;
  unsigned status = 0;
  const HttpFailure failure = post_with_retries(request, arena, status);
  if (failure != HttpFailure::none) {
    log_.message(LogLevel::error, arena.join({"POST ", path, " failed: ", words(failure)}), request_id);
    return true;
  }
  if (status >= 200 && status < 300) return true;
  const std::string_view reason = status == 413 ? " (the answer is too large for Lambda)" : "";
  log_.message(LogLevel::error,
               arena.join({"POST ", path, " was answered with status ", status_text(status, arena), reason}),
               request_id);
  return status < 500;
}

bool RuntimeApi::answer(std::string_view request_id, std::string_view text, Arena& arena) {
  return post(arena.join({"invocation/", request_id, "/response"}), {}, text, request_id, arena);
}

bool RuntimeApi::post_error(std::string_view path, const HandlerError& error, std::string_view request_id,
                            Arena& arena) {
  const std::string_view header =
      arena.join({"Lambda-Runtime-Function-Error-Type: ", error.category, ".", error.type, "\r\n"});
  std::pmr::string& body = arena.new_text();
  body += '{';
  append_name(body, "errorMessage");
  append_string(body, error.message);
  append_name(body, "errorType");
  append_string(body, error.type);
  body += ",\"stackTrace\":[]}";
  return post(path, header, body, request_id, arena);
}

bool RuntimeApi::error(std::string_view request_id, const HandlerError& error, Arena& arena) {
  return post_error(arena.join({"invocation/", request_id, "/error"}), error, request_id, arena);
}

bool RuntimeApi::init_error(const HandlerError& error, Arena& arena) {
  return post_error("init/error", error, {}, arena);
}

}  // namespace lanecrypt::runtime
