// Hashing through the C ABI: given settings, drawn salts, long passwords, ceilings, the report.
#include <gtest/gtest.h>

#include <set>

#include "jobs.hpp"
#include "random_jobs.hpp"

namespace lanecrypt::test {
namespace {

TEST(HashBatch, GivenSettingIsDeterministic) {
  std::vector<lanecrypt_hash_job> jobs(10, hash_job(known_password, &known_setting));
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  for (const lanecrypt_hash_job& job : jobs) {
    EXPECT_EQ(job.status, LANECRYPT_OK);
    EXPECT_EQ(job.hash, known_hash);
  }
}

TEST(HashBatch, AWholeHashServesAsASetting) {
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_hash)};
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].hash, known_hash);
}

TEST(HashBatch, DrawnSaltsDifferAndVerify) {
  lanecrypt_options options = default_options();
  options.cost = 4;
  options.prefix = "2y";
  std::vector<lanecrypt_hash_job> jobs(50, hash_job(known_password));
  jobs[7].cost = 5;
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  std::set<std::string> hashes;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string hash = jobs[i].hash;
    EXPECT_EQ(hash.substr(0, 7), i == 7 ? "$2y$05$" : "$2y$04$");
    EXPECT_EQ(lanecrypt_verify(known_password.data(), known_password.size(), hash.data(), hash.size(), nullptr),
              LANECRYPT_OK);
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), jobs.size());
}

TEST(HashBatch, DefaultsAre2bAndCost12) {
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password)};
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_EQ(std::string(jobs[0].hash).substr(0, 7), "$2b$12$");
}

TEST(HashBatch, OneBadJobSpoilsNothing) {
  const std::string bad_setting = "$2b$05$CCCCCCCCCCCCCCCCCCCC:.";
  const std::string dear_setting = "$2b$15$CCCCCCCCCCCCCCCCCCCCC.";
  const std::string long_password(73, 'p');
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting), hash_job(known_password, &bad_setting),
                                       hash_job(long_password, &known_setting), hash_job(known_password, &dear_setting),
                                       hash_job(known_password, &known_setting)};
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, nullptr, &report), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].hash, known_hash);
  EXPECT_EQ(jobs[1].status, LANECRYPT_INVALID_SETTING);
  EXPECT_EQ(jobs[2].status, LANECRYPT_PASSWORD_TOO_LONG);
  EXPECT_EQ(jobs[3].status, LANECRYPT_COST_TOO_HIGH);
  EXPECT_EQ(jobs[4].hash, known_hash);
  for (const int bad : {1, 2, 3}) EXPECT_TRUE(all_zero(jobs[static_cast<std::size_t>(bad)].hash));
  EXPECT_EQ(report.succeeded, 2U);
  EXPECT_EQ(report.failed, 3U);
}

TEST(HashBatch, SeventyTwoBytesAreNotTooLong) {
  for (const std::size_t size : {71U, 72U, 73U}) {
    const std::string password(size, 'p');
    std::vector<lanecrypt_hash_job> jobs{hash_job(password, &known_setting)};
    std::vector<lanecrypt_verify_job> verify_jobs{verify_job(password, &known_hash)};
    ASSERT_EQ(run(jobs), LANECRYPT_OK);
    ASSERT_EQ(run(verify_jobs), LANECRYPT_OK);
    EXPECT_EQ(jobs[0].status, size <= 72 ? LANECRYPT_OK : LANECRYPT_PASSWORD_TOO_LONG) << size;
    EXPECT_EQ(verify_jobs[0].status, size <= 72 ? LANECRYPT_MISMATCH : LANECRYPT_PASSWORD_TOO_LONG) << size;
  }
}

TEST(HashBatch, LongPasswordsAreCutWhereAskedFor) {
  lanecrypt_options options = default_options();
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  const std::string longer = std::string(72, 'p') + "and more";
  const std::string cut(72, 'p');
  std::vector<lanecrypt_hash_job> jobs{hash_job(longer, &known_setting), hash_job(cut, &known_setting)};
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].status, LANECRYPT_OK);
  EXPECT_STREQ(jobs[0].hash, jobs[1].hash);
}

// Random passwords of up to 322 bytes, cut by the library, against crypt_r, which cuts for itself.
TEST(HashBatch, RandomLongPasswordsAgreeWithLibcrypt) {
  Random random("HashBatch.RandomLongPasswords");
  std::vector<RandomJob> drawn;
  while (drawn.size() < (LANECRYPT_SANITIZED ? 20 : 500)) {
    RandomJob job = random_job(random, 4, 4);
    if (job.password.size() > LANECRYPT_PASSWORD_MAX) drawn.push_back(std::move(job));
  }
  std::vector<lanecrypt_hash_job> jobs;
  for (const RandomJob& job : drawn) jobs.push_back(hash_job(job.password, &job.setting));
  lanecrypt_options options = default_options();
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    EXPECT_EQ(jobs[i].hash, libcrypt_hash(drawn[i].password, drawn[i].setting)) << drawn[i].password.size();
  }
}

TEST(HashBatch, CeilingOfCost) {
  lanecrypt_options options = default_options();
  options.max_cost = 4;
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting), hash_job(known_password)};
  jobs.push_back(hash_job(known_password));
  jobs[2].cost = 5;
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].status, LANECRYPT_COST_TOO_HIGH);
  EXPECT_EQ(jobs[1].status, LANECRYPT_OK);  // the default goes no higher than the ceiling
  EXPECT_EQ(std::string(jobs[1].hash).substr(0, 7), "$2b$04$");
  EXPECT_EQ(jobs[2].status, LANECRYPT_COST_TOO_HIGH);
}

TEST(HashBatch, JobCostOutOfRange) {
  for (const std::uint32_t cost : {1U, 3U, 32U, 0x80000004U}) {
    std::vector<lanecrypt_hash_job> jobs{hash_job(known_password)};
    jobs[0].cost = cost;
    ASSERT_EQ(run(jobs), LANECRYPT_OK);
    EXPECT_EQ(jobs[0].status, LANECRYPT_INVALID_ARGUMENT) << cost;
  }
}

TEST(HashBatch, ReportSaysWhatWasDone) {
  lanecrypt_options options = default_options();
  options.threads = 2;
  options.engine = "portable";
  std::vector<lanecrypt_hash_job> jobs(16, hash_job(known_password, &known_setting));
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  EXPECT_STREQ(report.engine, "portable");
  EXPECT_EQ(report.engines_failed, 0U);
  EXPECT_GE(report.threads, 1U);
  EXPECT_LE(report.threads, 2U);
  std::size_t groups = 0;
  std::size_t lanes = 0;
  for (std::size_t width = 0; width <= LANECRYPT_LANES_MAX; ++width) {
    groups += report.groups_of_width[width];
    lanes += width * report.groups_of_width[width];
  }
  EXPECT_EQ(groups, report.groups);
  EXPECT_EQ(lanes, 16U);
  EXPECT_EQ(report.succeeded, 16U);
  EXPECT_GT(report.elapsed_ns, 0U);

  options.threads = 1;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  EXPECT_EQ(report.threads, 1U);

  options.threads = 2;
  jobs.resize(1);
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  EXPECT_EQ(report.threads, 1U);  // and not the one that had nothing to do
}

TEST(HashBatch, NothingToComputeNamesNoEngine) {
  const std::string bad = "no setting";
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &bad)};
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, nullptr, &report), LANECRYPT_OK);
  EXPECT_EQ(report.engine, nullptr);
  EXPECT_EQ(report.groups, 0U);
  EXPECT_EQ(report.failed, 1U);
}

TEST(HashBatch, EachEngineByName) {
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(i, &info), LANECRYPT_OK);
    if (info.state == LANECRYPT_ENGINE_CPU_LACKS) continue;
    ASSERT_EQ(info.state, LANECRYPT_ENGINE_READY) << info.name;
    lanecrypt_options options = default_options();
    options.engine = info.name;
    std::vector<lanecrypt_hash_job> jobs(9, hash_job(known_password, &known_setting));
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
    EXPECT_STREQ(report.engine, info.name);
    for (const lanecrypt_hash_job& job : jobs) EXPECT_EQ(job.hash, known_hash) << info.name;
  }
}

TEST(HashBatch, AMillionSmallJobsWouldFit) {
  // Ten thousand at once, on as many threads as there are: nothing is kept between batches and nothing is lost.
  constexpr std::size_t count = LANECRYPT_SANITIZED ? 200 : 10'000;
  std::vector<std::string> passwords;
  for (std::size_t i = 0; i < count; ++i) passwords.push_back("password " + std::to_string(i));
  const std::string setting = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.";
  std::vector<lanecrypt_hash_job> jobs;
  for (const std::string& password : passwords) jobs.push_back(hash_job(password, &setting));
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  std::set<std::string> hashes;
  for (const lanecrypt_hash_job& job : jobs) hashes.insert(job.hash);
  EXPECT_EQ(hashes.size(), count);
}

TEST(Hash, OnePassword) {
  char hash[LANECRYPT_HASH_SIZE];
  EXPECT_EQ(lanecrypt_hash(known_password.data(), known_password.size(), known_setting.data(), known_setting.size(),
                           nullptr, hash),
            LANECRYPT_OK);
  EXPECT_EQ(hash, known_hash);
  lanecrypt_options options = default_options();
  options.cost = 4;
  EXPECT_EQ(lanecrypt_hash("", 0, nullptr, 0, &options, hash), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_verify("", 0, hash, 60, nullptr), LANECRYPT_OK);
}

TEST(Hash, AnErrorLeavesZeros) {
  char hash[LANECRYPT_HASH_SIZE];
  hash[0] = '?';
  EXPECT_EQ(lanecrypt_hash("a", 1, "nino", 4, nullptr, hash), LANECRYPT_INVALID_SETTING);
  EXPECT_TRUE(all_zero(hash));
}

}  // namespace
}  // namespace lanecrypt::test
