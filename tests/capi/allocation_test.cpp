// The n-th of our allocations fails, n = 1..all, in each function of the C ABI that allocates: out of memory as a
// status on the call and on each job, outputs all zero, nothing leaked, and the next call works. libgomp's own are left
// out, see failing_allocations.hpp. In a process that never computed (self-test and owner thread are made then) and in
// one that did.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

#include "failing_allocations.hpp"
#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

using allocations::Kind;

// One call with all that it needs, allocated before anything is counted.
class Call {
 public:
  Call() = default;
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual void soil() = 0;  // rubbish where the library must write
  virtual lanecrypt_status run() noexcept = 0;
  virtual bool emptied() const = 0;  // all outputs are zero and every job says out_of_memory
  virtual bool right() const = 0;
};

template <typename Job>
class Batch : public Call {
 public:
  explicit Batch(std::uint32_t threads) { options_.threads = threads; }
  void soil() override {
    report_ = LANECRYPT_REPORT_INIT;
    jobs_ = clean_;
  }
  lanecrypt_status run() noexcept override { return test::run(jobs_, &options_, &report_); }
  bool emptied() const override {
    const auto empty = [](const Job& job) { return job.status == LANECRYPT_OUT_OF_MEMORY && all_zero(output(job)); };
    return report_.failed == jobs_.size() && report_.succeeded == 0 && std::all_of(jobs_.begin(), jobs_.end(), empty);
  }

 protected:
  static const auto& output(const lanecrypt_hash_job& job) { return job.hash; }
  static const auto& output(const lanecrypt_verify_job& job) { return job.new_hash; }
  bool all_succeeded() const { return report_.succeeded == jobs_.size(); }

  lanecrypt_options options_ = default_options();
  lanecrypt_report report_ = LANECRYPT_REPORT_INIT;
  std::vector<Job> clean_;
  std::vector<Job> jobs_;
};

const std::string cheap_setting = "$2b$04$abcdefghijklmnopqrstu.";
const std::string cheap_hash = cheap_setting + "Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC";
const std::string cheap_password = "pw";

// Mixed costs, so that the planner has to search; drawn salts too.
class HashBatch final : public Batch<lanecrypt_hash_job> {
 public:
  explicit HashBatch(std::uint32_t threads) : Batch(threads) {
    options_.cost = 4;
    for (int i = 0; i < 8; ++i) clean_.push_back(hash_job(cheap_password, &cheap_setting));
    for (int i = 0; i < 2; ++i) clean_.push_back(hash_job(known_password, &known_setting));
    clean_.push_back(hash_job(known_password));  // a salt is drawn
  }
  bool right() const override {
    return all_succeeded() && cheap_hash == jobs_[0].hash && cheap_hash == jobs_[7].hash &&
           known_hash == jobs_[9].hash && std::strlen(jobs_[10].hash) == 60;
  }
};

// Every other job asks for an upgrade: a second batch behind the first.
class VerifyBatch final : public Batch<lanecrypt_verify_job> {
 public:
  explicit VerifyBatch(std::uint32_t threads) : Batch(threads) {
    for (int i = 0; i < 10; ++i) clean_.push_back(verify_job(cheap_password, &cheap_hash));
    for (std::size_t i = 0; i < clean_.size(); i += 2) clean_[i].upgrade_cost = 5;
  }
  bool right() const override {
    return all_succeeded() && std::strlen(jobs_[0].new_hash) == 60 && std::strlen(jobs_[8].new_hash) == 60 &&
           all_zero(jobs_[1].new_hash);
  }
};

class Hash final : public Call {
 public:
  void soil() override { std::memset(hash_, '?', sizeof hash_); }
  lanecrypt_status run() noexcept override {
    return lanecrypt_hash(cheap_password.data(), 2, cheap_setting.data(), 29, nullptr, hash_);
  }
  bool emptied() const override { return all_zero(hash_); }
  bool right() const override { return cheap_hash == hash_; }

 private:
  char hash_[LANECRYPT_HASH_SIZE] = "";
};

// The one output is the status.
class Verify final : public Call {
 public:
  void soil() override {}
  lanecrypt_status run() noexcept override {
    return lanecrypt_verify(cheap_password.data(), 2, cheap_hash.data(), 60, nullptr);
  }
  bool emptied() const override { return true; }
  bool right() const override { return true; }
};

class Pbkdf final : public Call {
 public:
  void soil() override { std::memset(blocks_, '?', sizeof blocks_); }
  lanecrypt_status run() noexcept override { return lanecrypt_pbkdf_hash(digests_[0], digests_[1], 9, blocks_); }
  bool emptied() const override {
    return std::all_of(std::begin(blocks_), std::end(blocks_), [](std::uint8_t byte) { return byte == 0; });
  }
  bool right() const override { return std::memcmp(blocks_, blocks_ + 32, 32) == 0 && !emptied(); }

 private:
  std::uint8_t digests_[10][LANECRYPT_PBKDF_DIGEST_SIZE] = {};
  std::uint8_t blocks_[9 * LANECRYPT_PBKDF_BLOCK_SIZE] = {};
};

// A preview: on failure the caller's struct stays as it was.
class Plan final : public Call {
 public:
  void soil() override { info_ = LANECRYPT_PLAN_INFO_INIT; }
  lanecrypt_status run() noexcept override { return lanecrypt_plan(1000, nullptr, nullptr, 0, &info_); }
  bool emptied() const override { return info_.engine == nullptr && info_.groups == 0 && info_.threads == 0; }
  bool right() const override { return info_.groups > 0; }

 private:
  lanecrypt_plan_info info_ = LANECRYPT_PLAN_INFO_INIT;
};

class EngineInfo final : public Call {
 public:
  explicit EngineInfo(std::size_t index) : index_(index) {}
  void soil() override { info_ = LANECRYPT_ENGINE_INFO_INIT; }
  lanecrypt_status run() noexcept override { return lanecrypt_engine(index_, &info_); }
  bool emptied() const override { return info_.name == nullptr && info_.lanes == 0; }
  bool right() const override { return info_.name != nullptr && info_.state != LANECRYPT_ENGINE_FAILED_TEST; }

 private:
  std::size_t index_;
  lanecrypt_engine_info info_ = LANECRYPT_ENGINE_INFO_INIT;
};

// Those that need no memory but libc's: no allocation of theirs can make them fail.
class Threads final : public Call {
 public:
  void soil() override { budget_ = LANECRYPT_THREAD_BUDGET_INIT; }
  lanecrypt_status run() noexcept override { return lanecrypt_threads(&budget_); }
  bool emptied() const override { return budget_.threads == 0; }
  bool right() const override { return budget_.threads > 0; }

 private:
  lanecrypt_thread_budget budget_ = LANECRYPT_THREAD_BUDGET_INIT;
};

class Text final : public Call {
 public:
  void soil() override { std::memset(setting_, '?', sizeof setting_); }
  lanecrypt_status run() noexcept override {
    const lanecrypt_status drawn = lanecrypt_gensalt(4, "2b", setting_);
    const lanecrypt_status parsed = lanecrypt_parse_hash(cheap_hash.data(), 60, &info_);
    const lanecrypt_status asked = lanecrypt_needs_rehash(cheap_hash.data(), 60, 5, "2b", &needs_);
    return drawn != LANECRYPT_OK ? drawn : parsed != LANECRYPT_OK ? parsed : asked;
  }
  bool emptied() const override { return all_zero(setting_); }
  bool right() const override { return std::strlen(setting_) == 29 && info_.cost == 4 && needs_ == 1; }

 private:
  char setting_[LANECRYPT_SETTING_SIZE] = "";
  lanecrypt_hash_info info_ = LANECRYPT_HASH_INFO_INIT;
  int needs_ = 0;
};

// What a child tells its parent.
enum Verdict : int { right, beyond_the_last, wrong };

Verdict complain(const char* what, std::size_t n, Kind kind) {
  std::fprintf(stderr, "allocation %zu (%s) failed: %s\n", n, allocations::name(kind), what);
  return wrong;
}

// Lets the n-th allocation of the call fail, and then none.
Verdict try_nth(Call& call, std::size_t n) {
  call.soil();
  const std::ptrdiff_t before = allocations::live();
  allocations::arm(n);
  const lanecrypt_status status = call.run();
  const Kind failed = allocations::disarm();
  if (allocations::live() != before) return complain("blocks are leaked", n, failed);
  // Where a sanitizer watches OpenMP from inside, its own tool allocates there.
  if (!LANECRYPT_SANITIZED && allocations::elsewhere() != 0)
    return complain("a thread of the region allocates", n, failed);
  const bool went_on = status == LANECRYPT_OK && call.right();
  const bool gave_up = status == LANECRYPT_OUT_OF_MEMORY && call.emptied();
  // A file that cannot be opened, a thread that cannot be had, a sort that has no room: there is a way to go on.
  const bool fine = failed == Kind::operator_new ? gave_up : failed == Kind::asked_new ? gave_up || went_on : went_on;
  if (!fine) return complain(lanecrypt_status_name(status), n, failed);
  call.soil();
  if (call.run() != LANECRYPT_OK || !call.right()) return complain("the next call is wrong", n, failed);
  return failed == Kind::none ? beyond_the_last : right;
}

Verdict in_child(const std::function<Verdict()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  return WIFEXITED(status) ? static_cast<Verdict>(WEXITSTATUS(status)) : wrong;
}

constexpr std::size_t far_beyond = 1000;

// Each n in a process of its own that never called the library before.
void every_first_allocation_may_fail(Call& call, std::size_t at_least) {
  std::size_t n = 1;
  Verdict verdict = right;
  for (; verdict == right && n < far_beyond; ++n) verdict = in_child([&] { return try_nth(call, n); });
  EXPECT_EQ(verdict, beyond_the_last) << "at allocation " << n - 1;
  EXPECT_GE(n - 2, at_least) << "allocations";
  testing::Test::RecordProperty("allocations", static_cast<int>(n - 2));
}

// All n in one process, behind calls that worked.
void every_later_allocation_may_fail(Call& call) {
  const Verdict verdict = in_child([&] {
    Verdict each = try_nth(call, 0) == beyond_the_last ? right : wrong;
    for (std::size_t n = 1; each == right && n < far_beyond; ++n) each = try_nth(call, n);
    return each;
  });
  EXPECT_EQ(verdict, beyond_the_last);
}

void every_allocation_may_fail(Call&& call, std::size_t at_least) {
  every_first_allocation_may_fail(call, at_least);
  every_later_allocation_may_fail(call);
}

TEST(Allocation, HashBatchOnTheCallersThread) { every_allocation_may_fail(HashBatch(1), 12); }
TEST(Allocation, HashBatchBehindTheGate) { every_allocation_may_fail(HashBatch(2), 12); }
TEST(Allocation, VerifyBatchOnTheCallersThread) { every_allocation_may_fail(VerifyBatch(1), 20); }
TEST(Allocation, VerifyBatchBehindTheGate) { every_allocation_may_fail(VerifyBatch(2), 20); }
TEST(Allocation, OneHash) { every_allocation_may_fail(Hash(), 8); }
TEST(Allocation, OneVerification) { every_allocation_may_fail(Verify(), 8); }
TEST(Allocation, Keys) { every_allocation_may_fail(Pbkdf(), 1); }
TEST(Allocation, APreview) { every_allocation_may_fail(Plan(), 8); }
TEST(Allocation, ThreadsAndTexts) {
  every_allocation_may_fail(Threads(), LANECRYPT_SANITIZED ? 0 : 1);
  every_allocation_may_fail(Text(), 0);
}
TEST(Allocation, EnginesAtTheirSelfTest) {
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) every_allocation_may_fail(EngineInfo(i), 1);
}

// The counting itself: each form of operator new, a thread's own count, and a block that is not given back.
TEST(Allocation, IsCounted) {
  const std::ptrdiff_t before = allocations::live();
  allocations::arm(2);
  void* const first = operator new(8);
  EXPECT_THROW(operator delete(operator new(8)), std::bad_alloc);
  EXPECT_EQ(allocations::disarm(), Kind::operator_new);
  EXPECT_EQ(allocations::live(), before + 1);
  operator delete(first);
  EXPECT_EQ(allocations::live(), before);
  allocations::arm(1);
  void* const none = operator new(64, std::align_val_t{64}, std::nothrow);
  EXPECT_EQ(allocations::disarm(), Kind::asked_new);
  EXPECT_EQ(none, nullptr);
}

}  // namespace
}  // namespace lanecrypt::test
