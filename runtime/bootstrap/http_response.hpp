// One HTTP response: Boost.Beast's parser, which finds the parts, writing them into an arena. No socket is known here.
#ifndef LANECRYPT_RUNTIME_BOOTSTRAP_HTTP_RESPONSE_HPP
#define LANECRYPT_RUNTIME_BOOTSTRAP_HTTP_RESPONSE_HPP

#include <boost/beast/http/basic_parser.hpp>
#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../arena.hpp"

namespace lanecrypt::runtime {

// Beast's extension point is used and not its message types: those keep header fields on the heap.
class HttpResponse final : private boost::beast::http::basic_parser<false> {
 public:
  enum class Progress { more, done, malformed };

  explicit HttpResponse(Arena& arena);

  // Takes what it can of bytes and drops that from their front. Bytes left after done belong to no answer of ours.
  Progress feed(std::string_view& bytes);

  // The peer has closed: done for a body without a length, else malformed.
  Progress end_of_stream();

  [[nodiscard]] unsigned status() const noexcept { return status_; }
  // The first header of that name, whatever its case; an empty view where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view body() const noexcept { return body_; }
  // The body was over max_body_bytes: it was read to its end, so that the connection goes on, and not kept.
  [[nodiscard]] bool body_too_large() const noexcept { return too_large_; }
  [[nodiscard]] bool has_begun() const { return got_some(); }
  // 100 Continue and its like. 101 is an answer, if one that nobody asked for.
  [[nodiscard]] bool is_interim() const noexcept { return status_ < 200 && status_ != 101; }
  [[nodiscard]] bool may_keep_alive() const { return is_done() && keep_alive(); }

 private:
  using Parser = boost::beast::http::basic_parser<false>;
  using View = boost::beast::string_view;
  using ErrorCode = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, View, View, int, ErrorCode&) override {}
  void on_response_impl(int status, View, int, ErrorCode&) override { status_ = static_cast<unsigned>(status); }
  void on_field_impl(boost::beast::http::field, View name, View value, ErrorCode&) override;
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override;
  std::size_t on_body_impl(View part, ErrorCode&) override;
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View part, ErrorCode& code) override {
    return on_body_impl(part, code);
  }
  void on_finish_impl(ErrorCode&) override {}

  Arena& arena_;
  unsigned status_ = 0;
  bool too_large_ = false;
  std::pmr::vector<std::pair<std::string_view, std::string_view>> headers_;
  std::pmr::string body_;
};

}  // namespace lanecrypt::runtime

#endif
