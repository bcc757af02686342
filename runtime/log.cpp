// JSON lines have the keys of Lambda's own (timestamp, level, requestId, message) and then the names of the answer's
// fields. Text lines have the same as key=value.
#include "log.hpp"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "json.hpp"

namespace lanecrypt::runtime {
namespace {

constexpr std::array<const char*, 6> level_names = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

LogLevel level_of(const char* text) {
  for (std::size_t level = 0; text != nullptr && level < level_names.size(); ++level) {
    if (strcasecmp(text, level_names[level]) == 0) return static_cast<LogLevel>(level);
  }
  return LogLevel::info;
}

void append_padded(std::pmr::string& out, std::uint64_t number, std::size_t digits) {
  const std::size_t start = out.size();
  append_integer(out, number);
  const std::size_t written = out.size() - start;
  if (written < digits) out.insert(start, digits - written, '0');
}

// 2026-01-31T23:59:59.999Z. By <chrono>'s calendar: gmtime would bring the time zone code into a static program.
void append_timestamp(std::pmr::string& out) {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const hh_mm_ss time{now - day};
  const auto part = [&out](auto number, std::size_t digits, std::string_view after) {
    append_padded(out, static_cast<std::uint64_t>(number), digits);
    out += after;
  };
  part(static_cast<int>(date.year()), 4, "-");
  part(static_cast<unsigned>(date.month()), 2, "-");
  part(static_cast<unsigned>(date.day()), 2, "T");
  part(time.hours().count(), 2, ":");
  part(time.minutes().count(), 2, ":");
  part(time.seconds().count(), 2, ".");
  part(time.subseconds().count(), 3, "Z");
}

// Thousandths of hashes per second. At most 10,000 hashes × 10^12 fits 64 bits; so does a batch of thousands of years.
std::uint64_t rate(std::size_t hashes, std::uint64_t duration_ns) {
  return duration_ns == 0 ? 0 : std::uint64_t{hashes} * 1'000'000'000'000 / duration_ns;
}

// What came from outside is logged only if it is sure to be text in every log format.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) { return letter >= ' ' && letter <= '~'; });
}

}  // namespace

Log Log::from_environment() {
  const char* format = std::getenv("AWS_LAMBDA_LOG_FORMAT");  // no thread exists yet
  const char* level = std::getenv("AWS_LAMBDA_LOG_LEVEL");
  return {level_of(level), format == nullptr || strcasecmp(format, "Text") != 0};
}

void Log::name(std::pmr::string& line, std::string_view name) const {
  if (json_) return append_name(line, name);
  line += ' ';
  line += name;
  line += '=';
}

void Log::field(std::pmr::string& line, std::string_view key, std::string_view text) const {
  name(line, key);
  append_string(line, text);
}

void Log::field(std::pmr::string& line, std::string_view key, std::uint64_t number) const {
  name(line, key);
  append_integer(line, number);
}

std::pmr::string Log::begin(LogLevel level, std::string_view request_id) const {
  std::pmr::string line;
  const std::string_view level_name = level_names[static_cast<std::size_t>(level)];
  line += json_ ? R"({"timestamp":")" : "";
  append_timestamp(line);
  if (json_) {
    line += '"';
    field(line, "level", level_name);
  } else {
    line += ' ';
    line += level_name;
  }
  if (!request_id.empty()) field(line, "requestId", request_id);
  return line;
}

// A log that cannot be written must not stop the function, and there is nowhere to say so.
void Log::end(std::pmr::string& line) const {
  line += json_ ? "}\n" : "\n";
  static_cast<void>(!write(STDERR_FILENO, line.data(), line.size()));
}

void Log::message(LogLevel level, std::string_view text, std::string_view request_id) const {
  if (level < least_) return;
  std::pmr::string line = begin(level, request_id);
  field(line, "message", text);
  end(line);
}

void Log::invocation(std::string_view request_id, std::string_view trace_id, const InvocationSummary& summary,
                     const std::optional<HandlerError>& error) const {
  const LogLevel level = error ? LogLevel::error : LogLevel::info;
  if (level < least_) return;
  std::pmr::string line = begin(level, request_id);
  field(line, "message", error ? error->message : "invocation");
  if (!trace_id.empty() && is_printable(trace_id)) field(line, "trace_id", trace_id);
  if (error) field(line, "error_type", error->type);
  field(line, "source", summary.source);
  field(line, "op", summary.op);
  field(line, "items", summary.items);
  field(line, "failed", summary.failed);
  field(line, "hashes", summary.hashes);
  name(line, "duration_ms");
  append_thousandths(line, summary.duration_ns / 1000);
  name(line, "hashes_per_second");
  append_thousandths(line, rate(summary.hashes, summary.duration_ns));
  field(line, "engine", summary.engine);
  field(line, "threads", std::uint64_t{summary.threads});
  if (summary.http_status != 0) field(line, "status", std::uint64_t{summary.http_status});
  if (!summary.first_failure.empty()) field(line, "first_failure", summary.first_failure);
  end(line);
}

}  // namespace lanecrypt::runtime
