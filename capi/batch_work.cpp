// Between the ABI's arrays and the kernel. See the header.
#include "batch_work.hpp"

#include <algorithm>

#include "entropy.hpp"

namespace lanecrypt::capi {

Status Work::run(const Options& options, unsigned threads, Control& control, lanecrypt_report& report, Status stopped,
                 Recipient& recipient) {
  static_assert(lanes_max == LANECRYPT_LANES_MAX);
  statuses_.assign(jobs_.size(), stopped == Status::ok ? Status::internal : stopped);
  if (stopped != Status::ok) {
    for (std::size_t i = 0; stopped != control.foreseen() && i < jobs_.size(); ++i) recipient.leave(i, stopped);
    control.add_done(jobs_.size());
    return Status::ok;
  }
  if (jobs_.empty()) return Status::ok;
  BatchReport kernel;
  EngineChoice choice = options.choice;
  Status ran = run_batch(*choice.engine, jobs_, statuses_, threads, control, kernel, &recipient);
  // An engine that failed its self-test just now: the next one of the table.
  while (ran == Status::internal) {
    choice = choose_engine(options.engine_name);
    report.engines_failed = choice.failed;
    if (choice.engine == nullptr) return choice.status;
    ran = run_batch(*choice.engine, jobs_, statuses_, threads, control, kernel, &recipient);
  }
  report.engine = choice.engine->name;
  report.threads = std::max(report.threads, kernel.threads);
  report.groups += kernel.groups;
  for (std::size_t w = 0; w <= lanes_max; ++w) report.groups_of_width[w] += kernel.groups_of_width[w];
  return ran;
}

Status take_password(const void* password, std::size_t length, const Options& options, Job& job) noexcept {
  if (password == nullptr && length > 0) return Status::invalid_argument;
  job.password = static_cast<const std::uint8_t*>(password);
  job.password_length = std::min(length, password_max);
  return length > password_max && !options.truncate ? Status::password_too_long : Status::ok;
}

Status new_setting(unsigned cost, const Options& options, Setting& setting) noexcept {
  if (cost < cost_min || cost > cost_max) return Status::invalid_argument;
  if (cost > options.max_cost) return Status::cost_too_high;
  Salt salt;
  if (!draw_salt(salt)) return Status::no_entropy;
  setting = Setting::make(options.variant, cost, salt);
  return Status::ok;
}

void count(Status status, lanecrypt_report& report) noexcept {
  if (status == Status::ok) {
    ++report.succeeded;
  } else if (status == Status::mismatch) {
    ++report.mismatched;
  } else {
    ++report.failed;
  }
}

void count(const Work& work, lanecrypt_report& report) noexcept {
  for (std::size_t i = 0; i < work.size(); ++i) count(work.status(i), report);
}

}  // namespace lanecrypt::capi
