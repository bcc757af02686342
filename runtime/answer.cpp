// The answer is written once, front to back, into memory that was reserved for the longest that it can be.
#include "answer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>

#include "json.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

// /proc/self/statm, kept open: to open and close it takes longer than the rest of a small answer. A child of a fork
// opens its own, because what it inherits is its parent's. The process's number stands above the descriptor's.
int statm() {
  static std::atomic<std::uint64_t> kept{0};
  const auto process = static_cast<std::uint64_t>(getpid());
  std::uint64_t found = kept.load(std::memory_order_acquire);
  if (found >> 32 == process) return static_cast<int>(found & 0xffffffff);
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const bool ours = kept.compare_exchange_strong(found, process << 32 | static_cast<std::uint64_t>(file));
  if (!ours) close(file);  // another thread was first
  return ours ? file : static_cast<int>(found & 0xffffffff);
}

// The second number of statm is the resident set in pages; 0 where there is no /proc.
std::uint64_t resident_kb() {
  std::array<char, 128> text{};
  const ssize_t size = pread(statm(), text.data(), text.size(), 0);
  if (size <= 0) return 0;
  const std::string_view numbers{text.data(), static_cast<std::size_t>(size)};
  const std::size_t second = numbers.find(' ');
  if (second == std::string_view::npos) return 0;
  std::uint64_t pages = 0;
  std::from_chars(numbers.data() + second + 1, numbers.data() + numbers.size(), pages);
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

void append_status(std::pmr::string& out, std::string_view name, std::int32_t status, Detail detail) {
  append_error(out, name, lanecrypt_status_name(status), lanecrypt_status_text(status), detail);
}

bool is_done(lanecrypt_status status) { return status == LANECRYPT_OK || status == LANECRYPT_MISMATCH; }

void append_result(std::pmr::string& out, const lanecrypt_hash_job& job, Detail) {
  append_field(out, "hash", std::string_view{&job.hash[0], LANECRYPT_HASH_LENGTH});
}

void append_result(std::pmr::string& out, const lanecrypt_verify_job& job, Detail detail) {
  append_name(out, "match");
  out += job.status == LANECRYPT_OK ? "true" : "false";
  if (job.status != LANECRYPT_OK) return;
  if (job.new_hash[0] != '\0') {
    append_field(out, "new_hash", std::string_view{&job.new_hash[0], LANECRYPT_HASH_LENGTH});
  } else if (job.upgrade_status != LANECRYPT_OK) {
    append_status(out, "upgrade_error", job.upgrade_status, detail);
  }
}

void append_id(std::pmr::string& out, const Request& request, const Item& item) {
  if (item.id_size == 0) return;
  append_name(out, "id");
  out += std::string_view{request.ids}.substr(item.id_at, item.id_size);
}

void append_items(std::pmr::string& out, const Request& request, const Outcome& outcome, Detail detail) {
  ItemAnswers answers(request, outcome, detail);
  append_name(out, "items");
  out += '[';
  for (std::size_t item = 0; item < request.items.size(); ++item) {
    out += item == 0 ? "{" : ",{";
    answers.append_next(out);
    out += '}';
  }
  out += ']';
}

void append_measures(std::pmr::string& out, const Outcome& outcome, std::size_t processed) {
  append_field(out, "duration_ms", outcome.report.elapsed_ns / 1'000'000);
  append_field(out, "mode", outcome.workers.parallel ? "parallel" : "sequential");
  append_field(out, "workers", outcome.workers.threads);
  append_field(out, "detected_cpus", outcome.workers.detected);
  append_name(out, "avg_ms_per_item");
  append_thousandths(out, processed == 0 ? 0 : outcome.report.elapsed_ns / 1000 / processed);
  append_field(out, "memory_used_kb", resident_kb());
  append_field(out, "threads_used", outcome.report.threads);
}

}  // namespace

template <typename Job>
lanecrypt_status ItemAnswers::append_job(std::pmr::string& out, const Job& job) {
  ++job_;
  if (is_done(job.status)) {
    append_result(out, job, detail_);
  } else {
    append_status(out, "error", job.status, detail_);
  }
  return job.status;
}

lanecrypt_status ItemAnswers::append_next(std::pmr::string& out) {
  const Item& item = request_.items[item_++];
  append_id(out, request_, item);
  if (!item.problem.empty()) {
    append_error(out, "error", "invalid_item", item.problem, detail_);
    return LANECRYPT_INVALID_ARGUMENT;
  }
  return request_.op == Op::hash ? append_job(out, outcome_.hash_jobs[job_])
                                 : append_job(out, outcome_.verify_jobs[job_]);
}

void append_error(std::pmr::string& out, std::string_view name, std::string_view code, std::string_view message,
                  Detail detail) {
  append_name(out, name);
  out += '{';
  append_field(out, "code", code);
  if (detail == Detail::full) append_field(out, "message", message);
  out += '}';
}

namespace {

void append_answer(std::pmr::string& out, const Request& request, const Outcome& outcome, Detail detail) {
  const std::size_t items = request.items.size();
  out += '{';
  append_field(out, "op", op_name(request.op));
  append_field(out, "processed", items);
  append_field(out, "failed", outcome.failed);
  append_items(out, request, outcome, detail);
  append_measures(out, outcome, items);
  append_field(out, "engine", outcome.engine);
  out += '}';
}

}  // namespace

std::string_view write_answer(const Request& request, const Outcome& outcome, Arena& arena) {
  std::pmr::string& out = arena.new_text();
  out.reserve(request.ids.size() + request.items.size() * max_item_answer_bytes + max_answer_frame_bytes);
  append_answer(out, request, outcome, Detail::full);
  const std::size_t size = request.limit.quoted ? quoted_size(out) : out.size();
  if (size <= request.limit.bytes) return out;
  out.clear();
  append_answer(out, request, outcome, Detail::brief);
  return out;
}

std::string_view write_sample_answer(const Outcome& outcome, Arena& arena) {
  const std::size_t processed = outcome.report.succeeded;
  std::pmr::string& out = arena.new_text();
  out.reserve(max_answer_frame_bytes);
  out += '{';
  append_field(out, "processed", processed);
  append_measures(out, outcome, processed);
  out += '}';
  return out;
}

}  // namespace lanecrypt::runtime
