// The choice of the widest group, from the registers of other machines to their plans.
#include "width.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fake_cpuid.hpp"
#include "fake_engine.hpp"
#include "plan.hpp"

namespace lanecrypt {
namespace {

using test::fake_cpuid;

constexpr unsigned kib = 1024;

// An engine of many lanes, each a Blowfish state.
Engine wide_engine(unsigned lanes) {
  Engine engine = test::fake_engine;
  engine.lanes = lanes;
  engine.lane_bytes = 4168;
  for (unsigned w = 1; w <= lanes; ++w) engine.relative_time[w] = 1 + 0.05 * (w - 1);
  return engine;
}

CpuFeatures intel(unsigned ways, unsigned threads) {
  fake_cpuid.clear();
  test::set_vendor("GenuineIntel");
  test::set_l1d(4, 0, ways, 64, 2);
  test::set_intel_threads(threads);
  return read_cpu_features(test::read_fake);
}

CpuFeatures amd(unsigned ways, unsigned threads) {
  fake_cpuid.clear();
  test::set_vendor("AuthenticAMD");
  test::set_l1d(0x8000001d, 0, ways, 64, 2);
  test::set_amd_threads(threads);
  return read_cpu_features(test::read_fake);
}

void expect_choice(const Engine& engine, const CpuFeatures& cpu, unsigned width, WidthReason reason) {
  const WidthChoice choice = choose_width(engine, cpu);
  EXPECT_EQ(choice.width, width);
  EXPECT_EQ(choice.reason, reason) << text(choice.reason);
}

TEST(Width, LanesAreBlowfishStates) {
  for (const Engine* const engine : engine_table())
    EXPECT_EQ(engine->lane_bytes, std::string_view(engine->name) == "libcrypt" ? 0U : 4168U);
}

TEST(Width, AsManyLanesAsTheCacheHolds) {
  const Engine engine = wide_engine(10);
  expect_choice(engine, intel(12, 1), 10, WidthReason::engine);
  expect_choice(engine, intel(8, 1), 7, WidthReason::l1d_size);
  expect_choice(engine, intel(12, 2), 5, WidthReason::l1d_shared);
  expect_choice(engine, intel(8, 2), 3, WidthReason::l1d_shared);
  expect_choice(engine, amd(8, 1), 7, WidthReason::l1d_size);
  expect_choice(engine, amd(8, 2), 3, WidthReason::l1d_shared);
}

// Eight lanes are 33,344 bytes: they need 2 KiB beside them.
TEST(Width, SomethingIsLeftBesideTheLanes) {
  const Engine engine = wide_engine(10);
  expect_choice(engine, {.l1d_bytes = 35'391, .l1d_threads = 1}, 7, WidthReason::l1d_size);
  expect_choice(engine, {.l1d_bytes = 35'392, .l1d_threads = 1}, 8, WidthReason::l1d_size);
}

TEST(Width, AnEngineThatIsNarrowAnywayIsTheReason) {
  expect_choice(wide_engine(3), intel(8, 2), 3, WidthReason::engine);
  expect_choice(wide_engine(7), intel(8, 1), 7, WidthReason::engine);
  // Sharing changes nothing here: all of the cache holds no more either.
  expect_choice(wide_engine(10), {.l1d_bytes = 4 * kib, .l1d_threads = 2}, 1, WidthReason::l1d_size);
}

TEST(Width, AnUnknownCacheIsTakenForASmallOne) {
  expect_choice(wide_engine(10), {}, 7, WidthReason::l1d_unknown);
  expect_choice(wide_engine(10), {.l1d_threads = 2}, 7, WidthReason::l1d_unknown);
  expect_choice(wide_engine(4), {}, 4, WidthReason::engine);
}

TEST(Width, AnEngineThatTheCacheDoesNotBind) {
  Engine engine = wide_engine(10);
  engine.lane_bytes = 0;
  expect_choice(engine, intel(8, 2), 10, WidthReason::engine);
  engine.lanes = 1;
  expect_choice(engine, intel(8, 2), 1, WidthReason::engine);
}

TEST(Width, TheLeastIsOneLane) {
  const Engine engine = wide_engine(10);
  expect_choice(engine, {.l1d_bytes = 1, .l1d_threads = 1}, 1, WidthReason::l1d_size);
  expect_choice(engine, {.l1d_bytes = 16 * kib, .l1d_threads = 4096}, 1, WidthReason::l1d_shared);
  expect_choice(engine, {.l1d_bytes = 32 * kib, .l1d_threads = 0}, 7, WidthReason::l1d_size);
}

TEST(Width, EveryReasonHasATextOfItsOwn) {
  std::vector<std::string> texts;
  for (const auto reason :
       {WidthReason::engine, WidthReason::l1d_size, WidthReason::l1d_shared, WidthReason::l1d_unknown}) {
    texts.emplace_back(text(reason));
    EXPECT_FALSE(texts.back().empty());
    EXPECT_NE(texts.back().back(), '.');
  }
  EXPECT_EQ(texts[0], "as wide as the engine is");
  EXPECT_NE(texts[1].find("would not fit"), std::string::npos);
  EXPECT_NE(texts[2].find("share"), std::string::npos);
  EXPECT_NE(texts[3].find("unknown"), std::string::npos);
}

// From registers to the plan: no group is wider than the machine allows, and the allowed width is used.
TEST(Width, PlansOfOtherMachines) {
  const std::vector<std::uint8_t> costs(1000, 10);
  for (const auto& [cpu, widest] :
       {std::pair{intel(12, 1), 10U}, {intel(8, 1), 7U}, {intel(12, 2), 5U}, {amd(8, 2), 3U}}) {
    const Engine engine = wide_engine(10);
    const Plan plan = make_plan(width_times(engine, choose_width(engine, cpu).width), costs, 2);
    const auto wider = std::max_element(plan.groups.begin(), plan.groups.end(),
                                        [](const PlannedGroup& a, const PlannedGroup& b) { return a.width < b.width; });
    EXPECT_EQ(wider->width, widest);
  }
}

}  // namespace
}  // namespace lanecrypt
