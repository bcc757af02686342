// The cost loop: its 64-bit arithmetic, its polling with every engine, and the wiping of scratch on every way out.
#include "cost_loop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "engines.hpp"
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

// A real engine whose steps are counted, and one of which sets the cancel flag.
struct Counted {
  static inline const Engine* engine = nullptr;
  static inline std::int32_t cancel = 0;
  static inline std::uint64_t advances = 0;
  static inline std::uint64_t cancel_at = 0;
  static inline std::uint64_t longest = 0;

  static void advance(void* scratch, unsigned lanes, std::uint64_t iterations) noexcept {
    engine->advance(scratch, lanes, iterations);
    longest = std::max(longest, iterations);
    if (++advances == cancel_at) cancel = 1;
  }

  // The status of a group of equal jobs at cost 9, whose flag comes up within its cancel_at-th step.
  static Status run(unsigned width, std::uint64_t at) {
    cancel = 0;
    advances = 0;
    longest = 0;
    cancel_at = at;
    Engine counted = *engine;
    counted.advance = advance;
    const Scratch scratch(counted);
    std::vector<HashText> hashes(width);
    std::vector<Job> jobs;
    static constexpr std::uint8_t password[] = {'p', 'w'};
    for (HashText& hash : hashes) jobs.push_back({password, 2, Setting::make('b', 9, Salt{}), hash.data()});
    Control control({.cancel = &cancel}, width);
    return run_group(counted, scratch.memory, jobs, control, false);
  }
};

// What a clock would say of a machine is said here of the engines: after the flag no further step, and a step is 16
// iterations, 2 ms or so, or, of an engine that cannot be interrupted, one hash.
TEST(CostLoopOfEveryEngine, NothingIsComputedAfterTheFlag) {
  for (const Engine* engine : engines_here()) {
    Counted::engine = engine;
    for (unsigned width = 1; width <= engine->lanes; ++width) {
      const std::string trace = std::string(engine->name) + ", width " + std::to_string(width);
      if (!engine->divisible) {
        EXPECT_EQ(width, 1U) << trace << ": one hash, and not some";
        EXPECT_EQ(Counted::run(width, 1), Status::ok) << trace;  // done is done
        EXPECT_EQ(Counted::advances, 1U) << trace;
        continue;
      }
      EXPECT_EQ(Counted::run(width, 3), Status::cancelled) << trace;
      EXPECT_EQ(Counted::advances, 3U) << trace;
      EXPECT_LE(Counted::longest, 16U) << trace;
    }
  }
}

}  // namespace
}  // namespace lanecrypt::test
