// What hashing and verifying share between the ABI's arrays and the kernel: checked jobs, one run, and the report.
#pragma once

#include <cstddef>
#include <vector>

#include "batch.hpp"
#include "job.hpp"
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

  // Computes all jobs and adds what was done to the report. ok or out_of_memory.
  Status run(const Options& options, unsigned threads, Control& control, lanecrypt_report& report);

 private:
  std::vector<Job> jobs_;
  std::vector<std::size_t> owners_;
  std::vector<Status> statuses_;
};

// Points job at the caller's password, cut where that was asked for. ok, invalid_argument or password_too_long.
Status take_password(const void* password, std::size_t length, const Options& options, Job& job) noexcept;

// A setting for a new hash with a salt drawn for it. ok, invalid_argument, cost_too_high or no_entropy.
Status new_setting(unsigned cost, const Options& options, Setting& setting) noexcept;

// Counts the end of one job into a report.
void count(Status status, lanecrypt_report& report) noexcept;

}  // namespace lanecrypt::capi
