// The planner: every job once, widths in range, and the last thread as early as can be.
#include "plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "random_jobs.hpp"

namespace lanecrypt {
namespace {

Plan plan_equal(std::size_t count, unsigned threads) {
  return make_plan(portable_engine, std::vector<std::uint8_t>(count, 10), threads);
}

std::vector<int> widths(const Plan& plan) {
  std::vector<int> all;
  for (const PlannedGroup& group : plan.groups) all.push_back(group.width);
  return all;
}

// Least time of m jobs on one thread, by search.
double best_time(const Engine& engine, std::size_t m) {
  static std::map<std::pair<const Engine*, std::size_t>, double> known;
  if (m == 0) return 0;
  const auto found = known.find({&engine, m});
  if (found != known.end()) return found->second;
  double best = 1e300;
  for (unsigned w = 1; w <= std::min<std::size_t>(m, engine.lanes); ++w) {
    best = std::min(best, engine.relative_time[w] + best_time(engine, m - w));
  }
  return known[{&engine, m}] = best;
}

void check_complete(const Plan& plan, const std::vector<std::uint8_t>& costs, const Engine& engine, unsigned threads) {
  std::vector<std::size_t> sorted = plan.order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> all(costs.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  ASSERT_EQ(sorted, all);
  std::vector<int> covered(costs.size(), 0);
  for (const PlannedGroup& group : plan.groups) {
    ASSERT_GE(group.width, 1);
    ASSERT_LE(group.width, engine.lanes);
    for (unsigned l = 0; l < group.width; ++l) {
      ++covered.at(group.first + l);
      ASSERT_EQ(costs[plan.order[group.first + l]], group.cost);
    }
  }
  ASSERT_TRUE(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  ASSERT_GE(plan.threads, 1U);
  ASSERT_LE(plan.threads, threads);
  if (!costs.empty()) {
    ASSERT_LE(plan.threads, plan.groups.size());
  }
}

TEST(Plan, NoJobsNoGroups) {
  const Plan plan = plan_equal(0, 8);
  EXPECT_TRUE(plan.groups.empty());
  EXPECT_TRUE(plan.order.empty());
}

TEST(Plan, OneJobOneThread) {
  const Plan plan = plan_equal(1, 16);
  EXPECT_EQ(widths(plan), std::vector<int>({1}));
  EXPECT_EQ(plan.threads, 1U);
}

TEST(Plan, TwentyJobsOnSixThreadsEvenOut) {
  const Plan plan = plan_equal(20, 6);
  EXPECT_EQ(widths(plan), std::vector<int>({4, 4, 3, 3, 3, 3}));
  EXPECT_EQ(plan.threads, 6U);
}

TEST(Plan, EveryJobIsInOneGroup) {
  for (std::size_t count = 0; count <= 100; ++count) {
    for (unsigned threads = 1; threads <= 17; ++threads) {
      const std::vector<std::uint8_t> costs(count, 12);
      check_complete(make_plan(portable_engine, costs, threads), costs, portable_engine, threads);
    }
  }
}

TEST(Plan, EqualJobsEndAsEarlyAsCanBe) {
  // No plan is better than every thread having an even share, cut in the best way.
  for (std::size_t count = 1; count <= 200; ++count) {
    for (unsigned threads = 1; threads <= 16; ++threads) {
      const Plan plan = plan_equal(count, threads);
      const double best = best_time(portable_engine, (count + threads - 1) / threads);
      ASSERT_NEAR(plan.relative_time, best, 1e-6) << count << " jobs on " << threads;
    }
  }
}

TEST(Plan, AnEngineOfOneLaneGetsGroupsOfOne) {
  const std::vector<std::uint8_t> costs(9, 5);
  const Plan plan = make_plan(libcrypt_engine, costs, 4);
  check_complete(plan, costs, libcrypt_engine, 4);
  EXPECT_EQ(plan.groups.size(), 9U);
  EXPECT_DOUBLE_EQ(plan.relative_time, 3.0);
}

TEST(Plan, LargeBatchesGetTheWidthOfBestThroughput) {
  const Plan plan = plan_equal(1'000'000, 2);
  unsigned best = 1;
  for (unsigned w = 2; w <= portable_engine.lanes; ++w) {
    if (w / portable_engine.relative_time[w] > best / portable_engine.relative_time[best]) best = w;
  }
  const auto wide = std::count_if(plan.groups.begin(), plan.groups.end(),
                                  [&](const PlannedGroup& group) { return group.width == best; });
  EXPECT_GT(static_cast<double>(wide) / static_cast<double>(plan.groups.size()), 0.99);
}

TEST(Plan, DearestFirstAndStableAmongEquals) {
  const std::vector<std::uint8_t> costs{5, 12, 5, 4, 12, 5};
  const Plan plan = make_plan(portable_engine, costs, 1);
  EXPECT_EQ(plan.order, std::vector<std::size_t>({1, 4, 0, 2, 5, 3}));
}

TEST(Plan, ExtremeCostsDoNotOverflow) {
  const std::vector<std::uint8_t> costs{31, 4, 31, 0, 31};
  const Plan plan = make_plan(portable_engine, costs, 3);
  check_complete(plan, costs, portable_engine, 3);
  EXPECT_TRUE(std::isfinite(plan.relative_time));
}

TEST(Plan, MixedCostsAreNearTheirBound) {
  // The bound: all work at the best throughput on all threads, and no end before the dearest cost's even share.
  test::Random random("Plan.MixedCosts");
  double sum = 0;
  constexpr int batches = 500;
  for (int i = 0; i < batches; ++i) {
    std::vector<std::uint8_t> costs(1 + random.below(200));
    const unsigned highest = 4 + static_cast<unsigned>(random.below(11));
    for (auto& cost : costs) cost = static_cast<std::uint8_t>(4 + random.below(highest - 3));
    const auto threads = static_cast<unsigned>(1 + random.below(16));
    const Plan plan = make_plan(portable_engine, costs, threads);
    check_complete(plan, costs, portable_engine, threads);
    const int least = *std::min_element(costs.begin(), costs.end());
    const int dearest = *std::max_element(costs.begin(), costs.end());
    double work = 0;
    for (const auto cost : costs) work += std::ldexp(best_time(portable_engine, 7 * 8) / 56, cost - least);
    const auto of_dearest = static_cast<std::size_t>(std::count(costs.begin(), costs.end(), dearest));
    const double share = best_time(portable_engine, (of_dearest + threads - 1) / threads);
    const double bound = std::max(work / threads, std::ldexp(share, dearest - least));
    ASSERT_GE(plan.relative_time, bound * 0.98);
    sum += plan.relative_time / bound;
    // What it predicts is what its groups give.
    ASSERT_NEAR(predict_end(portable_engine, plan.groups, threads, static_cast<unsigned>(least)), plan.relative_time,
                1e-6);
  }
  EXPECT_LT(sum / batches, 1.10);
}

TEST(Plan, AFewDearJobsShareAGroupWhileOthersWork) {
  // Three dear jobs and as much cheap work: apart, they would need three threads that are better used.
  std::vector<std::uint8_t> costs(3, 10);
  costs.insert(costs.end(), 64, 8);
  const Plan plan = make_plan(portable_engine, costs, 2);
  EXPECT_EQ(plan.groups.front().cost, 10);
  EXPECT_GE(plan.groups.front().width, 2);
}

}  // namespace
}  // namespace lanecrypt
