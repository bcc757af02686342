// HttpEvent: an HTTP request inside an event, and the answer in the form that its sender reads. It knows the field
// names of API Gateway, Function URLs and load balancers, and nothing of what is asked. (API Gateway Developer Guide:
// "Lambda proxy integrations", "payload format"; Elastic Load Balancing: "Lambda functions as targets".)
#ifndef LANECRYPT_RUNTIME_SOURCES_HTTP_EVENT_HPP
#define LANECRYPT_RUNTIME_SOURCES_HTTP_EVENT_HPP

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "../arena.hpp"

namespace lanecrypt::runtime {

struct HttpStatus {
  unsigned number;
  std::string_view line;  // "200 OK"
  std::string_view code;  // of an error body
};

class HttpEvent {
 public:
  static bool is_one(const boost::json::object& event);

  // Of an event that is one, which must live as long.
  explicit HttpEvent(const boost::json::object& event);

  [[nodiscard]] bool is_balancer() const { return balancer_; }
  [[nodiscard]] std::string_view method() const { return method_; }

  // What is behind the path's last slash: a stage, a base path or a load balancer's rule may stand before it. Empty for
  // the root, with or without its stage.
  [[nodiscard]] std::string_view last_part() const;

  // JSON's media type, in UTF-8 if it says in what; also where there is no content-type.
  [[nodiscard]] bool has_json_type() const;

  // Decoded; nothing if that fails.
  [[nodiscard]] std::optional<std::string_view> body(Arena& arena) const;

  // body: JSON on one line, or empty. allow: methods for a 405.
  [[nodiscard]] std::string_view answer(const HttpStatus& status, std::string_view body, std::string_view allow,
                                        Arena& arena) const;

  // A 413 that needs no memory.
  [[nodiscard]] std::string_view out_of_memory_answer() const;

 private:
  [[nodiscard]] std::string_view header(std::string_view name) const;
  void append_header(std::pmr::string& out, std::string_view name, std::string_view value) const;

  const boost::json::object& event_;
  std::string_view method_;
  std::string_view path_;
  bool balancer_;
  bool multi_value_;  // headers came as lists, and are answered so
};

}  // namespace lanecrypt::runtime

#endif
