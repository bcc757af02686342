// The log: one line per invocation and a few for what goes wrong, each written with one write(2) to stderr, which
// Lambda and its emulators collect like stdout and which nothing else in the process buffers. No line has a word of an
// event.
#ifndef LANECRYPT_RUNTIME_LOG_HPP
#define LANECRYPT_RUNTIME_LOG_HPP

#include <optional>
#include <string>
#include <string_view>

#include "handler.hpp"

namespace lanecrypt::runtime {

enum class LogLevel { trace, debug, info, warn, error, fatal };

class Log {
 public:
  Log(LogLevel least, bool json) : least_(least), json_(json) {}

  // AWS_LAMBDA_LOG_FORMAT: JSON (also where it is not set) or Text. AWS_LAMBDA_LOG_LEVEL: INFO where it is not set or
  // none that we know.
  static Log from_environment();

  // text is of this program, never of an event; request_id may be empty.
  void message(LogLevel level, std::string_view text, std::string_view request_id = {}) const;

  // INFO, or ERROR where the invocation failed. trace_id may be empty; it is left out where it is no printable ASCII.
  void invocation(std::string_view request_id, std::string_view trace_id, const InvocationSummary& summary,
                  const std::optional<HandlerError>& error) const;

 private:
  [[nodiscard]] std::pmr::string begin(LogLevel level, std::string_view request_id) const;
  void field(std::pmr::string& line, std::string_view key, std::string_view text) const;
  void field(std::pmr::string& line, std::string_view key, std::uint64_t number) const;
  void name(std::pmr::string& line, std::string_view name) const;
  void end(std::pmr::string& line) const;

  LogLevel least_;
  bool json_;
};

}  // namespace lanecrypt::runtime

#endif
