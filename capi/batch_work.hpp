// What hashing and verifying share between the ABI's arrays and the kernel: checked jobs, one run, and the report.
#pragma once

#include <cstddef>
#include <vector>

#include "batch.hpp"
#include "job.hpp"
#include "job_array.hpp"
#include "options.hpp"

namespace lanecrypt::capi {

// Jobs on their way through the kernel, and which of the caller's they are.
class Work {
 public:
  // Room for count jobs, allocated at once.
  explicit Work(std::size_t count) { jobs_.reserve(count), owners_.reserve(count); }

  void add(std::size_t owner, const Job& job) noexcept { jobs_.push_back(job), owners_.push_back(owner); }

  std::size_t size() const noexcept { return jobs_.size(); }
  std::size_t owner(std::size_t i) const noexcept { return owners_[i]; }
  const Job& job(std::size_t i) const noexcept { return jobs_[i]; }
  Status status(std::size_t i) const noexcept { return statuses_[i]; }  // after run

  // Computes all jobs, tells the recipient of each, and adds what was done to the report; none if the batch was stopped
  // before. ok, out_of_memory, or why no engine is left.
  Status run(const Options& options, unsigned threads, Control& control, lanecrypt_report& report, Status stopped,
             Recipient& recipient);

 private:
  std::vector<Job> jobs_;
  std::vector<std::size_t> owners_;
  std::vector<Status> statuses_;
};

// Looks at deadline and cancel flag while jobs are prepared. A million of them take half a second, most of it for
// salts.
class PreparationWatch {
 public:
  explicit PreparationWatch(Control& control) noexcept : control_(control) {}

  // Before each job: ok, or why it and all after it are not to be prepared.
  Status look() noexcept {
    if (++looks_ % jobs_per_poll == 0) stopped_ = control_.poll();
    return stopped_;
  }
  Status stopped() const noexcept { return stopped_; }

 private:
  static constexpr std::size_t jobs_per_poll = 16'384;  // 2 to 8 ms

  Control& control_;
  std::size_t looks_ = 0;
  Status stopped_ = Status::ok;
};

// The end of jobs that were not prepared, from the first on, because the batch was stopped.
template <typename Jobs>
void end_unprepared(const Jobs& jobs, std::size_t first, Status stopped, Control& control, lanecrypt_report& report) {
  const std::size_t left = jobs.size() - first;
  for (std::size_t i = first; stopped != control.foreseen() && i < jobs.size(); ++i) jobs[i].status = to_abi(stopped);
  report.failed += left;
  control.add_done(left);
}

// Writes how a job ended to a status of the caller's, which is as foreseen until then.
template <typename T>
class StatusRecipient final : public Recipient {
 public:
  StatusRecipient(const JobArray<T>& jobs, lanecrypt_status T::*status, const Work& work,
                  lanecrypt_status foreseen) noexcept
      : jobs_(jobs), status_(status), work_(work), foreseen_(foreseen) {}

  Status take(std::size_t i) noexcept override {
    jobs_[work_.owner(i)].*status_ = LANECRYPT_OK;
    return Status::ok;
  }
  void leave(std::size_t i, Status status) noexcept override {
    if (to_abi(status) != foreseen_) jobs_[work_.owner(i)].*status_ = to_abi(status);
  }
  void forget() noexcept override {
    for (std::size_t i = 0; i < work_.size(); ++i) jobs_[work_.owner(i)].*status_ = foreseen_;
  }

 private:
  const JobArray<T>& jobs_;
  lanecrypt_status T::*status_;
  const Work& work_;
  lanecrypt_status foreseen_;
};

// Points job at the caller's password or its first 72 bytes. ok, invalid_argument, or password_too_long where it was
// cut and that was not asked for.
Status take_password(const void* password, std::size_t length, const Options& options, Job& job) noexcept;

// A setting for a new hash with a salt drawn for it. ok, invalid_argument, cost_too_high or no_entropy.
Status new_setting(unsigned cost, const Options& options, Setting& setting) noexcept;

// Counts the end of one job, or of all of some work, into a report.
void count(Status status, lanecrypt_report& report) noexcept;
void count(const Work& work, lanecrypt_report& report) noexcept;

}  // namespace lanecrypt::capi
