// Deadline, cancel flag and progress of a batch.
#include "control.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <vector>

namespace lanecrypt {
namespace {

std::uint64_t wall_clock_in(std::int64_t nanoseconds) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec * 1'000'000'000 + now.tv_nsec + nanoseconds);
}

constexpr std::int64_t minute = 60'000'000'000;

TEST(Control, WithoutWishesNothingStops) {
  Control control({}, 1);
  EXPECT_EQ(control.poll(), Status::ok);
  EXPECT_GT(control.patience_ns(), minute);
}

TEST(Control, DeadlineBeforeAndAfter) {
  Control early({.deadline_ns = wall_clock_in(-1)}, 1);
  EXPECT_EQ(early.poll(), Status::deadline);
  Control late({.deadline_ns = wall_clock_in(minute)}, 1);
  EXPECT_EQ(late.poll(), Status::ok);
  EXPECT_LE(late.patience_ns(), minute);
}

TEST(Control, AbsurdDeadlinesAreNone) {
  for (const std::uint64_t deadline : {std::numeric_limits<std::uint64_t>::max(), std::uint64_t{1} << 63,
                                       static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())}) {
    Control control({.deadline_ns = deadline}, 1);
    EXPECT_EQ(control.poll(), Status::ok) << deadline;
  }
}

TEST(Control, WhatWasSaidFirstStays) {
  std::int32_t cancel = 1;
  Control control({.cancel = &cancel}, 1);
  EXPECT_EQ(control.poll(), Status::cancelled);
  cancel = 0;
  EXPECT_EQ(control.poll(), Status::cancelled);

  cancel = 1;  // both in one look
  Control both({.deadline_ns = 1, .cancel = &cancel}, 1);
  EXPECT_EQ(both.poll(), Status::cancelled);
  EXPECT_EQ(both.poll(), Status::cancelled);
}

struct Calls {
  std::vector<std::size_t> done;
  std::size_t total = 0;
  int answer = 0;
  bool inside = false;

  static int record(void* context, std::size_t done, std::size_t total) {
    auto& calls = *static_cast<Calls*>(context);
    calls.done.push_back(done);
    calls.total = total;
    calls.inside = Control::in_callback();
    return calls.answer;
  }
};

TEST(Control, ProgressAtTheEndSaysWhatIsDone) {
  Calls calls;
  Control control({.progress = Calls::record, .progress_context = &calls}, 10);
  control.add_done(4);
  control.report_progress();  // not due yet
  EXPECT_TRUE(calls.done.empty());
  control.add_done(6);
  control.report_end();
  ASSERT_EQ(calls.done.size(), 1U);
  EXPECT_EQ(calls.done[0], 10U);
  EXPECT_EQ(calls.total, 10U);
  EXPECT_TRUE(calls.inside);
  EXPECT_FALSE(Control::in_callback());
}

TEST(Control, ANonZeroAnswerCancels) {
  Calls calls;
  calls.answer = 1;
  Control control({.progress = Calls::record, .progress_context = &calls}, 10);
  EXPECT_EQ(control.poll(), Status::ok);
  control.report_end();
  EXPECT_EQ(control.poll(), Status::cancelled);
}

TEST(Control, DoneIsNeverMoreThanTotal) {
  Calls calls;
  Control control({.progress = Calls::record, .progress_context = &calls}, 10);
  control.add_done(25);
  control.report_end();
  EXPECT_EQ(calls.done.at(0), 10U);
}

}  // namespace
}  // namespace lanecrypt
