// A library with a damaged engine at the head of its table: it is found by the self-test, passed over, and reported.
// This program has a table of its own in place of kernel/engine_table.cpp.
#include <gtest/gtest.h>

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

Engine make_foreign() {
  Engine engine = portable_engine;
  engine.name = "foreign";
  engine.usable = [](const CpuFeatures&) noexcept { return false; };
  return engine;
}

const Engine foreign = make_foreign();
const Engine damaged = make_damaged();
const Engine* const rows[] = {&foreign, &damaged, &portable_engine};

}  // namespace

std::span<const Engine* const> engine_table() noexcept { return rows; }

namespace test {
namespace {

TEST(Fallback, TheNextEngineAnswersAndTheReportSaysSo) {
  std::vector<lanecrypt_hash_job> jobs(20, hash_job(known_password, &known_setting));
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, nullptr, &report), LANECRYPT_OK);
  EXPECT_STREQ(report.engine, "portable");
  EXPECT_EQ(report.engines_failed, 1U);  // foreign is not a failure
  for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.hash, known_hash);
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

TEST(Fallback, TheListSaysWhatIsTheMatter) {
  const std::uint32_t expected[] = {LANECRYPT_ENGINE_CPU_LACKS, LANECRYPT_ENGINE_FAILED_TEST, LANECRYPT_ENGINE_READY};
  ASSERT_EQ(lanecrypt_engine_count(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(i, &info), LANECRYPT_OK);
    EXPECT_EQ(info.state, expected[i]) << info.name;
  }
}

}  // namespace
}  // namespace test
}  // namespace lanecrypt
