// Bad arguments: a status each, never a crash, and nothing left half-written.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

TEST(Arguments, NoJobsAreFine) {
  EXPECT_EQ(lanecrypt_hash_batch(nullptr, 0, 0, nullptr, nullptr), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_verify_batch(nullptr, 0, sizeof(lanecrypt_verify_job), nullptr, nullptr), LANECRYPT_OK);
}

TEST(Arguments, NullJobs) {
  EXPECT_EQ(lanecrypt_hash_batch(nullptr, 1, sizeof(lanecrypt_hash_job), nullptr, nullptr), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_verify_batch(nullptr, 1, sizeof(lanecrypt_verify_job), nullptr, nullptr),
            LANECRYPT_INVALID_ARGUMENT);
}

TEST(Arguments, JobSizeThatIsNone) {
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password)};
  const std::size_t right = sizeof(lanecrypt_hash_job);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, right - 8, right + 1, SIZE_MAX}) {
    EXPECT_EQ(lanecrypt_hash_batch(jobs.data(), 1, size, nullptr, nullptr), LANECRYPT_INVALID_ARGUMENT) << size;
  }
  EXPECT_EQ(jobs[0].status, -1);
}

TEST(Arguments, CountTimesSizeThatOverflows) {
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password)};
  for (const std::size_t count : {SIZE_MAX, SIZE_MAX / sizeof(lanecrypt_hash_job) + 1, SIZE_MAX / 2, SIZE_MAX / 128}) {
    EXPECT_EQ(lanecrypt_hash_batch(jobs.data(), count, sizeof(lanecrypt_hash_job), nullptr, nullptr),
              LANECRYPT_INVALID_ARGUMENT)
        << count;
  }
}

TEST(Arguments, MisalignedJobs) {
  alignas(lanecrypt_hash_job) char memory[2 * sizeof(lanecrypt_hash_job)] = {};
  auto* const jobs = reinterpret_cast<lanecrypt_hash_job*>(memory + 1);
  EXPECT_EQ(lanecrypt_hash_batch(jobs, 1, sizeof(lanecrypt_hash_job), nullptr, nullptr), LANECRYPT_INVALID_ARGUMENT);
}

TEST(Arguments, LargerJobsOfANewerHeader) {
  struct Newer {
    lanecrypt_hash_job job;
    char more[24];
  };
  std::vector<Newer> jobs(3);
  for (Newer& newer : jobs) {
    newer.job = hash_job(known_password, &known_setting);
    std::memset(newer.more, 'm', sizeof newer.more);
  }
  ASSERT_EQ(lanecrypt_hash_batch(&jobs[0].job, 3, sizeof(Newer), nullptr, nullptr), LANECRYPT_OK);
  for (const Newer& newer : jobs) {
    EXPECT_EQ(newer.job.hash, known_hash);
    for (const char c : newer.more) EXPECT_EQ(c, 'm');
  }
}

TEST(Arguments, NullPasswordNeedsLengthZero) {
  std::vector<lanecrypt_hash_job> jobs{hash_job("", &known_setting), hash_job("", &known_setting)};
  jobs[0].password = nullptr;
  jobs[1].password = nullptr;
  jobs[1].password_length = 5;
  ASSERT_EQ(run(jobs), LANECRYPT_OK);
  EXPECT_EQ(jobs[0].status, LANECRYPT_OK);
  EXPECT_EQ(jobs[1].status, LANECRYPT_INVALID_ARGUMENT);
  EXPECT_TRUE(all_zero(jobs[1].hash));
}

TEST(Arguments, SettingOfAnyLength) {
  const std::string text = known_hash + "more";
  for (std::size_t length = 0; length <= 64; ++length) {
    lanecrypt_hash_job job = hash_job(known_password, &text);
    job.setting_length = length;
    ASSERT_EQ(lanecrypt_hash_batch(&job, 1, sizeof job, nullptr, nullptr), LANECRYPT_OK);
    const bool right = length == 29 || length == 60;
    EXPECT_EQ(job.status, right ? LANECRYPT_OK : LANECRYPT_INVALID_SETTING) << length;
    EXPECT_EQ(std::string(job.hash), right ? known_hash : "");
  }
}

// Each option out of its range, and the call as a whole says so.
TEST(Arguments, OptionsOutOfRange) {
  std::vector<lanecrypt_options> bad;
  const auto add = [&](auto change) {
    lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
    change(options);
    bad.push_back(options);
  };
  add([](auto& o) { o.struct_size = 0; });
  add([](auto& o) { o.struct_size = sizeof(lanecrypt_options) - 1; });
  add([](auto& o) { o.prefix = "2x"; });
  add([](auto& o) { o.prefix = "2"; });
  add([](auto& o) { o.prefix = ""; });
  add([](auto& o) { o.prefix = "2b$"; });
  add([](auto& o) { o.cost = 3; });
  add([](auto& o) { o.cost = 15; });
  add([](auto& o) { o.cost = 32, o.max_cost = 31; });
  add([](auto& o) { o.cost = UINT32_MAX; });
  add([](auto& o) { o.max_cost = 3; });
  add([](auto& o) { o.max_cost = 32; });
  add([](auto& o) { o.threads = 1025; });
  add([](auto& o) { o.long_passwords = 2; });
  add([](auto& o) { o.upgrade_cost = 3; });
  add([](auto& o) { o.upgrade_cost = 15; });
  add([](auto& o) { o.equal_time = 2; });
  for (std::size_t i = 0; i < bad.size(); ++i) {
    std::vector<lanecrypt_hash_job> jobs{hash_job(known_password), hash_job(known_password, &known_setting)};
    EXPECT_EQ(run(jobs, &bad[i]), LANECRYPT_INVALID_ARGUMENT) << i;
    for (const lanecrypt_hash_job& job : jobs) {
      EXPECT_EQ(job.status, LANECRYPT_INVALID_ARGUMENT) << i;
      EXPECT_TRUE(all_zero(job.hash)) << i;
    }
    EXPECT_EQ(lanecrypt_verify(known_password.data(), 3, known_hash.data(), 60, &bad[i]), LANECRYPT_INVALID_ARGUMENT);
  }
}

TEST(Arguments, OptionsOfANewerHeader) {
  struct Newer {
    lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
    std::uint64_t more = 0;
  } newer;
  newer.options.struct_size = sizeof newer;
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
  EXPECT_EQ(run(jobs, &newer.options), LANECRYPT_OK);
  newer.more = 1;  // asks for something that this library does not know
  EXPECT_EQ(run(jobs, &newer.options), LANECRYPT_UNSUPPORTED);
  EXPECT_TRUE(all_zero(jobs[0].hash));
}

TEST(Arguments, EnginesThatAreNone) {
  for (const char* name : {"", "none", "Portable", "portable "}) {
    lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
    options.engine = name;
    std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
    EXPECT_EQ(run(jobs, &options), LANECRYPT_UNSUPPORTED) << name;
    EXPECT_EQ(jobs[0].status, LANECRYPT_UNSUPPORTED);
  }
}

TEST(Arguments, ACallThatFailsCountsAllJobsAsFailed) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = "none";
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  std::vector<lanecrypt_hash_job> jobs(5, hash_job(known_password, &known_setting));
  EXPECT_EQ(run(jobs, &options, &report), LANECRYPT_UNSUPPORTED);
  EXPECT_EQ(report.failed, 5U);
  EXPECT_EQ(report.succeeded + report.mismatched, 0U);
}

TEST(Arguments, ShortReport) {
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  report.struct_size = 8;
  report.groups = 4711;
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
  EXPECT_EQ(run(jobs, nullptr, &report), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(report.groups, 4711U);
}

TEST(Arguments, LongerReportOfANewerHeader) {
  struct Newer {
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    std::uint64_t more = 5;
  } newer;
  newer.report.struct_size = sizeof newer;
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
  EXPECT_EQ(run(jobs, nullptr, &newer.report), LANECRYPT_OK);
  EXPECT_EQ(newer.report.succeeded, 1U);
  EXPECT_EQ(newer.report.struct_size, sizeof newer);
  EXPECT_EQ(newer.more, 0U);
}

// A struct at an odd address is read and written as bytes; a member access would be undefined, and UBSan's error here.
template <typename T>
class AtOddAddress {
 public:
  explicit AtOddAddress(const T& value) { std::memcpy(place(), &value, sizeof value); }
  T* get() noexcept { return reinterpret_cast<T*>(place()); }
  T value() const noexcept {
    T copy;
    std::memcpy(&copy, &bytes_[1], sizeof copy);
    return copy;
  }

 private:
  unsigned char* place() noexcept { return &bytes_[1]; }
  alignas(T) unsigned char bytes_[sizeof(T) + 1] = {};
};

TEST(Arguments, MisalignedStructs) {
  AtOddAddress<lanecrypt_options> options{LANECRYPT_OPTIONS_INIT};
  AtOddAddress<lanecrypt_report> report{LANECRYPT_REPORT_INIT};
  AtOddAddress<lanecrypt_hash_info> info{LANECRYPT_HASH_INFO_INIT};
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
  EXPECT_EQ(run(jobs, options.get(), report.get()), LANECRYPT_OK);
  EXPECT_EQ(report.value().succeeded, 1U);
  EXPECT_EQ(report.value().struct_size, sizeof(lanecrypt_report));
  EXPECT_EQ(lanecrypt_parse_hash(known_hash.data(), 60, info.get()), LANECRYPT_OK);
  EXPECT_EQ(info.value().cost, 5U);
}

TEST(Arguments, SinglesWithNull) {
  EXPECT_EQ(lanecrypt_hash("a", 1, nullptr, 0, nullptr, nullptr), LANECRYPT_INVALID_ARGUMENT);
  char hash[LANECRYPT_HASH_SIZE];
  std::memset(hash, '?', sizeof hash);
  EXPECT_EQ(lanecrypt_hash(nullptr, 1, known_setting.data(), 29, nullptr, hash), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_TRUE(all_zero(hash));
  EXPECT_EQ(lanecrypt_verify(nullptr, 1, known_hash.data(), 60, nullptr), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_gensalt(10, "2b", nullptr), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_parse_hash(nullptr, 60, nullptr), LANECRYPT_INVALID_ARGUMENT);
  lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
  EXPECT_EQ(lanecrypt_parse_hash(nullptr, 60, &info), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_parse_hash(known_hash.data(), 60, nullptr), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_needs_rehash(known_hash.data(), 60, 10, "2b", nullptr), LANECRYPT_INVALID_ARGUMENT);
  int needs = 9;
  EXPECT_EQ(lanecrypt_needs_rehash(nullptr, 60, 10, "2b", &needs), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_engine(0, nullptr), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_threads(nullptr), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_plan(1, nullptr, nullptr, 0, nullptr), LANECRYPT_INVALID_ARGUMENT);
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  EXPECT_EQ(lanecrypt_plan(1, nullptr, nullptr, 1, &plan), LANECRYPT_INVALID_ARGUMENT);
}

// A size that nobody set must not be believed: filling the struct would write far beyond it.
TEST(Arguments, AbsurdStructSizes) {
  for (const std::size_t size : {std::size_t{4097}, std::size_t{1} << 40, SIZE_MAX}) {
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
    lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
    lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
    report.struct_size = options.struct_size = plan.struct_size = info.struct_size = size;
    std::vector<lanecrypt_hash_job> jobs{hash_job(known_password, &known_setting)};
    EXPECT_EQ(run(jobs, nullptr, &report), LANECRYPT_INVALID_ARGUMENT);
    EXPECT_EQ(run(jobs, &options), LANECRYPT_INVALID_ARGUMENT);
    EXPECT_EQ(lanecrypt_plan(1, nullptr, nullptr, 0, &plan), LANECRYPT_INVALID_ARGUMENT);
    EXPECT_EQ(lanecrypt_parse_hash(known_hash.data(), 60, &info), LANECRYPT_INVALID_ARGUMENT);
  }
}

TEST(Arguments, ShortStructs) {
  lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
  lanecrypt_engine_info engine = LANECRYPT_ENGINE_INFO_INIT;
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  info.struct_size = engine.struct_size = budget.struct_size = plan.struct_size = 4;
  EXPECT_EQ(lanecrypt_parse_hash(known_hash.data(), 60, &info), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_engine(0, &engine), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_threads(&budget), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_plan(1, nullptr, nullptr, 0, &plan), LANECRYPT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace lanecrypt::test
