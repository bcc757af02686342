// Engines, the thread budget and the plan preview through the C ABI.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <set>
#include <string>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

TEST(Engines, AreListedBestFirst) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(i, &info), LANECRYPT_OK);
    names.emplace_back(info.name);
    EXPECT_GE(info.lanes, 1U);
    EXPECT_LE(info.lanes, static_cast<unsigned>(LANECRYPT_LANES_MAX));
    EXPECT_EQ(info.relative_time[1], 1.0);
    for (std::uint32_t width = 1; width <= info.lanes; ++width) EXPECT_GT(info.relative_time[width], 0.0);
    for (std::uint32_t width = info.lanes + 1; width <= LANECRYPT_LANES_MAX; ++width) {
      EXPECT_EQ(info.relative_time[width], 0.0);
    }
  }
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(names.back(), "libcrypt");
  lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
  EXPECT_EQ(lanecrypt_engine(lanecrypt_engine_count(), &info), LANECRYPT_INVALID_ARGUMENT);
}

TEST(Threads, BudgetIsTheLeastBound) {
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  ASSERT_EQ(lanecrypt_threads(&budget), LANECRYPT_OK);
  EXPECT_GE(budget.threads, 1U);
  EXPECT_GE(budget.visible_cores, 1U);
  for (const std::uint32_t bound : {budget.affinity, budget.cgroup, budget.lambda}) {
    if (bound == 0) continue;  // does not apply here
    EXPECT_LE(budget.threads, bound);
  }
}

TEST(Threads, LambdaMemoryBounds) {
  setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024", 1);
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  ASSERT_EQ(lanecrypt_threads(&budget), LANECRYPT_OK);
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  const lanecrypt_status planned = lanecrypt_plan(20, nullptr, nullptr, 0, &plan);
  unsetenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
  EXPECT_EQ(budget.lambda, 1U);
  EXPECT_EQ(budget.threads, 1U);
  ASSERT_EQ(planned, LANECRYPT_OK);
  EXPECT_EQ(plan.threads, 1U);
}

TEST(Plan, PreviewOfTwentyJobsOnSixThreads) {
  lanecrypt_options options = default_options();
  options.engine = "portable";
  options.threads = 6;
  std::uint32_t widths[20] = {};
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  ASSERT_EQ(lanecrypt_plan(20, &options, widths, 20, &plan), LANECRYPT_OK);
  EXPECT_STREQ(plan.engine, "portable");
  EXPECT_EQ(plan.threads, 5U);  // a sixth would not make it end earlier
  EXPECT_EQ(plan.groups, 5U);
  EXPECT_EQ(std::vector<std::uint32_t>(widths, widths + 5), (std::vector<std::uint32_t>{4, 4, 4, 4, 4}));
  EXPECT_EQ(plan.groups_of_width[4], 5U);
  EXPECT_GT(plan.relative_time, 1.0);
}

// What a batch does is what the preview says: no group is wider than the machine's limit.
TEST(Plan, WidthHasALimitAndAReason) {
  lanecrypt_options options = default_options();
  options.engine = "portable";
  options.threads = 1;
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  ASSERT_EQ(lanecrypt_plan(500, &options, nullptr, 0, &plan), LANECRYPT_OK);
  EXPECT_GE(plan.width_limit, 1U);
  EXPECT_LE(plan.width_limit, 8U);
  ASSERT_NE(plan.width_reason, nullptr);
  EXPECT_EQ(plan.width_limit == 8, std::string(plan.width_reason) == "as wide as the engine is");
  EXPECT_GE(plan.l1d_threads, 1U);
  EXPECT_NE(plan.groups_of_width[plan.width_limit], 0U);
  for (std::size_t w = plan.width_limit + 1; w <= LANECRYPT_LANES_MAX; ++w) EXPECT_EQ(plan.groups_of_width[w], 0U);
  options.engine = "libcrypt";
  ASSERT_EQ(lanecrypt_plan(5, &options, nullptr, 0, &plan), LANECRYPT_OK);
  EXPECT_EQ(plan.width_limit, 1U);
  EXPECT_STREQ(plan.width_reason, "as wide as the engine is");
}

// A caller from before the limit has a struct that ends where it begins, and nothing is written behind it.
TEST(Plan, OfAnOlderCaller) {
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  plan.struct_size = offsetof(lanecrypt_plan_info, width_limit);
  plan.width_limit = 77;
  plan.l1d_threads = 78;
  ASSERT_EQ(lanecrypt_plan(5, nullptr, nullptr, 0, &plan), LANECRYPT_OK);
  EXPECT_GT(plan.groups, 0U);
  EXPECT_EQ(plan.width_limit, 77U);
  EXPECT_EQ(plan.width_reason, nullptr);
  EXPECT_EQ(plan.l1d_threads, 78U);
  --plan.struct_size;
  EXPECT_EQ(lanecrypt_plan(5, nullptr, nullptr, 0, &plan), LANECRYPT_INVALID_ARGUMENT);
}

TEST(Plan, FewerWidthsThanGroupsFit) {
  lanecrypt_options options = default_options();
  options.engine = "libcrypt";
  options.threads = 1;
  std::uint32_t widths[3] = {9, 9, 9};
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  ASSERT_EQ(lanecrypt_plan(5, &options, widths, 2, &plan), LANECRYPT_OK);
  EXPECT_EQ(plan.groups, 5U);
  EXPECT_EQ(widths[0], 1U);
  EXPECT_EQ(widths[2], 9U);
}

TEST(Plan, OfNothingAndOfTooMuch) {
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  ASSERT_EQ(lanecrypt_plan(0, nullptr, nullptr, 0, &plan), LANECRYPT_OK);
  EXPECT_EQ(plan.groups, 0U);
  EXPECT_EQ(plan.threads, 0U);
  EXPECT_EQ(lanecrypt_plan(SIZE_MAX, nullptr, nullptr, 0, &plan), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_plan(100'000'001, nullptr, nullptr, 0, &plan), LANECRYPT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace lanecrypt::test
