// A wall clock that jumps, both ways, while batches with deadlines run. This program has a clock_gettime of its own in
// front of libc's, which liblanecrypt.so then calls too: the wall clock is the kernel's and an offset, all others are
// the kernel's. What must hold on any machine, however loaded: never before the deadline, and not later by the jump.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <functional>
#include <thread>

#include "known_batch.hpp"

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t hour = 3600 * second;

std::atomic<std::int64_t> wall_offset{0};
std::atomic<std::uint64_t> wall_reads{0};

std::int64_t kernel_clock(clockid_t clock) {
  timespec time{};
  syscall(SYS_clock_gettime, clock, &time);
  return time.tv_sec * second + time.tv_nsec;
}

}  // namespace

// In front of libc's for the whole process, by its symbol.
extern "C" [[gnu::visibility("default")]] int lanecrypt_test_clock(clockid_t clock, timespec* time) noexcept
    __asm__("clock_gettime");
int lanecrypt_test_clock(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_REALTIME) return static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  ++wall_reads;
  const std::int64_t now = kernel_clock(CLOCK_REALTIME) + wall_offset;
  *time = {now / second, now % second};
  return 0;
}

namespace lanecrypt::test {
namespace {

constexpr std::int64_t time_given = second * 2 / 5;
constexpr std::int64_t time_to_jump = second / 10;
constexpr std::int64_t far_too_late = 60 * second;  // and far less than the jump; the work is longer still

std::int64_t wall_now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * second + time.tv_nsec;
}

class Clock : public testing::Test {
 protected:
  Clock() { wall_offset = 0; }

  // Jobs for minutes, with a deadline; what jumps does so meanwhile. Checks when it ends and how.
  static void expect_deadline_kept(unsigned threads, const std::function<void()>& jump) {
    const std::string setting = "$2b$14$abcdefghijklmnopqrstu.";
    lanecrypt_hash_job job{};
    job.password = "pw";
    job.password_length = 2;
    job.setting = setting.data();
    job.setting_length = setting.size();
    std::vector<lanecrypt_hash_job> jobs(4000, job);
    lanecrypt_options options = on_threads(threads);
    const std::uint64_t reads = wall_reads;
    const std::int64_t begin = kernel_clock(CLOCK_MONOTONIC);
    options.deadline_ns = static_cast<std::uint64_t>(wall_now() + time_given);
    std::thread jumper([&] {
      std::this_thread::sleep_for(std::chrono::nanoseconds(time_to_jump));
      jump();
    });
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    EXPECT_EQ(lanecrypt_hash_batch(jobs.data(), jobs.size(), sizeof job, &options, &report), LANECRYPT_OK);
    const std::int64_t took = kernel_clock(CLOCK_MONOTONIC) - begin;
    jumper.join();
    EXPECT_GT(wall_reads, reads + 1) << "the library reads a clock that is not this program's";
    EXPECT_GE(took, time_given);
    EXPECT_LT(took, far_too_late);
    EXPECT_GT(report.failed, 0U);
    for (const lanecrypt_hash_job& each : jobs) {
      ASSERT_TRUE(each.status == LANECRYPT_DEADLINE || each.status == LANECRYPT_OK);
      ASSERT_EQ(each.hash[0] == '\0', each.status == LANECRYPT_DEADLINE);
    }
  }
};

class ClockJumps : public Clock, public testing::WithParamInterface<std::int64_t> {};

INSTANTIATE_TEST_SUITE_P(ByNanoseconds, ClockJumps, testing::Values(hour, -hour, 20 * 365 * 24 * hour));

TEST_P(ClockJumps, JumpsDuringABatch) {
  expect_deadline_kept(2, [] { wall_offset = GetParam(); });
}

TEST_P(ClockJumps, JumpsDuringABatchOnTheCallingThread) {
  expect_deadline_kept(1, [] { wall_offset = GetParam(); });
}

TEST_F(Clock, JumpsThereAndBackAllTheTime) {
  std::atomic<bool> stop{false};
  std::thread dancer;
  expect_deadline_kept(2, [&] {
    dancer = std::thread([&stop] {
      for (std::int64_t turn = 0; !stop; ++turn) {
        wall_offset = turn % 2 == 0 ? hour : -hour;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  });
  stop = true;
  dancer.join();
}

// While it waits for its turn behind another batch.
TEST_P(ClockJumps, JumpsWhileABatchWaitsForItsTurn) {
  std::atomic<std::int32_t> cancel{0};
  std::atomic<bool> running{false};
  lanecrypt_options options = on_threads(2);
  static_assert(sizeof cancel == sizeof(std::int32_t));
  options.cancel = reinterpret_cast<const volatile std::int32_t*>(&cancel);
  options.progress_context = &running;
  options.progress = [](void* context, std::size_t, std::size_t) {
    *static_cast<std::atomic<bool>*>(context) = true;
    return 0;
  };
  options.cost = 14;
  std::thread other([&] {
    std::vector<lanecrypt_hash_job> jobs(4000);  // empty passwords, salts drawn
    lanecrypt_hash_batch(jobs.data(), jobs.size(), sizeof jobs[0], &options, nullptr);
  });
  while (!running) std::this_thread::yield();
  expect_deadline_kept(2, [] { wall_offset = GetParam(); });
  cancel = 1;
  other.join();
}

}  // namespace
}  // namespace lanecrypt::test
