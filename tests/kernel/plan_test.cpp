// The planner: every job once, widths in range, the last thread as early as can be, and no thread that does not help.
#include "plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine.hpp"
#include "plan_optimum.hpp"
#include "random_jobs.hpp"

namespace lanecrypt {
namespace {

using Costs = std::vector<std::uint8_t>;
using Table = std::vector<double>;

std::span<const double> portable_times() { return width_times(portable_engine, portable_engine.lanes); }

// Engines that there are and that may come: two of 8 lanes, one of 10, the same held to 7, 5 and 3, and one lane.
std::vector<Table> tables() {
  const Table quick{0, 1, 1.06, 1.08, 1.15, 1.275, 1.44, 1.64, 1.85, 2.12, 2.375};
  std::vector<Table> all{{0, 1, 1.09, 1.15, 1.23, 1.32, 1.52, 1.77, 2.02}};
  for (const std::ptrdiff_t lanes : {10, 8, 7, 5, 3, 1}) all.emplace_back(quick.begin(), quick.begin() + lanes + 1);
  return all;
}

Plan plan_equal(std::size_t count, unsigned threads) { return make_plan(portable_times(), Costs(count, 10), threads); }

std::vector<int> widths(const Plan& plan) {
  std::vector<int> all;
  for (const PlannedGroup& group : plan.groups) all.push_back(group.width);
  return all;
}

void check_complete(const Plan& plan, const Costs& costs, std::size_t lanes, unsigned threads) {
  std::vector<std::size_t> sorted = plan.order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> all(costs.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  ASSERT_EQ(sorted, all);
  std::vector<int> covered(costs.size(), 0);
  for (const PlannedGroup& group : plan.groups) {
    ASSERT_GE(group.width, 1);
    ASSERT_LE(group.width, lanes);
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

// One thread less ends later, and what was planned is what that many threads get offered alone.
void check_threads(const Plan& plan, const Table& table, const Costs& costs) {
  const Plan same = make_plan(table, costs, plan.threads);
  ASSERT_EQ(same.threads, plan.threads);
  ASSERT_NEAR(same.relative_time, plan.relative_time, 1e-9 * plan.relative_time);
  if (plan.threads == 1) return;
  ASSERT_GT(make_plan(table, costs, plan.threads - 1).relative_time, plan.relative_time * (1 + 1e-9));
}

std::string describe(const Table& table, const Costs& costs, unsigned threads) {
  std::string text = std::to_string(table.size() - 1) + " lanes, " + std::to_string(threads) + " threads, jobs of cost";
  for (int cost = 31; cost >= 0; --cost) {
    const auto jobs = std::count(costs.begin(), costs.end(), cost);
    if (jobs > 0) text += ' ' + std::to_string(cost) + ':' + std::to_string(jobs);
  }
  return text;
}

// Costs 4..14, up to a highest one; all alike, or mostly low, or mostly high.
Costs random_costs(test::Random& random, std::size_t most) {
  Costs costs(1 + random.below(most));
  const std::uint64_t span = 1 + random.below(11);
  const std::uint64_t leaning = random.below(3);
  for (auto& cost : costs) {
    const std::uint64_t a = random.below(span);
    const std::uint64_t b = leaning == 0 ? a : random.below(span);
    cost = static_cast<std::uint8_t>(4 + (leaning == 1 ? std::min(a, b) : std::max(a, b)));
  }
  return costs;
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

TEST(Plan, TwentyJobsOnSixThreadsTakeFive) {
  const Plan plan = plan_equal(20, 6);
  EXPECT_EQ(widths(plan), std::vector<int>({4, 4, 4, 4, 4}));
  EXPECT_EQ(plan.threads, 5U);
}

TEST(Plan, EqualJobsEndAsEarlyAsCanBeOnTheFewestThreads) {
  // No plan is better than every thread having an even share, cut in the best way.
  for (const Table& table : tables()) {
    const std::vector<double> best = test::best_times(table, 200);
    for (std::size_t count = 1; count <= 200; count += LANECRYPT_SANITIZED ? 7 : 1) {
      for (unsigned threads = 1; threads <= 16; ++threads) {
        const Costs costs(count, 12);
        const Plan plan = make_plan(table, costs, threads);
        const std::size_t share = (count + threads - 1) / threads;
        ASSERT_NEAR(plan.relative_time, best[share], 1e-6) << describe(table, costs, threads);
        ASSERT_EQ(plan.threads, (count + share - 1) / share) << describe(table, costs, threads);
        ASSERT_NEAR(predict_end(table, plan.groups, plan.threads, 12), plan.relative_time, 1e-9);
        check_complete(plan, costs, table.size() - 1, threads);
      }
    }
  }
}

TEST(Plan, AWidthThatIsForFreeNeedsFewerThreads) {
  // Where two lanes take as long as one, threads with one job each are twice too many.
  const Table table{0, 1, 1};
  const Plan plan = make_plan(table, Costs(6, 8), 6);
  EXPECT_EQ(plan.threads, 3U);
  EXPECT_DOUBLE_EQ(plan.relative_time, 1.0);
}

TEST(Plan, AnEngineOfOneLaneGetsGroupsOfOne) {
  const Costs costs(9, 5);
  const Plan plan = make_plan(Table{0, 1}, costs, 4);
  check_complete(plan, costs, 1, 4);
  EXPECT_EQ(plan.groups.size(), 9U);
  EXPECT_DOUBLE_EQ(plan.relative_time, 3.0);
  EXPECT_EQ(plan.threads, 3U);
}

TEST(Plan, LargeBatchesGetTheWidthOfBestThroughput) {
  for (const Table& table : tables()) {
    const Plan plan = make_plan(table, Costs(100'000, 10), 2);
    unsigned best = 1;
    for (unsigned w = 2; w < table.size(); ++w) {
      if (w / table[w] > best / table[best]) best = w;
    }
    const auto wide = std::count_if(plan.groups.begin(), plan.groups.end(),
                                    [&](const PlannedGroup& group) { return group.width == best; });
    EXPECT_GT(static_cast<double>(wide) / static_cast<double>(plan.groups.size()), 0.99);
  }
}

TEST(Plan, DearestFirstAndStableAmongEquals) {
  const Costs costs{5, 12, 5, 4, 12, 5};
  const Plan plan = make_plan(portable_times(), costs, 1);
  EXPECT_EQ(plan.order, std::vector<std::size_t>({1, 4, 0, 2, 5, 3}));
}

TEST(Plan, ExtremeCostsDoNotOverflow) {
  const Costs costs{31, 4, 31, 0, 31};
  const Plan plan = make_plan(portable_times(), costs, 3);
  check_complete(plan, costs, portable_engine.lanes, 3);
  EXPECT_TRUE(std::isfinite(plan.relative_time));
}

TEST(Plan, ManyThreadsAndAllCosts) {
  Costs costs(5000);
  for (std::size_t i = 0; i < costs.size(); ++i) costs[i] = static_cast<std::uint8_t>(i % 28 + 4);
  const Plan plan = make_plan(portable_times(), costs, 1024);
  check_complete(plan, costs, portable_engine.lanes, 1024);
}

// The plan's own arithmetic holds, and threads are no more than help.
void check_mixed(const Plan& plan, const Table& table, const Costs& costs, unsigned threads) {
  check_complete(plan, costs, table.size() - 1, threads);
  const unsigned least = *std::min_element(costs.begin(), costs.end());
  ASSERT_DOUBLE_EQ(predict_end(table, plan.groups, plan.threads, least), plan.relative_time);
  check_threads(plan, table, costs);
  const Plan offered_more = make_plan(table, costs, threads + 1);
  ASSERT_LE(offered_more.relative_time, plan.relative_time * (1 + 1e-9));
}

TEST(Plan, FewJobsOfMixedCostsAreNearTheBestThatThereIs) {
  test::Random random("Plan.FewMixed");
  const std::vector<Table> all = tables();
  for (int i = 0; i < (LANECRYPT_SANITIZED ? 40 : 1000); ++i) {
    const Table& table = all[random.below(all.size())];
    const Costs costs = random_costs(random, 16);
    const auto threads = static_cast<unsigned>(1 + random.below(random.below(2) == 0 ? 4 : 16));
    SCOPED_TRACE(describe(table, costs, threads));
    const Plan plan = make_plan(table, costs, threads);
    check_mixed(plan, table, costs, threads);
    const test::Optimum optimum(table, costs, 600);
    ASSERT_TRUE(optimum.may_end_by(plan.relative_time * (1 + 1e-9), threads));
    if (optimum.may_end_by(plan.relative_time / 1.05, threads)) {  // the bound may be weak: all ways
      ASSERT_FALSE(test::Optimum(table, costs, 50'000).may_end_by(plan.relative_time / 1.05, threads));
    }
  }
}

TEST(Plan, ManyJobsOfMixedCostsAreNearTheBestThatThereIs) {
  test::Random random("Plan.ManyMixed");
  const std::vector<Table> all = tables();
  constexpr int batches = LANECRYPT_SANITIZED ? 40 : 400;
  int unknown = 0;  // not excluded that they could end 5 % earlier: the bound is weak, or the plan is bad
  for (int i = 0; i < batches; ++i) {
    const Table& table = all[random.below(all.size())];
    const Costs costs = random_costs(random, 200);
    const auto threads = static_cast<unsigned>(1 + random.below(16));
    SCOPED_TRACE(describe(table, costs, threads));
    const Plan plan = make_plan(table, costs, threads);
    check_mixed(plan, table, costs, threads);
    const double much_earlier = plan.relative_time / 1.05;
    if (!test::Optimum(table, costs, 300).may_end_by(much_earlier, threads)) continue;
    if (!test::Optimum(table, costs, 5000).may_end_by(much_earlier, threads)) continue;
    ++unknown;
  }
  // The bound's fault wherever an exact search was feasible: those plans are within 1 % of the best.
  EXPECT_LE(unknown, batches / 12);
}

TEST(Plan, AFewDearJobsShareAGroupWhileOthersWork) {
  // Three dear jobs and as much cheap work: apart, they would need three threads that are better used.
  Costs costs(3, 10);
  costs.insert(costs.end(), 64, 8);
  const Plan plan = make_plan(portable_times(), costs, 2);
  EXPECT_TRUE(std::any_of(plan.groups.begin(), plan.groups.end(),
                          [](const PlannedGroup& group) { return group.cost == 10 && group.width >= 2; }));
}

TEST(Plan, OneDearJobHoldsNoThreadsThatItsCompanyDoesNotNeed) {
  Costs costs(40, 4);
  costs.push_back(14);
  const Plan plan = make_plan(portable_times(), costs, 16);
  EXPECT_EQ(plan.threads, 2U);
  EXPECT_DOUBLE_EQ(plan.relative_time, 1024.0);
}

}  // namespace
}  // namespace lanecrypt
