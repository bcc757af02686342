// lanecrypt_hash_batch and lanecrypt_hash.
#include <cstring>

#include "batch_call.hpp"
#include "batch_work.hpp"

namespace lanecrypt::capi {
namespace {

using HashJobs = JobArray<lanecrypt_hash_job>;

void reset(lanecrypt_hash_job& job, lanecrypt_status status) noexcept {
  job.status = status;
  std::memset(job.hash, 0, sizeof job.hash);
}

// The setting of a job: given, taken from a whole hash, or with a salt drawn for it.
Status choose_setting(const lanecrypt_hash_job& job, const Options& options, Setting& setting) noexcept {
  if (job.setting == nullptr) return new_setting(job.cost == 0 ? options.cost : job.cost, options, setting);
  const std::string_view text(job.setting, job.setting_length);
  const auto given = text.size() == hash_length ? parse_hash(text) : Setting::parse(text);
  if (!given) return Status::invalid_setting;
  setting = *given;
  return setting.cost() > options.max_cost ? Status::cost_too_high : Status::ok;
}

Status prepare(lanecrypt_hash_job& job, const Options& options, Job& prepared) noexcept {
  const Status status = take_password(job.password, job.password_length, options, prepared);
  if (status != Status::ok) return status;
  prepared.hash = job.hash;
  return choose_setting(job, options, prepared.setting);
}

Status run(const HashJobs& jobs, const Options& options, unsigned threads, Control& control, lanecrypt_report& report) {
  Work work(jobs.size());
  PreparationWatch watch(control);
  std::size_t next = 0;
  for (; next < jobs.size() && watch.look() == Status::ok; ++next) {
    Job prepared;
    const Status status = prepare(jobs[next], options, prepared);
    if (status == Status::ok) {
      work.add(next, prepared);
    } else {
      jobs[next].status = to_abi(status);
      count(status, report);
      control.add_done(1);
    }
  }
  end_unprepared(jobs, next, watch.stopped(), control, report);
  StatusRecipient hashed(jobs, &lanecrypt_hash_job::status, work, to_abi(control.foreseen()));
  const Status ran = work.run(options, threads, control, report, watch.stopped(), hashed);
  if (ran == Status::ok) count(work, report);
  return ran;
}

}  // namespace
}  // namespace lanecrypt::capi

using lanecrypt::capi::Threads;

lanecrypt_status lanecrypt_hash_batch(lanecrypt_hash_job* jobs, std::size_t count, std::size_t job_size,
                                      const lanecrypt_options* options, lanecrypt_report* report) noexcept {
  return batch_call(lanecrypt::capi::HashJobs(jobs, count, job_size), options, Threads::as_asked, report,
                    lanecrypt::capi::reset, lanecrypt::capi::run);
}

lanecrypt_status lanecrypt_hash(const void* password, std::size_t password_length, const char* setting,
                                std::size_t setting_length, const lanecrypt_options* options,
                                char hash[LANECRYPT_HASH_SIZE]) noexcept {
  if (hash == nullptr) return LANECRYPT_INVALID_ARGUMENT;
  lanecrypt_hash_job job = {password, password_length, setting, setting_length, 0, 0, {}};
  const lanecrypt_status ran = batch_call(lanecrypt::capi::HashJobs(&job, 1, sizeof job), options, Threads::caller_only,
                                          nullptr, lanecrypt::capi::reset, lanecrypt::capi::run);
  std::memcpy(hash, job.hash, sizeof job.hash);
  return ran != LANECRYPT_OK ? ran : job.status;
}
