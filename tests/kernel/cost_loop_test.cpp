// The cost loop: its 64-bit arithmetic, its polling, and the wiping of scratch on every way out.
#include "cost_loop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "fake_engine.hpp"

namespace lanecrypt::test {
namespace {

class CostLoop : public testing::Test {
 protected:
  CostLoop() {
    fake_log.reset();
    for (Job& job : jobs_) job.hash = hashes_[static_cast<std::size_t>(&job - jobs_.data())].data();
  }

  Status run(unsigned cost, Control& control) {
    for (Job& job : jobs_) job.setting = Setting::make('b', cost, Salt{});
    scratch_.fill(0xee);
    return run_group(fake_engine, scratch_.data(), jobs_, control, false);
  }

  bool scratch_is_zero() const {
    return std::all_of(scratch_.begin(), scratch_.end(), [](unsigned char byte) { return byte == 0; });
  }
  bool hashes_are(char expected) const {
    return std::all_of(hashes_.begin(), hashes_.end(), [&](const HashText& hash) {
      return std::all_of(hash.begin(), hash.end(), [&](char c) { return c == expected; });
    });
  }

  alignas(scratch_alignment) std::array<unsigned char, fake_scratch_bytes> scratch_{};
  std::array<HashText, 3> hashes_{};
  std::array<Job, 3> jobs_{};
};

TEST_F(CostLoop, RunsTwoToTheCost) {
  for (unsigned cost = 4; cost <= 20; ++cost) {
    fake_log.reset();
    Control control({}, 3);
    ASSERT_EQ(run(cost, control), Status::ok);
    EXPECT_EQ(fake_log.iterations, std::uint64_t{1} << cost);
    EXPECT_EQ(fake_log.finishes, 1);
  }
}

TEST_F(CostLoop, Cost31IsTwoToTheThirtyFirst) {
  Control control({}, 3);
  ASSERT_EQ(run(31, control), Status::ok);
  EXPECT_EQ(fake_log.iterations, 2147483648U);
  EXPECT_LE(fake_log.longest, iterations_per_poll);
}

TEST_F(CostLoop, NeverMoreThanAPollsWorthInOneStep) {
  Control control({}, 3);
  ASSERT_EQ(run(10, control), Status::ok);
  EXPECT_EQ(fake_log.longest, iterations_per_poll);
  EXPECT_EQ(fake_log.advances, 1024 / iterations_per_poll);
}

TEST_F(CostLoop, WipesScratchWhenDone) {
  Control control({}, 3);
  ASSERT_EQ(run(5, control), Status::ok);
  EXPECT_TRUE(scratch_is_zero());
  EXPECT_TRUE(hashes_are('h'));
}

TEST_F(CostLoop, WipesScratchWhenTheEngineFails) {
  fake_log.fails = true;
  Control control({}, 3);
  EXPECT_EQ(run(5, control), Status::internal);
  EXPECT_TRUE(scratch_is_zero());
  EXPECT_TRUE(hashes_are('\0'));
}

TEST_F(CostLoop, CancelStopsBeforeTheNextStepAndWipes) {
  std::int32_t cancel = 0;
  fake_log.at_advance = [&](std::uint64_t advances) { cancel = advances == 3; };
  Control control({.cancel = &cancel}, 3);
  EXPECT_EQ(run(10, control), Status::cancelled);
  EXPECT_EQ(fake_log.advances, 3U);
  EXPECT_EQ(fake_log.finishes, 0);
  EXPECT_TRUE(scratch_is_zero());
  EXPECT_TRUE(hashes_are('\0'));
}

TEST_F(CostLoop, ACancelledBatchStartsNoGroup) {
  const std::int32_t cancel = 1;
  Control control({.cancel = &cancel}, 3);
  EXPECT_EQ(run(4, control), Status::cancelled);
  EXPECT_EQ(fake_log.advances, 0U);
}

TEST_F(CostLoop, APastDeadlineStartsNoGroup) {
  Control control({.deadline_ns = 1}, 3);
  EXPECT_EQ(run(4, control), Status::deadline);
  EXPECT_EQ(fake_log.advances, 0U);
}

TEST_F(CostLoop, WhatIsDoneWhenTheFlagIsSeenStaysDone) {
  std::int32_t cancel = 0;
  fake_log.at_advance = [&](std::uint64_t advances) { cancel = advances == 1024 / iterations_per_poll; };
  Control control({.cancel = &cancel}, 3);
  EXPECT_EQ(run(10, control), Status::ok);
  EXPECT_TRUE(hashes_are('h'));
}

}  // namespace
}  // namespace lanecrypt::test
