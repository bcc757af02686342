// One keep-alive connection to the Runtime API over POSIX sockets. It sends one request and reads one response; which
// failures may be retried is the caller's decision (runtime_api.cpp). IPv4 and IPv6 addresses and "localhost" only: a
// static program has no resolver, and the Runtime API is on this machine.
#ifndef LANECRYPT_RUNTIME_BOOTSTRAP_HTTP_CONNECTION_HPP
#define LANECRYPT_RUNTIME_BOOTSTRAP_HTTP_CONNECTION_HPP

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http_response.hpp"

struct iovec;

namespace lanecrypt::runtime {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t address_size = 0;
  std::string host;    // for the Host header, as it was written
  std::string prefix;  // of every path: empty, or "/.rt"
};

// Parses host:port, with or without http:// before it and a path after it. Nothing if it is not that.
std::optional<Endpoint> parse_endpoint(std::string_view text);

struct HttpRequest {
  std::string_view method;
  std::string_view path;     // after the endpoint's prefix
  std::string_view headers;  // whole lines, each with its CRLF
  std::string_view body;
  // Waits for the response without a limit and lets SIGTERM end the wait until its first byte is there.
  bool idle_wait = false;
  const std::function<void()>* meanwhile = nullptr;  // done when the request is sent, before the response is waited for
};

enum class HttpFailure {
  none,
  no_connection,  // nothing was sent
  stale,          // a connection from before was closed without a byte of an answer
  unanswered,     // the same of a new one
  broken,         // anything else that went wrong after sending
  timed_out,
  shut_down  // SIGTERM came first
};

class HttpConnection {
 public:
  explicit HttpConnection(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
  ~HttpConnection() { disconnect(); }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  HttpConnection(HttpConnection&&) = delete;
  HttpConnection& operator=(HttpConnection&&) = delete;

  // One request, one response, which is made anew in the arena. The receive buffer, which an event passes through, is
  // wiped before this returns.
  HttpFailure exchange(const HttpRequest& request, Arena& arena, std::optional<HttpResponse>& response);

 private:
  enum class Ready { readable, writable, timed_out, shut_down, failed };

  bool connect_now();
  void disconnect() noexcept;
  [[nodiscard]] bool is_stale() const noexcept;
  Ready wait(short events, const HttpRequest& request, bool answer_began) noexcept;
  HttpFailure send_request(const HttpRequest& request);
  HttpFailure send_parts(const HttpRequest& request, iovec* parts, std::size_t count);
  HttpFailure receive(const HttpRequest& request, Arena& arena, std::optional<HttpResponse>& response);
  bool drags() noexcept;
  HttpFailure ended(bool answer_began, HttpResponse& response) const;

  Endpoint endpoint_;
  int socket_ = -1;
  bool reused_ = false;     // at least one exchange was finished on it
  bool sent_all_ = false;   // of the request under way; else the connection ends with its answer
  std::size_t filled_ = 0;  // bytes of the buffer that were written since it was wiped
  std::chrono::steady_clock::time_point waits_since_;  // in this exchange, other than for an event; zero: not yet
  std::array<char, std::size_t{16} * 1024> buffer_{};
};

}  // namespace lanecrypt::runtime

#endif
