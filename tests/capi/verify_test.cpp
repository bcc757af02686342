// Verifying through the C ABI: matches, every one-byte change of a hash, unknown users, upgrades.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>

#include "jobs.hpp"

#if !LANECRYPT_SANITIZED  // which has operators of its own
// Memory is looked through for a text before it is given back.
namespace {
std::string_view searched;
std::atomic<int> found_in_freed{0};
void give_back(void* block) noexcept {
  if (block != nullptr && !searched.empty()) {
    const std::string_view bytes(static_cast<const char*>(block), malloc_usable_size(block));
    if (bytes.find(searched) != std::string_view::npos) ++found_in_freed;
  }
  std::free(block);
}
}  // namespace
// Those that allocate are libstdc++'s: malloc and aligned_alloc.
// NOLINTBEGIN(misc-new-delete-overloads)
void operator delete(void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }
void operator delete(void* block, std::align_val_t) noexcept { give_back(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { give_back(block); }
// NOLINTEND(misc-new-delete-overloads)
#endif

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

// With equal_time a job that cannot be verified is computed, for its time, and its answer stays what it was.
std::vector<lanecrypt_verify_job> unverifiable_jobs() {
  static const std::string malformed = known_hash.substr(0, 12);
  static const std::string not_canonical = known_hash.substr(0, 59) + "X";
  static const std::string dear = "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  static const std::string empty;
  static const std::string long_password = known_password + std::string(1, '\0') + std::string(100, 'p');
  return {verify_job(known_password, &malformed), verify_job(known_password, &not_canonical),
          verify_job(known_password, &empty),     verify_job(known_password, &dear),
          verify_job(long_password, &known_hash), verify_job(long_password, nullptr),
          verify_job(long_password, &malformed)};
}

constexpr lanecrypt_status unverifiable_answers[] = {
    LANECRYPT_INVALID_HASH,      LANECRYPT_INVALID_HASH,      LANECRYPT_INVALID_HASH,     LANECRYPT_COST_TOO_HIGH,
    LANECRYPT_PASSWORD_TOO_LONG, LANECRYPT_PASSWORD_TOO_LONG, LANECRYPT_PASSWORD_TOO_LONG};

TEST(EqualTime, IsComputedOnlyWhereItWasAskedFor) {
  for (const std::uint32_t equal_time : {0U, 1U}) {
    lanecrypt_options options = default_options();
    options.cost = 4;
    options.equal_time = equal_time;
    std::vector<lanecrypt_verify_job> jobs = unverifiable_jobs();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      lanecrypt_report report = LANECRYPT_REPORT_INIT;
      ASSERT_EQ(lanecrypt_verify_batch(&jobs[i], 1, sizeof jobs[i], &options, &report), LANECRYPT_OK);
      EXPECT_EQ(jobs[i].status, unverifiable_answers[i]) << i;
      EXPECT_EQ(report.groups, equal_time) << i;
      EXPECT_EQ(report.failed, 1U) << i;
      EXPECT_TRUE(all_zero(jobs[i].new_hash)) << i;
    }
  }
}

TEST(EqualTime, AmongOthersInABatch) {
  lanecrypt_options options = default_options();
  options.cost = 4;
  options.upgrade_cost = 6;
  options.equal_time = 1;
  std::vector<lanecrypt_verify_job> jobs = unverifiable_jobs();
  jobs.insert(jobs.begin() + 3, verify_job(known_password, &known_hash));
  jobs.push_back(verify_job(known_password, nullptr));
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(run(jobs, &options, &report), LANECRYPT_OK);
  EXPECT_EQ(jobs[3].status, LANECRYPT_OK);
  EXPECT_EQ(std::string(jobs[3].new_hash).substr(0, 7), "$2b$06$");
  EXPECT_EQ(jobs.back().status, LANECRYPT_MISMATCH);
  EXPECT_EQ(report.succeeded, 1U);
  EXPECT_EQ(report.mismatched, 1U);
  EXPECT_EQ(report.failed, 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(jobs[i < 3 ? i : i + 1].status, unverifiable_answers[i]) << i;
}

// The dummy of a damaged row has the options' cost; a long password is computed at its stored hash's.
TEST(EqualTime, CostOfWhatIsComputed) {
  lanecrypt_options options = default_options();
  options.cost = 20;  // some minutes
  options.max_cost = 20;
  options.equal_time = 1;
  options.deadline_ns = 1;
  for (lanecrypt_verify_job& job : unverifiable_jobs()) {
    ASSERT_EQ(lanecrypt_verify_batch(&job, 1, sizeof job, &options, nullptr), LANECRYPT_OK);
    EXPECT_NE(job.status, LANECRYPT_DEADLINE);  // its own answer is known, however late
    EXPECT_NE(job.status, LANECRYPT_OK);
  }
  options.deadline_ns = 0;
  const std::string long_password(73, 'p');
  lanecrypt_verify_job job = verify_job(long_password, &known_hash);
  ASSERT_EQ(lanecrypt_verify_batch(&job, 1, sizeof job, &options, nullptr), LANECRYPT_OK);
  EXPECT_EQ(job.status, LANECRYPT_PASSWORD_TOO_LONG);
}

// The first 72 bytes are the stored hash's password: computed, equal, and still no match.
TEST(EqualTime, ALongPasswordThatWouldMatchDoesNot) {
  const std::string password(72, 'p');
  char hash[LANECRYPT_HASH_SIZE];
  ASSERT_EQ(lanecrypt_hash(password.data(), 72, known_setting.data(), known_setting.size(), nullptr, hash),
            LANECRYPT_OK);
  lanecrypt_options options = default_options();
  options.equal_time = 1;
  EXPECT_EQ(lanecrypt_verify((password + "p").data(), 73, hash, 60, &options), LANECRYPT_PASSWORD_TOO_LONG);
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  EXPECT_EQ(lanecrypt_verify((password + "p").data(), 73, hash, 60, &options), LANECRYPT_OK);
}

TEST(EqualTime, MistakesOfTheCallAreNotComputed) {
  lanecrypt_options options = default_options();
  options.equal_time = 1;
  lanecrypt_verify_job job = verify_job(known_password, &known_hash);
  job.upgrade_cost = 15;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  ASSERT_EQ(lanecrypt_verify_batch(&job, 1, sizeof job, &options, &report), LANECRYPT_OK);
  EXPECT_EQ(job.status, LANECRYPT_COST_TOO_HIGH);
  EXPECT_EQ(report.groups, 0U);
  job = verify_job(known_password, &known_hash);
  job.password = nullptr;
  ASSERT_EQ(lanecrypt_verify_batch(&job, 1, sizeof job, &options, &report), LANECRYPT_OK);
  EXPECT_EQ(job.status, LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(report.groups, 0U);
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
  jobs.push_back(verify_job(password, &cheap));  // has no wish, and takes nobody's
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_TRUE(all_zero(jobs[4].new_hash));
  EXPECT_TRUE(all_zero(jobs[0].new_hash));
  EXPECT_EQ(std::string(jobs[1].new_hash).substr(0, 7), "$2b$06$");
  EXPECT_EQ(jobs[2].status, LANECRYPT_COST_TOO_HIGH);
  EXPECT_EQ(jobs[3].status, LANECRYPT_INVALID_ARGUMENT);
}

#if !LANECRYPT_SANITIZED
// What a wrong password would have is as good as the password to whoever guesses.
TEST(VerifyBatch, NoRecomputedHashIsLeftInFreedMemory) {
  char computed[LANECRYPT_HASH_SIZE];
  ASSERT_EQ(lanecrypt_hash("U*V", 3, known_setting.data(), 29, nullptr, computed), LANECRYPT_OK);
  const std::string wrong = "U*V";
  const std::string hash = known_hash;
  std::vector<lanecrypt_verify_job> jobs{verify_job(wrong, &hash), verify_job(wrong, &hash), verify_job(wrong, &hash)};
  searched = {computed + LANECRYPT_SETTING_LENGTH, 31};
  found_in_freed = 0;
  EXPECT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_verify("U*V", 3, known_hash.data(), 60, nullptr), LANECRYPT_MISMATCH);
  EXPECT_EQ(found_in_freed, 0);
  { const std::string left_behind(computed); }  // NOLINT(bugprone-unused-local-non-trivial-variable)
  EXPECT_EQ(found_in_freed, 1);
  searched = {};
}
#endif

TEST(Verify, OnePassword) {
  EXPECT_EQ(lanecrypt_verify("U*U", 3, known_hash.data(), 60, nullptr), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_verify("U*V", 3, known_hash.data(), 60, nullptr), LANECRYPT_MISMATCH);
  EXPECT_EQ(lanecrypt_verify("U*U", 3, known_hash.data(), 59, nullptr), LANECRYPT_INVALID_HASH);
}

}  // namespace
}  // namespace lanecrypt::test
