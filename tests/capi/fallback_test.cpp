// A library with a damaged engine at the head of its table: it is found by the self-test, passed over, and reported.
// This program has a table of its own in place of kernel/engine_table.cpp.
#include <gtest/gtest.h>

#include <atomic>
#include <tuple>

#include "engine.hpp"
#include "jobs.hpp"

namespace lanecrypt {
namespace {

// portable with one bit of one S box of the first lane wrong.
Engine make_damaged() {
  Engine engine = portable_engine;
  engine.name = "damaged";
  engine.begin = [](void* scratch, std::span<const Job> jobs) noexcept {
    portable_engine.begin(scratch, jobs);
    static_cast<unsigned char*>(scratch)[1234] ^= 0x10;
  };
  return engine;
}

// portable that does an iteration too many in groups of three, which only a batch with such a group finds.
Engine make_wrong_in_three() {
  Engine engine = portable_engine;
  engine.name = "wrong_in_three";
  engine.advance = [](void* scratch, unsigned lanes, std::uint64_t iterations) noexcept {
    portable_engine.advance(scratch, lanes, iterations + (lanes == 3 ? 1 : 0));
  };
  return engine;
}

Engine make_foreign() {
  Engine engine = portable_engine;
  engine.name = "foreign";
  engine.usable = [](const CpuFeatures&) noexcept { return false; };
  return engine;
}

std::atomic<std::uint64_t> iterations_done{0};

// portable, which says how much it did.
Engine make_counted() {
  Engine engine = portable_engine;
  engine.advance = [](void* scratch, unsigned lanes, std::uint64_t iterations) noexcept {
    iterations_done += lanes * iterations;
    portable_engine.advance(scratch, lanes, iterations);
  };
  return engine;
}

const Engine foreign = make_foreign();
const Engine damaged = make_damaged();
const Engine wrong_in_three = make_wrong_in_three();
const Engine counted = make_counted();
const Engine* const rows[] = {&foreign, &damaged, &wrong_in_three, &counted};

}  // namespace

std::span<const Engine* const> engine_table() noexcept { return rows; }

namespace test {
namespace {

TEST(Fallback, TheNextEngineAnswersAndTheReportSaysSo) {
  lanecrypt_options options = default_options();
  options.threads = 1;
  std::vector<lanecrypt_hash_job> jobs(2, hash_job(known_password, &known_setting));
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  EXPECT_STREQ(report.engine, "wrong_in_three");
  EXPECT_EQ(report.engines_failed, 1U);  // foreign is not a failure
  for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.hash, known_hash);
}

TEST(Fallback, AWidthIsTestedBeforeItsFirstUse) {
  lanecrypt_options options = default_options();
  options.threads = 1;
  for (const auto& [count, engine, failed] :
       {std::tuple{1U, "wrong_in_three", 1U}, {3U, "portable", 2U}, {1U, "portable", 2U}}) {
    std::vector<lanecrypt_hash_job> jobs(count, hash_job(known_password, &known_setting));
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
    EXPECT_STREQ(report.engine, engine);
    EXPECT_EQ(report.engines_failed, failed);
    EXPECT_EQ(report.groups_of_width[count], 1U);
    for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.hash, known_hash);
  }
}

TEST(Fallback, AForcedEngineThatCannotRunIsAnError) {
  for (const char* name : {"damaged", "foreign"}) {
    lanecrypt_options options = default_options();
    options.engine = name;
    std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
    EXPECT_EQ(run(jobs, &options), LANECRYPT_UNSUPPORTED) << name;
    EXPECT_TRUE(all_zero(jobs[0].hash));
    EXPECT_EQ(lanecrypt_verify("U*U", 3, known_hash.data(), 60, &options), LANECRYPT_UNSUPPORTED);
  }
}

TEST(UnknownUser, IsAsMuchWorkAsAKnownOneOfThisCost) {
  lanecrypt_options options = default_options();
  options.engine = "portable";
  const std::string wrong = "U*V";
  const auto work_of = [&](const std::string* hash, std::uint32_t cost) {
    options.cost = cost;
    std::vector<lanecrypt_verify_job> jobs{verify_job(wrong, hash)};
    iterations_done = 0;
    EXPECT_EQ(run(jobs, &options), LANECRYPT_OK);
    EXPECT_EQ(jobs[0].status, LANECRYPT_MISMATCH);
    return iterations_done.load();
  };
  work_of(&known_hash, 5);  // the first time has the self-test in it
  EXPECT_EQ(work_of(&known_hash, 5), 32U);
  for (const std::uint32_t cost : {4U, 5U, 8U}) EXPECT_EQ(work_of(nullptr, cost), 1U << cost);
}

TEST(Fallback, TheListSaysWhatIsTheMatter) {
  const std::uint32_t expected[] = {LANECRYPT_ENGINE_CPU_LACKS, LANECRYPT_ENGINE_FAILED_TEST,
                                    LANECRYPT_ENGINE_FAILED_TEST, LANECRYPT_ENGINE_READY};
  ASSERT_EQ(lanecrypt_engine_count(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(i, &info), LANECRYPT_OK);
    EXPECT_EQ(info.state, expected[i]) << info.name;
  }
}

}  // namespace
}  // namespace test
}  // namespace lanecrypt
