// What is kept of a response. The grammar of HTTP is Beast's business.
#include "http_response.hpp"

#include <boost/asio/buffer.hpp>

#include "../limits.hpp"

namespace lanecrypt::runtime {
namespace {

// As large as the connection's buffer: a header that does not fit there could never be parsed.
constexpr std::uint32_t max_header_bytes = 16 * 1024;

// What is left of a chunked body that is not complete has as many bytes at least: "0\r\n\r\n". Beast before 1.86
// asserts that it is called with them (github.com/boostorg/beast/pull/2861).
constexpr std::size_t last_chunk_bytes = 5;

std::string_view plain(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

HttpResponse::HttpResponse(Arena& arena) : arena_(arena), headers_(&arena), body_(&arena) {
  eager(true);
  header_limit(max_header_bytes);
  body_limit(boost::none);  // ours is on_body_impl's
}

HttpResponse::Progress HttpResponse::feed(std::string_view& bytes) {
  while (!bytes.empty() && !is_done()) {
    if (is_header_done() && chunked() && bytes.size() < last_chunk_bytes) return Progress::more;
    ErrorCode code;
    const std::size_t taken = put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
    bytes.remove_prefix(taken);
    if (code == boost::beast::http::error::need_more) return Progress::more;
    if (code) return Progress::malformed;
    if (taken == 0) break;
  }
  return is_done() ? Progress::done : Progress::more;
}

HttpResponse::Progress HttpResponse::end_of_stream() {
  ErrorCode code;
  if (!got_some()) return Progress::malformed;
  put_eof(code);
  return !code && is_done() ? Progress::done : Progress::malformed;
}

std::string_view HttpResponse::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers_) {
    if (boost::beast::iequals({key.data(), key.size()}, {name.data(), name.size()})) return value;
  }
  return {};
}

void HttpResponse::on_field_impl(boost::beast::http::field, View name, View value, ErrorCode&) {
  headers_.emplace_back(arena_.keep(plain(name)), arena_.keep(plain(value)));
}

void HttpResponse::on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) {
  if (length && *length <= max_body_bytes) body_.reserve(static_cast<std::size_t>(*length));
}

std::size_t HttpResponse::on_body_impl(View part, ErrorCode&) {
  if (too_large_ || part.size() > max_body_bytes - body_.size()) {
    too_large_ = true;
    body_.clear();
    return part.size();
  }
  body_.append(part.data(), part.size());
  return part.size();
}

}  // namespace lanecrypt::runtime
