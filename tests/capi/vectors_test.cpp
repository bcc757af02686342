// All known answers and bad inputs through the C ABI, for hashing and for verifying.
#include "vectors.hpp"

#include <gtest/gtest.h>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

// The dearest rows take seconds without a sanitizer and minutes with one.
constexpr unsigned dearest = LANECRYPT_SANITIZED ? 5 : 14;

lanecrypt_options truncating() {
  lanecrypt_options options = default_options();
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  return options;
}

TEST(VectorsThroughTheAbi, EveryRowHashes) {
  const std::vector<Vector> rows = computable_vectors(4, dearest);
  std::vector<lanecrypt_hash_job> jobs;
  for (const Vector& row : rows) jobs.push_back(hash_job(row.password, &row.setting));
  const lanecrypt_options options = truncating();
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(jobs[i].status, LANECRYPT_OK) << rows[i].id;
    EXPECT_EQ(rows[i].hash == jobs[i].hash, !rows[i].must_differ()) << rows[i].id << " " << jobs[i].hash;
  }
}

TEST(VectorsThroughTheAbi, EveryRowVerifies) {
  const std::vector<Vector> rows = computable_vectors(4, dearest);
  std::vector<lanecrypt_verify_job> jobs;
  for (const Vector& row : rows) jobs.push_back(verify_job(row.password, &row.hash));
  const lanecrypt_options options = truncating();
  ASSERT_EQ(run(jobs, &options), LANECRYPT_OK);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(jobs[i].status, rows[i].must_differ() ? LANECRYPT_MISMATCH : LANECRYPT_OK) << rows[i].id;
  }
}

TEST(VectorsThroughTheAbi, LongPasswordsAreRefusedUnlessAskedFor) {
  std::vector<Vector> rows = computable_vectors(4, 31);
  std::erase_if(rows, [](const Vector& row) { return !row.is_long(); });
  ASSERT_GT(rows.size(), 50U);
  std::vector<lanecrypt_hash_job> hash_jobs;
  std::vector<lanecrypt_verify_job> verify_jobs;
  for (const Vector& row : rows) {
    hash_jobs.push_back(hash_job(row.password, &row.setting));
    verify_jobs.push_back(verify_job(row.password, &row.hash));
  }
  ASSERT_EQ(run(hash_jobs), LANECRYPT_OK);
  ASSERT_EQ(run(verify_jobs), LANECRYPT_OK);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(hash_jobs[i].status, LANECRYPT_PASSWORD_TOO_LONG) << rows[i].id;
    EXPECT_TRUE(all_zero(hash_jobs[i].hash));
    EXPECT_EQ(verify_jobs[i].status, LANECRYPT_PASSWORD_TOO_LONG) << rows[i].id;
  }
}

TEST(VectorsThroughTheAbi, RefusedRowsAreRefused) {
  std::vector<lanecrypt_hash_job> hash_jobs;
  std::vector<lanecrypt_verify_job> verify_jobs;
  for (const Vector& row : vectors()) {
    if (!row.refused()) continue;
    hash_jobs.push_back(hash_job(row.password, &row.setting));
    verify_jobs.push_back(verify_job(row.password, &row.hash));
  }
  const lanecrypt_options options = truncating();
  ASSERT_EQ(run(hash_jobs, &options), LANECRYPT_OK);
  ASSERT_EQ(run(verify_jobs, &options), LANECRYPT_OK);
  EXPECT_EQ(hash_jobs.size(), 23U);
  for (const auto& job : hash_jobs) EXPECT_EQ(job.status, LANECRYPT_INVALID_SETTING);
  for (const auto& job : verify_jobs) EXPECT_EQ(job.status, LANECRYPT_INVALID_HASH);
}

TEST(BadInputsThroughTheAbi, NoneHashesAndNoneMatches) {
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info engine = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(i, &engine), LANECRYPT_OK);
    if (engine.state == LANECRYPT_ENGINE_CPU_LACKS) continue;
    ASSERT_EQ(engine.state, LANECRYPT_ENGINE_READY) << engine.name;
    lanecrypt_options options = default_options();
    options.engine = engine.name;
    const std::string password = "password";
    const std::string nomatch_password = "U*U";
    std::vector<lanecrypt_hash_job> hash_jobs;
    std::vector<lanecrypt_verify_job> verify_jobs;
    for (const BadInput& bad : bad_inputs()) {
      hash_jobs.push_back(hash_job(password, &bad.value));
      verify_jobs.push_back(verify_job(bad.kind == "hash-nomatch" ? nomatch_password : password, &bad.value));
    }
    ASSERT_EQ(run(hash_jobs, &options), LANECRYPT_OK);
    ASSERT_EQ(run(verify_jobs, &options), LANECRYPT_OK);
    for (std::size_t b = 0; b < bad_inputs().size(); ++b) {
      const BadInput& bad = bad_inputs()[b];
      EXPECT_EQ(hash_jobs[b].status, LANECRYPT_INVALID_SETTING) << bad.id << " " << bad.why;
      EXPECT_TRUE(all_zero(hash_jobs[b].hash)) << bad.id;
      EXPECT_EQ(verify_jobs[b].status, LANECRYPT_INVALID_HASH) << bad.id << " " << bad.why;
    }
  }
}

}  // namespace
}  // namespace lanecrypt::test
