// Verifying through the C ABI: matches, every one-byte change of a hash, unknown users, upgrades.
#include <gtest/gtest.h>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

TEST(VerifyBatch, MatchAndMismatch) {
  const std::string wrong = "U*V";
  const std::string hash = known_hash;
  std::vector<lanecrypt_verify_job> jobs{verify_job(known_password, &hash), verify_job(wrong, &hash)};
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, nullptr, &report), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].status, LANECRYPT_OK);
  EXPECT_EQ(jobs[1].status, LANECRYPT_MISMATCH);
  EXPECT_TRUE(all_zero(jobs[0].new_hash));
  EXPECT_EQ(jobs[0].upgrade_status, LANECRYPT_OK);
  EXPECT_EQ(report.succeeded, 1U);
  EXPECT_EQ(report.mismatched, 1U);
  EXPECT_EQ(report.failed, 0U);
}

// All 60 x 255 one-byte changes of a valid hash: an error or a mismatch, except that a, b and y are one for ASCII, and
// x too.
TEST(VerifyBatch, EveryOneByteChangeOfAHash) {
  std::string hash = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.";
  char computed[LANECRYPT_HASH_SIZE];
  ASSERT_EQ(lanecrypt_hash(known_password.data(), known_password.size(), hash.data(), hash.size(), nullptr, computed),
            LANECRYPT_OK);
  hash = computed;
  constexpr unsigned step = LANECRYPT_SANITIZED ? 7 : 1;
  std::vector<std::string> changed;
  for (std::size_t at = 0; at < hash.size(); ++at) {
    for (unsigned change = 1; change < 256; change += step) {
      changed.push_back(hash);
      changed.back()[at] = static_cast<char>(static_cast<unsigned char>(hash[at]) ^ change);
    }
  }
  std::vector<lanecrypt_verify_job> jobs;
  for (const std::string& text : changed) jobs.push_back(verify_job(known_password, &text));
  lanecrypt_options options = default_options();
  options.max_cost = 9;  // one digit makes it cost 14, another 24
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  std::size_t matches = 0;
  std::size_t computed_mismatches = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const char letter = changed[i][2];
    const bool other_variant = letter != 'b' && (letter == 'a' || letter == 'x' || letter == 'y');
    EXPECT_EQ(jobs[i].status == LANECRYPT_OK, other_variant) << changed[i];
    EXPECT_NE(jobs[i].status, LANECRYPT_INTERNAL);
    matches += jobs[i].status == LANECRYPT_OK;
    computed_mismatches += jobs[i].status == LANECRYPT_MISMATCH;
  }
  if (!LANECRYPT_SANITIZED) {
    EXPECT_EQ(matches, 3U);
    EXPECT_GT(computed_mismatches, 3000U);
  }
}

TEST(VerifyBatch, LengthOfTheHash) {
  const std::string text = known_hash + "....";
  for (std::size_t length = 0; length <= 64; ++length) {
    lanecrypt_verify_job job = verify_job(known_password, &text);
    job.hash_length = length;
    ASSERT_EQ(lanecrypt_verify_batch(&job, 1, sizeof job, nullptr, nullptr), LANECRYPT_OK);
    EXPECT_EQ(job.status, length == 60 ? LANECRYPT_OK : LANECRYPT_INVALID_HASH) << length;
  }
}

TEST(VerifyBatch, UnknownUserIsComputedAndNeverMatches) {
  lanecrypt_options options = default_options();
  options.cost = 6;
  std::vector<lanecrypt_verify_job> jobs(5, verify_job(known_password, nullptr));
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  for (const lanecrypt_verify_job& job : jobs) EXPECT_EQ(job.status, LANECRYPT_MISMATCH);
  EXPECT_GT(report.groups, 0U);  // the work was done
  EXPECT_EQ(report.mismatched, 5U);
}

TEST(VerifyBatch, UnknownUserWithTheDummysOwnPassword) {
  // Whoever learns the dummy's salt and finds its hash has gained nothing.
  lanecrypt_options options = default_options();
  options.cost = 4;
  for (const char* password : {"", "password", "......................"}) {
    EXPECT_EQ(lanecrypt_verify(password, std::string(password).size(), nullptr, 0, &options), LANECRYPT_MISMATCH);
  }
}

TEST(VerifyBatch, BadJobsSpoilNothing) {
  const std::string bad = known_hash.substr(0, 59);
  const std::string dear = "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  const std::string long_password(73, 'p');
  std::vector<lanecrypt_verify_job> jobs{verify_job(known_password, &bad), verify_job(known_password, &dear),
                                         verify_job(long_password, &known_hash),
                                         verify_job(known_password, &known_hash)};
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].status, LANECRYPT_INVALID_HASH);
  EXPECT_EQ(jobs[1].status, LANECRYPT_COST_TOO_HIGH);
  EXPECT_EQ(jobs[2].status, LANECRYPT_PASSWORD_TOO_LONG);
  EXPECT_EQ(jobs[3].status, LANECRYPT_OK);
}

std::string hash_with(const std::string& password, const std::string& setting) {
  char hash[LANECRYPT_HASH_SIZE];
  EXPECT_EQ(lanecrypt_hash(password.data(), password.size(), setting.data(), setting.size(), nullptr, hash),
            LANECRYPT_OK);
  return hash;
}

TEST(Upgrade, LowerCostOrOlderVariantGetsANewHash) {
  const std::string cheap = hash_with("secret", "$2b$04$CCCCCCCCCCCCCCCCCCCCC.");
  const std::string old = hash_with("secret", "$2x$06$CCCCCCCCCCCCCCCCCCCCC.");
  const std::string fine = hash_with("secret", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.");
  const std::string password = "secret";
  const std::string wrong = "Secret";
  lanecrypt_options options = default_options();
  options.upgrade_cost = 5;
  std::vector<lanecrypt_verify_job> jobs{verify_job(password, &cheap), verify_job(password, &old),
                                         verify_job(password, &fine), verify_job(wrong, &cheap),
                                         verify_job(password, nullptr)};
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  EXPECT_EQ(std::string(jobs[0].new_hash).substr(0, 7), "$2b$05$");
  EXPECT_EQ(std::string(jobs[1].new_hash).substr(0, 7), "$2b$06$");  // a dearer hash is not made cheaper
  for (const std::size_t upgraded : {0U, 1U}) {
    EXPECT_EQ(jobs[upgraded].status, LANECRYPT_OK);
    EXPECT_EQ(jobs[upgraded].upgrade_status, LANECRYPT_OK);
    EXPECT_EQ(lanecrypt_verify("secret", 6, jobs[upgraded].new_hash, 60, nullptr), LANECRYPT_OK);
  }
  for (const std::size_t left : {2U, 3U, 4U}) EXPECT_TRUE(all_zero(jobs[left].new_hash)) << left;
  EXPECT_EQ(jobs[3].status, LANECRYPT_MISMATCH);
}

TEST(Upgrade, AJobsOwnWishGoesFirst) {
  const std::string cheap = hash_with("secret", "$2b$04$CCCCCCCCCCCCCCCCCCCCC.");
  const std::string password = "secret";
  std::vector<lanecrypt_verify_job> jobs{verify_job(password, &cheap), verify_job(password, &cheap),
                                         verify_job(password, &cheap)};
  jobs[1].upgrade_cost = 6;
  jobs[2].upgrade_cost = 15;  // over the ceiling
  jobs.push_back(verify_job(password, &cheap));
  jobs[3].upgrade_cost = 3;
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_TRUE(all_zero(jobs[0].new_hash));
  EXPECT_EQ(std::string(jobs[1].new_hash).substr(0, 7), "$2b$06$");
  EXPECT_EQ(jobs[2].status, LANECRYPT_COST_TOO_HIGH);
  EXPECT_EQ(jobs[3].status, LANECRYPT_INVALID_ARGUMENT);
}

TEST(Verify, OnePassword) {
  EXPECT_EQ(lanecrypt_verify("U*U", 3, known_hash.data(), 60, nullptr), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_verify("U*V", 3, known_hash.data(), 60, nullptr), LANECRYPT_MISMATCH);
  EXPECT_EQ(lanecrypt_verify("U*U", 3, known_hash.data(), 59, nullptr), LANECRYPT_INVALID_HASH);
}

}  // namespace
}  // namespace lanecrypt::test
