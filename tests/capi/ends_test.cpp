// How jobs of a batch end that have no hash: each with its own reason, whatever the others have.
#include <gtest/gtest.h>

#include <cstring>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

const std::string with_nul("a\0b", 3);
const std::string malformed = "$2b$";

lanecrypt_options libcrypt_options() {
  lanecrypt_options options = default_options();
  options.engine = "libcrypt";
  return options;
}

TEST(JobEnds, LibcryptDeclinesAPasswordWithANulAndNoOther) {
  const lanecrypt_options options = libcrypt_options();
  std::vector<lanecrypt_hash_job> jobs(3, hash_job(known_password, &known_setting));
  jobs[1] = hash_job(with_nul, &known_setting);
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  for (const std::size_t i : {0U, 2U}) EXPECT_EQ(jobs[i].hash, known_hash);
  EXPECT_EQ(jobs[1].status, LANECRYPT_UNSUPPORTED);
  EXPECT_TRUE(all_zero(jobs[1].hash));
  EXPECT_EQ(report.succeeded, 2U);
  EXPECT_EQ(report.failed, 1U);
}

TEST(JobEnds, OfAVerificationToo) {
  lanecrypt_options options = libcrypt_options();
  options.equal_time = 1;
  std::vector<lanecrypt_verify_job> jobs(4, verify_job(known_password, &known_hash));
  jobs[1] = verify_job(with_nul, &known_hash);
  jobs[2] = verify_job(with_nul, &malformed);  // an answer of its own, which it keeps
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].status, LANECRYPT_OK);
  EXPECT_EQ(jobs[1].status, LANECRYPT_UNSUPPORTED);
  EXPECT_EQ(jobs[2].status, LANECRYPT_INVALID_HASH);
  EXPECT_EQ(jobs[3].status, LANECRYPT_OK);
}

// Logins are verified within a millisecond, their upgrades take seconds: the first progress call is among those.
TEST(JobEnds, AnUpgradeThatIsCancelledSaysSoAndTheLoginStays) {
  const std::string cheap = [] {
    lanecrypt_options options = default_options();
    options.cost = 4;
    char hash[LANECRYPT_HASH_SIZE];
    EXPECT_EQ(lanecrypt_hash(known_password.data(), known_password.size(), nullptr, 0, &options, hash), LANECRYPT_OK);
    return std::string(hash);
  }();
  for (const std::uint64_t deadline : {std::uint64_t{0}, std::uint64_t{1} << 62}) {
    lanecrypt_options options = default_options();
    options.upgrade_cost = 11;
    options.deadline_ns = deadline;
    options.progress = [](void*, std::size_t done, std::size_t total) { return done >= total ? 1 : 0; };
    std::vector<lanecrypt_verify_job> jobs(200, verify_job(known_password, &cheap));
    ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
    std::size_t cancelled = 0;
    for (const lanecrypt_verify_job& job : jobs) {
      EXPECT_EQ(job.status, LANECRYPT_OK);
      const bool upgraded = job.upgrade_status == LANECRYPT_OK;
      EXPECT_EQ(std::strlen(job.new_hash), upgraded ? LANECRYPT_HASH_LENGTH : 0U);
      if (upgraded) continue;
      EXPECT_EQ(job.upgrade_status, LANECRYPT_CANCELLED);
      EXPECT_TRUE(all_zero(job.new_hash));
      ++cancelled;
    }
    EXPECT_GT(cancelled, 0U);
  }
}

}  // namespace
}  // namespace lanecrypt::test
