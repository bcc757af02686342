// The four calls of the Lambda Runtime API (version 2018-06-01), with what may be retried and what ends the process.
#ifndef LANECRYPT_RUNTIME_BOOTSTRAP_RUNTIME_API_HPP
#define LANECRYPT_RUNTIME_BOOTSTRAP_RUNTIME_API_HPP

#include <optional>
#include <string_view>

#include "../log.hpp"
#include "http_connection.hpp"

namespace lanecrypt::runtime {

// What GET next brought. The views are of the response, which lives in the invocation's arena.
struct Invocation {
  std::optional<HttpResponse> response;
  std::string_view event;
  bool event_too_large = false;  // it was not kept
  std::string_view request_id;
  std::string_view trace_id;  // empty: none came
  std::uint64_t deadline_unix_ms = 0;
};

enum class Next { invocation, shut_down, failed };

// Retries. GET next may be repeated at any time: an event that was handed out and lost on the way comes again. A POST
// is repeated where nothing was sent (no connection), and once where the connection was closed without a byte of an
// answer. Should the request have arrived all the same, its repetition is answered with a 4xx
// (the id is answered already), which is logged and changes nothing. After any other failure it is not repeated.
// Attempts in a row are bounded, with growing pauses between them.
class RuntimeApi {
 public:
  RuntimeApi(Endpoint endpoint, const Log& log) : connection_(std::move(endpoint)), log_(log) {}

  // Waits for an event, without a limit. failed: the process should leave with a non-zero status. meanwhile is called
  // when the event has been asked for, once for each attempt.
  Next next(Arena& arena, Invocation& invocation, const std::function<void()>& meanwhile);

  // These return false where the Runtime API said that the process should leave (5xx). Every other failure is logged;
  // the invocation is then lost, and the next one is worth trying. After 413 (answer too large) Lambda has failed the
  // invocation itself: /error is not posted.
  bool answer(std::string_view request_id, std::string_view text, Arena& arena);
  bool error(std::string_view request_id, const HandlerError& error, Arena& arena);
  bool init_error(const HandlerError& error, Arena& arena);

 private:
  HttpFailure attempt_next(Arena& arena, std::optional<HttpResponse>& response, const std::function<void()>& meanwhile);
  HttpFailure post_with_retries(const HttpRequest& request, Arena& arena, unsigned& status);
  bool post(std::string_view path, std::string_view headers, std::string_view body, std::string_view request_id,
            Arena& arena);
  bool post_error(std::string_view path, const HandlerError& error, std::string_view request_id, Arena& arena);

  HttpConnection connection_;
  const Log& log_;
};

}  // namespace lanecrypt::runtime

#endif
