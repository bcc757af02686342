// Waits that SIGTERM may end are a poll(2) that watches for it too; where nothing but the answer is of interest,
// recv(2) waits by itself, with a time limit: every call of the kernel counts in an invocation that takes a tenth of a
// millisecond.
#include "http_connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "shutdown.hpp"

namespace lanecrypt::runtime {
namespace {

// The Runtime API answers at once; a wait longer than this is a dead peer. GET next has no limit.
constexpr int answer_timeout_ms = 30'000;
constexpr int connect_timeout_ms = 5'000;
// A peer that gives or takes a byte now and then, or never comes to an end, would else hold this process for ever.
constexpr std::chrono::seconds longest_exchange{60};
constexpr int most_interim_responses = 8;

bool parse_port(std::string_view text, std::uint16_t& port) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port != 0;
}

bool set_address(std::string_view host, std::uint16_t port, Endpoint& endpoint) {
  const std::string name = host == "localhost" ? "127.0.0.1" : std::string(host);
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(endpoint.address);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    endpoint.address_size = sizeof v6;
    return inet_pton(AF_INET6, name.substr(1, name.size() - 2).c_str(), &v6.sin6_addr) == 1;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.address);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  endpoint.address_size = sizeof v4;
  return inet_pton(AF_INET, name.c_str(), &v4.sin_addr) == 1;
}

// A path goes into the request line as it is, so it may hold nothing that ends a word or a line there.
bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter <= '~'; });
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  Endpoint endpoint;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    endpoint.prefix = text.substr(slash);
    while (!endpoint.prefix.empty() && endpoint.prefix.back() == '/') endpoint.prefix.pop_back();
    text = text.substr(0, slash);
  }
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon == std::string_view::npos || !parse_port(text.substr(colon + 1), port)) return std::nullopt;
  if (!set_address(text.substr(0, colon), port, endpoint) || !is_path(endpoint.prefix)) return std::nullopt;
  endpoint.host = text;
  return endpoint;
}

bool HttpConnection::connect_now() {
  disconnect();
  socket_ = socket(endpoint_.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);  // while it connects
  if (socket_ < 0) return false;
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint_.address);
  int error = connect(socket_, address, endpoint_.address_size) == 0 ? 0 : errno;
  pollfd pending{socket_, POLLOUT, 0};
  socklen_t size = sizeof error;
  if (error == EINPROGRESS && poll(&pending, 1, connect_timeout_ms) == 1) {
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  const timeval patience{answer_timeout_ms / 1000, 0};
  if (error == 0 && (fcntl(socket_, F_SETFL, 0) != 0 ||
                     setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)) {
    error = errno;
  }
  if (error != 0) disconnect();
  return error == 0;
}

void HttpConnection::disconnect() noexcept {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  reused_ = false;
}

// Between exchanges nothing may arrive: an end, an error or a byte all mean that this connection is of no more use.
// Asked before each request, which makes the ambiguous case (closed while the request was under way) rare.
bool HttpConnection::is_stale() const noexcept {
  char byte = 0;
  const ssize_t got = recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

HttpConnection::Ready HttpConnection::wait(short events, const HttpRequest& request, bool answer_began) noexcept {
  const bool idle = request.idle_wait && !answer_began;
  std::array<pollfd, 2> watched{pollfd{socket_, events, 0}, pollfd{idle ? shutdown_descriptor() : -1, POLLIN, 0}};
  for (;;) {
    const int count = poll(watched.data(), watched.size(), idle ? -1 : answer_timeout_ms);
    if (count == 0) return Ready::timed_out;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Ready::failed;
    // An event that is there wins over SIGTERM: it is answered, with its items cancelled.
    if ((watched[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) return Ready::readable;
    if (watched[0].revents != 0) return Ready::writable;
    if (watched[1].revents != 0) return Ready::shut_down;
  }
}

HttpFailure HttpConnection::send_request(const HttpRequest& request) {
  std::string head;
  head.append(request.method).append(" ").append(endpoint_.prefix).append(request.path).append(" HTTP/1.1\r\nHost: ");
  head.append(endpoint_.host).append("\r\nUser-Agent: lanecrypt/" LANECRYPT_VERSION "\r\n").append(request.headers);
  if (request.method == "POST") {
    head.append("Content-Type: application/json\r\nContent-Length: ");
    head.append(std::to_string(request.body.size())).append("\r\n");
  }
  head.append("\r\n");
  std::array<iovec, 2> parts{iovec{head.data(), head.size()},
                             iovec{const_cast<char*>(request.body.data()), request.body.size()}};
  return send_parts(request, parts.data(), parts.size());
}

// Ends early, as if all were sent, where the peer answers or closes before it has read everything (413 does): what it
// said is then found by receive().
HttpFailure HttpConnection::send_parts(const HttpRequest& request, iovec* parts, std::size_t count) {
  for (sent_all_ = false; count > 0;) {
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return HttpFailure::none;
    for (; count > 0 && sent >= static_cast<ssize_t>(parts->iov_len); ++parts, --count) {
      sent -= static_cast<ssize_t>(parts->iov_len);
    }
    if (count == 0) break;
    if (sent > 0) {
      parts->iov_base = static_cast<char*>(parts->iov_base) + sent;
      parts->iov_len -= static_cast<std::size_t>(sent);
    }
    const Ready ready = wait(POLLIN | POLLOUT, request, true);
    if (ready == Ready::timed_out || drags()) return HttpFailure::timed_out;
    if (ready != Ready::writable) return HttpFailure::none;
  }
  sent_all_ = true;
  return HttpFailure::none;
}

HttpFailure HttpConnection::ended(bool answer_began, HttpResponse& response) const {
  if (!answer_began) return reused_ ? HttpFailure::stale : HttpFailure::unanswered;
  return response.end_of_stream() == HttpResponse::Progress::done ? HttpFailure::none : HttpFailure::broken;
}

bool HttpConnection::drags() noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (waits_since_ == std::chrono::steady_clock::time_point{}) waits_since_ = now;
  return now - waits_since_ > longest_exchange;
}

// Responses 1xx are passed over: the one that counts comes behind them.
// NOLINTBEGIN(bugprone-unchecked-optional-access): exchange() has put a response there.
HttpFailure HttpConnection::receive(const HttpRequest& request, Arena& arena, std::optional<HttpResponse>& response) {
  int interim_responses = 0;
  std::size_t held = 0;  // bytes at the buffer's front that the parser could not take yet
  for (bool answer_began = false;;) {
    const bool idle = request.idle_wait && !answer_began;
    if (idle) {
      const Ready ready = wait(POLLIN, request, answer_began);
      if (ready == Ready::shut_down) return HttpFailure::shut_down;
      if (ready == Ready::failed) return HttpFailure::broken;
    }
    if (held == buffer_.size()) return HttpFailure::broken;
    const ssize_t got = recv(socket_, buffer_.data() + held, buffer_.size() - held, idle ? MSG_DONTWAIT : 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      if (idle) continue;
      return HttpFailure::timed_out;
    }
    if (got <= 0) return ended(answer_began, *response);
    std::string_view bytes{buffer_.data(), held + static_cast<std::size_t>(got)};
    filled_ = std::max(filled_, bytes.size());
    HttpResponse::Progress progress = response->feed(bytes);
    for (; progress == HttpResponse::Progress::done && response->is_interim(); progress = response->feed(bytes)) {
      if (++interim_responses > most_interim_responses) return HttpFailure::broken;
      response.emplace(arena);
    }
    if (progress == HttpResponse::Progress::malformed) return HttpFailure::broken;
    if (progress == HttpResponse::Progress::done) {
      if (!bytes.empty() || !response->may_keep_alive()) disconnect();
      return HttpFailure::none;
    }
    answer_began = !request.idle_wait || response->has_begun() || !bytes.empty();
    if (answer_began && drags()) return HttpFailure::timed_out;
    held = bytes.size();
    memmove(buffer_.data(), bytes.data(), held);
  }
}
// NOLINTEND(bugprone-unchecked-optional-access)

HttpFailure HttpConnection::exchange(const HttpRequest& request, Arena& arena, std::optional<HttpResponse>& response) {
  response.emplace(arena);
  waits_since_ = {};
  if (socket_ >= 0 && is_stale()) disconnect();
  if (socket_ < 0 && !connect_now()) return HttpFailure::no_connection;
  HttpFailure failure = send_request(request);
  if (request.meanwhile != nullptr) (*request.meanwhile)();
  if (failure == HttpFailure::none) failure = receive(request, arena, response);
  explicit_bzero(buffer_.data(), filled_);
  filled_ = 0;
  if (failure != HttpFailure::none || !sent_all_) disconnect();
  reused_ = socket_ >= 0;
  return failure;
}

}  // namespace lanecrypt::runtime
