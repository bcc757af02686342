// A batch on its way: progress, cancelling, deadlines, calls from a callback, many callers, small stacks.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

struct Progress {
  std::vector<std::size_t> done;
  std::size_t total = 0;
  std::thread::id thread;
  lanecrypt_status inner = LANECRYPT_OK;
  std::size_t cancel_at = SIZE_MAX;

  static int call(void* context, std::size_t done, std::size_t total) {
    auto& progress = *static_cast<Progress*>(context);
    progress.done.push_back(done);
    progress.total = total;
    progress.thread = std::this_thread::get_id();
    char hash[LANECRYPT_HASH_SIZE];
    progress.inner = lanecrypt_hash("a", 1, known_setting.data(), 29, nullptr, hash);
    return done >= progress.cancel_at;
  }
};

std::vector<lanecrypt_hash_job> jobs_of_cost(std::size_t count, const std::string& setting) {
  std::vector<lanecrypt_hash_job> jobs(count, hash_job(known_password, &setting));
  return jobs;
}

const std::string cost_8 = "$2b$08$CCCCCCCCCCCCCCCCCCCCC.";

TEST(RunningBatch, ProgressOnTheCallingThreadUpToTheEnd) {
  for (const std::uint32_t threads : {1U, 2U}) {
    Progress progress;
    lanecrypt_options options = default_options();
    options.threads = threads;
    options.progress = Progress::call;
    options.progress_context = &progress;
    auto jobs = jobs_of_cost(40, cost_8);
    ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
    ASSERT_FALSE(progress.done.empty());
    EXPECT_EQ(progress.done.back(), 40U);
    EXPECT_EQ(progress.total, 40U);
    EXPECT_TRUE(std::is_sorted(progress.done.begin(), progress.done.end()));
    EXPECT_EQ(progress.thread, std::this_thread::get_id());
    EXPECT_EQ(progress.inner, LANECRYPT_BUSY);
  }
}

TEST(RunningBatch, AProgressCallThatSaysSoCancels) {
  for (const std::uint32_t threads : {1U, 2U}) {
    Progress progress;
    progress.cancel_at = 0;
    lanecrypt_options options = default_options();
    options.threads = threads;
    options.progress = Progress::call;
    options.progress_context = &progress;
    auto jobs = jobs_of_cost(LANECRYPT_SANITIZED ? 60 : 400, cost_8);
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
    EXPECT_EQ(report.succeeded + report.failed, jobs.size());
    EXPECT_GT(report.failed, 0U);
    for (const lanecrypt_hash_job& job : jobs) {
      if (job.status == LANECRYPT_OK) {
        EXPECT_EQ(std::string(job.hash).size(), 60U);
      } else {
        EXPECT_EQ(job.status, LANECRYPT_CANCELLED);
        EXPECT_TRUE(all_zero(job.hash));
      }
    }
  }
}

TEST(RunningBatch, ACancelFlagThatIsUpComputesNothing) {
  const std::int32_t cancel = 1;
  lanecrypt_options options = default_options();
  options.cancel = &cancel;
  auto jobs = jobs_of_cost(20, known_setting);
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.status, LANECRYPT_CANCELLED);
  EXPECT_EQ(report.failed, 20U);
}

// What stands at the end of a large batch is not even looked at, for looking at all takes too long: its own errors are
// not found.
TEST(RunningBatch, ACancelFlagEndsThePreparationOfAMillionJobsToo) {
  const std::int32_t cancel = 1;
  const std::string too_long(73, 'a');
  Progress progress;
  lanecrypt_options options = default_options();
  options.cancel = &cancel;
  options.progress = Progress::call;
  options.progress_context = &progress;
  auto jobs = jobs_of_cost(40'000, known_setting);
  jobs.front() = jobs.back() = hash_job(too_long);
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  EXPECT_EQ(jobs.front().status, LANECRYPT_PASSWORD_TOO_LONG);
  for (std::size_t i = 1; i < jobs.size(); ++i) ASSERT_EQ(jobs[i].status, LANECRYPT_CANCELLED) << i;
  EXPECT_EQ(progress.done.back(), jobs.size());

  std::vector<lanecrypt_verify_job> verify(40'000, verify_job(known_password, &known_hash));
  verify.front() = verify.back() = verify_job(too_long, &known_hash);
  ASSERT_EQ(run(verify, &options), LANECRYPT_OK);
  EXPECT_EQ(verify.front().status, LANECRYPT_PASSWORD_TOO_LONG);
  for (std::size_t i = 1; i < verify.size(); ++i) ASSERT_EQ(verify[i].status, LANECRYPT_CANCELLED) << i;
  EXPECT_EQ(progress.done.back(), verify.size());
}

// Jobs have the status of a deadline from the beginning where there is one, and a cancel flag must be told
// nevertheless.
lanecrypt_options with_a_far_deadline(const std::int32_t& cancel) {
  lanecrypt_options options = default_options();
  options.deadline_ns = UINT64_MAX / 4;
  options.cancel = &cancel;
  return options;
}

TEST(RunningBatch, WhatEndsItIsToldWhateverElseMightInTheRegion) {
  const std::int32_t cancel = 1;
  for (const std::uint32_t threads : {1U, 2U}) {
    lanecrypt_options options = with_a_far_deadline(cancel);
    options.threads = threads;
    options.equal_time = 1;
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    auto jobs = jobs_of_cost(100, known_setting);
    ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
    for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.status, LANECRYPT_CANCELLED);
    EXPECT_EQ(report.failed, 100U);

    // What has an answer of its own, and is computed for the time that it takes, keeps it.
    const std::string malformed = "$2b$";
    std::vector<lanecrypt_verify_job> verify(100, verify_job(known_password, &known_hash));
    verify[50] = verify_job(known_password, &malformed);
    ASSERT_EQ(run(verify, &options, &report), LANECRYPT_OK);
    for (std::size_t i = 0; i < verify.size(); ++i) {
      EXPECT_EQ(verify[i].status, i == 50 ? LANECRYPT_INVALID_HASH : LANECRYPT_CANCELLED) << i;
    }
    EXPECT_EQ(report.failed, 100U);
  }
}

TEST(RunningBatch, WhatEndsItIsToldWhateverElseMightInThePreparation) {
  const std::int32_t cancel = 1;
  const lanecrypt_options options = with_a_far_deadline(cancel);
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  auto jobs = jobs_of_cost(40'000, known_setting);
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  for (std::size_t i = 0; i < jobs.size(); ++i) ASSERT_EQ(jobs[i].status, LANECRYPT_CANCELLED) << i;
  EXPECT_EQ(report.failed, jobs.size());
  std::vector<lanecrypt_verify_job> verify(40'000, verify_job(known_password, &known_hash));
  ASSERT_EQ(run(verify, &options, &report), LANECRYPT_OK);
  for (std::size_t i = 0; i < verify.size(); ++i) ASSERT_EQ(verify[i].status, LANECRYPT_CANCELLED) << i;
  EXPECT_EQ(report.failed, verify.size());
}

#if !LANECRYPT_SANITIZED  // ThreadSanitizer refuses a child that goes on with threads
// The child cancels: what the parent's threads had finished is none of its answers, and no job is ok without a hash.
template <typename Job>
int in_a_child_that_cancels(std::vector<Job> jobs) {
  static pid_t child;
  child = -1;
  lanecrypt_options options = default_options();
  options.threads = 2;
  options.progress = [](void*, std::size_t done, std::size_t) {
    if (child == -1 && done > 0) child = fork();
    return child == 0 ? 1 : 0;
  };
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  const bool ran = run(jobs, &options, &report) == LANECRYPT_OK;
  if (child == 0) {
    bool right = ran && report.failed == jobs.size();
    for (const Job& job : jobs) right = right && job.status == LANECRYPT_CANCELLED;
    _exit(right ? 0 : 1);
  }
  EXPECT_TRUE(ran);
  EXPECT_EQ(report.failed, 0U);
  int ended = -1;
  waitpid(child, &ended, 0);
  return ended;
}

TEST(RunningBatch, AForkInsideACallbackThatCancels) {
  EXPECT_EQ(in_a_child_that_cancels(jobs_of_cost(250, cost_8)), 0);
  const std::string stored = cost_8 + std::string(31, '.');
  EXPECT_EQ(in_a_child_that_cancels(std::vector(250, verify_job(known_password, &stored))), 0);
}
#endif

TEST(RunningBatch, APastDeadline) {
  lanecrypt_options options = default_options();
  options.deadline_ns = 1;
  auto jobs = jobs_of_cost(20, known_setting);
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.status, LANECRYPT_DEADLINE);
  EXPECT_EQ(lanecrypt_verify("U*U", 3, known_hash.data(), 60, &options), LANECRYPT_DEADLINE);
}

TEST(RunningBatch, ADeadlineInTheMiddleLeavesWholeHashesOnly) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  lanecrypt_options options = default_options();
  options.threads = 2;
  options.deadline_ns =
      static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec) + 60'000'000U;
  const std::string cost_10 = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.";
  auto jobs = jobs_of_cost(1000, cost_10);  // seconds of work on any machine
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  std::size_t late = 0;
  for (const lanecrypt_hash_job& job : jobs) {
    if (job.status == LANECRYPT_OK) {
      EXPECT_EQ(std::string(job.hash).size(), 60U);
      continue;
    }
    ++late;
    EXPECT_EQ(job.status, LANECRYPT_DEADLINE);
    EXPECT_TRUE(all_zero(job.hash));
  }
  EXPECT_GT(late, 0U);
}

TEST(RunningBatch, CallersOfAllKindsAtOnce) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (std::uint32_t caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < (LANECRYPT_SANITIZED ? 2 : 10); ++round) {
        lanecrypt_options options = default_options();
        options.threads = 1 + caller % 4;
        auto jobs = jobs_of_cost(1 + caller, known_setting);
        if (run(jobs, &options) != LANECRYPT_OK) ++wrong;
        for (const lanecrypt_hash_job& job : jobs) wrong += known_hash != job.hash;
        wrong += lanecrypt_verify("U*U", 3, known_hash.data(), 60, nullptr) != LANECRYPT_OK;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

#if !LANECRYPT_SANITIZED  // a sanitizer's frames do not fit into 64 KiB
void* small_stack_main(void* result) {
  auto& right = *static_cast<bool*>(result);
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.threads = 2;
  std::vector<lanecrypt_hash_job> jobs(20, hash_job(known_password, &known_setting));
  right = run(jobs, &options) == LANECRYPT_OK;
  options.threads = 0;
  right = right && run(jobs, &options) == LANECRYPT_OK && known_hash == jobs[19].hash;
  options.threads = 1;
  right = right && run(jobs, &options) == LANECRYPT_OK && known_hash == jobs[19].hash;
  options.engine = "libcrypt";
  right = right && run(jobs, &options) == LANECRYPT_OK && known_hash == jobs[19].hash;
  return nullptr;
}

TEST(RunningBatch, ACallerWithAStackOf64KiB) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{64} * 1024), 0);
  bool right = false;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, small_stack_main, &right), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_TRUE(right);
}
#endif

}  // namespace
}  // namespace lanecrypt::test
