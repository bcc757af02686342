// Batches in the kernel: mixed costs on any number of threads, deadlines and cancelling, recipients.
#include "batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "batches.hpp"
#include "engines.hpp"
#include "fake_engine.hpp"
#include "random_jobs.hpp"

namespace lanecrypt::test {
namespace {

struct Known {
  Item item;
  std::string hash;
};

// Jobs of costs 4 to 6, each hashed alone by one lane.
std::vector<Known> pool(Random& random, std::size_t count) {
  const Scratch scratch(portable_engine);
  std::vector<Known> known;
  for (std::size_t i = 0; i < count; ++i) {
    const RandomJob job = random_job(random, 4, 6);
    const Item item{job.password.substr(0, 72), job.setting};
    known.push_back({item, hash_group(portable_engine, scratch.memory, {&item, 1})[0]});
  }
  return known;
}

TEST(Batch, RandomBatchesEqualOneByOne) {
  Random random("Batch.RandomBatches");
  const std::vector<Known> known = pool(random, LANECRYPT_SANITIZED ? 40 : 400);
  const int batches = LANECRYPT_SANITIZED ? 60 : 1000;
  std::vector<const Engine*> engines = engines_here();
  std::erase(engines, &libcrypt_engine);  // in a test of its own
  for (int b = 0; b < batches; ++b) {
    std::vector<Item> items;
    std::vector<std::size_t> chosen;
    for (std::size_t n = random.below(25); n > 0; --n) chosen.push_back(random.below(known.size()));
    for (const std::size_t i : chosen) items.push_back(known[i].item);
    Batch batch(items);
    const auto threads = static_cast<unsigned>(1 + random.below(5));
    const Engine& engine = *engines[random.below(engines.size())];
    ASSERT_EQ(batch.run(engine, threads), Status::ok);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      ASSERT_EQ(batch.statuses[i], Status::ok);
      ASSERT_EQ(batch.hash(i), known[chosen[i]].hash)
          << engine.name << " batch " << b << " item " << i << " threads " << threads;
    }
    ASSERT_LE(batch.report.threads, threads);
  }
}

TEST(Batch, TheLibcryptEngineInAMixedBatch) {
  Random random("Batch.Libcrypt");
  const std::vector<Known> known = pool(random, 20);
  std::vector<Item> items;
  for (const Known& k : known) items.push_back(k.item);
  Batch batch(items);
  ASSERT_EQ(batch.run(libcrypt_engine, 2), Status::ok);
  for (std::size_t i = 0; i < known.size(); ++i) EXPECT_EQ(batch.hash(i), known[i].hash);
}

TEST(Batch, AnEngineThatCannotSeePastANulDeclinesThatJobOnly) {
  const std::string setting = "$2b$04$abcdefghijklmnopqrstuu";
  Batch batch({{"plain", setting}, {std::string("a\0b", 3), setting}, {"", setting}});
  ASSERT_EQ(batch.run(libcrypt_engine, 1), Status::ok);
  EXPECT_EQ(batch.statuses[0], Status::ok);
  EXPECT_EQ(batch.statuses[1], Status::unsupported);
  EXPECT_EQ(batch.hash(1), std::string(60, '\0'));
  EXPECT_EQ(batch.statuses[2], Status::ok);
}

TEST(Batch, NoJobs) {
  Batch batch({});
  EXPECT_EQ(batch.run(portable_engine, 4), Status::ok);
  EXPECT_EQ(batch.report.groups, 0U);
}

TEST(Batch, ReportCountsGroupsAndThreads) {
  Batch batch = equal_batch(20, 4);
  ASSERT_EQ(batch.run(portable_engine, 6), Status::ok);
  EXPECT_EQ(batch.report.groups, 5U);
  EXPECT_EQ(batch.report.groups_of_width[4], 5U);
  EXPECT_GE(batch.report.threads, 1U);
  EXPECT_LE(batch.report.threads, 5U);
}

TEST(Batch, NoGroupIsWiderThanTheMachinesCacheAllows) {
  fake_log.reset();
  Engine engine = fake_engine;
  Batch wide = equal_batch(40, 4);
  ASSERT_EQ(wide.run(engine, 2), Status::ok);
  EXPECT_EQ(wide.report.groups_of_width[4], 10U);
  engine.lane_bytes = std::size_t{1} << 30;  // more than any cache
  Batch narrow = equal_batch(40, 4);
  ASSERT_EQ(narrow.run(engine, 2), Status::ok);
  EXPECT_EQ(narrow.report.groups_of_width[1], 40U);
}

TEST(Batch, CancelLeavesFinishedItemsWholeAndMarksTheRest) {
  for (const unsigned threads : {1U, 2U}) {
    fake_log.reset();
    std::int32_t cancel = 0;
    // Groups of 4 at cost 5 take two steps each: the flag comes up in the third group or so.
    fake_log.at_advance = [&](std::uint64_t advances) {
      if (advances == 6) __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
    };
    Batch batch = equal_batch(64, 5);
    Control control({.cancel = &cancel}, 64);
    ASSERT_EQ(batch.run(fake_engine, threads, control), Status::ok);
    int finished = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      if (batch.statuses[i] == Status::ok) {
        ++finished;
        EXPECT_EQ(batch.hash(i), std::string(60, 'h'));
      } else {
        EXPECT_EQ(batch.statuses[i], Status::cancelled);
        EXPECT_EQ(batch.hash(i), std::string(60, '\0'));
      }
    }
    EXPECT_GT(finished, 0);
    EXPECT_LT(finished, 64);
    // No thread takes more than the step that it was in when the flag came up.
    EXPECT_LE(fake_log.advances, 6U + threads - 1);
  }
}

TEST(Batch, ADeadlineInThePastComputesNothing) {
  for (const unsigned threads : {1U, 4U}) {
    fake_log.reset();
    Batch batch = equal_batch(30, 6);
    Control control({.deadline_ns = 1}, 30);
    ASSERT_EQ(batch.run(fake_engine, threads, control), Status::ok);
    for (const Status status : batch.statuses) EXPECT_EQ(status, Status::deadline);
    EXPECT_EQ(fake_log.advances, 0U);
  }
}

TEST(Batch, AFailingEngineMarksItsJobsInternal) {
  fake_log.reset();
  fake_log.fails = true;
  Batch batch = equal_batch(5, 4);
  ASSERT_EQ(batch.run(fake_engine, 1), Status::ok);
  for (const Status status : batch.statuses) EXPECT_EQ(status, Status::internal);
}

// The first group waits for all others: a thread must not keep any of them for itself meanwhile.
struct HeldUp {
  static constexpr std::size_t jobs = 32;
  static inline std::atomic<bool> first_has_begun{false};
  static inline std::atomic<bool> waited_in_vain{false};
  static inline std::atomic<std::size_t> done{0};

  static void begin(void*, std::span<const Job> group) noexcept {
    if (first_has_begun.exchange(true)) return;
    const std::int64_t end = monotonic_ns() + 20'000'000'000;
    while (done + group.size() < jobs && !waited_in_vain) {
      waited_in_vain = monotonic_ns() > end;
      std::this_thread::yield();
    }
  }
  static bool finish(void*, std::span<const Job> group) noexcept {
    done += group.size();
    return true;
  }
};

TEST(Batch, AThreadThatIsHeldUpKeepsNoGroupFromOthers) {
  Engine engine = fake_engine;
  engine.begin = HeldUp::begin;
  engine.finish = HeldUp::finish;
  Batch batch = equal_batch(HeldUp::jobs, 4);
  EXPECT_EQ(batch.run(engine, 2), Status::ok);
  EXPECT_GE(batch.report.groups, 4U);
  EXPECT_EQ(HeldUp::done, HeldUp::jobs);
  EXPECT_FALSE(HeldUp::waited_in_vain);
}

// Answers with a status of its own for every third job.
struct Counting final : Recipient {
  explicit Counting(const Batch& of) : batch(of), taken(of.jobs.size()), left(of.jobs.size()) {}
  static Status says(std::size_t i) { return i % 3 == 0 ? Status::mismatch : Status::ok; }
  Status take(std::size_t i) noexcept override {
    ++taken[i];
    whole += batch.hash(i).front() == '$' && batch.hash(i).back() != '\0';
    return says(i);
  }
  void leave(std::size_t i, Status status) noexcept override {
    ++left[i];
    reasons |= 1U << static_cast<unsigned>(status);
  }
  void forget() noexcept override { ++forgotten; }

  // That each job was left, once and for that reason, and none taken.
  void expect_all_left(Status reason) const {
    const auto are = [](int times) { return [times](int counted) { return counted == times; }; };
    EXPECT_TRUE(std::all_of(taken.begin(), taken.end(), are(0)));
    EXPECT_TRUE(std::all_of(left.begin(), left.end(), are(1)));
    EXPECT_EQ(reasons, 1U << static_cast<unsigned>(reason));
    for (const Status status : batch.statuses) EXPECT_EQ(status, reason);
  }

  const Batch& batch;
  std::vector<std::atomic<int>> taken;
  std::vector<std::atomic<int>> left;
  std::atomic<unsigned> reasons{0};  // a bit for each status that a job was left with
  std::atomic<std::size_t> whole{0};
  int forgotten = 0;
};

TEST(Batch, ARecipientTakesEachHashOnceAndSaysTheStatus) {
  for (const unsigned threads : {1U, 2U}) {
    Batch batch = equal_batch(50, 4);
    Counting counting(batch);
    ASSERT_EQ(batch.run(portable_engine, threads, &counting), Status::ok);
    for (std::size_t i = 0; i < 50; ++i) {
      EXPECT_EQ(counting.taken[i], 1) << i;
      EXPECT_EQ(counting.left[i], 0) << i;
      EXPECT_EQ(batch.statuses[i], Counting::says(i)) << i;
    }
    EXPECT_EQ(counting.whole, 50U);
    EXPECT_EQ(counting.forgotten, 0);
  }
}

// So many that threads end them in several steps.
TEST(Batch, ARecipientIsToldOnceOfEachJobThatIsCancelled) {
  for (const unsigned threads : {1U, 2U}) {
    const std::int32_t cancel = 1;
    Control control({.cancel = &cancel}, 9001);
    Batch batch = equal_batch(9001, 4);
    Counting counting(batch);
    ASSERT_EQ(batch.run(portable_engine, threads, control, &counting), Status::ok);
    counting.expect_all_left(Status::cancelled);
  }
}

TEST(Batch, ARecipientIsToldOfJobsThatFail) {
  Engine engine = fake_engine;
  engine.finish = [](void*, std::span<const Job>) noexcept { return false; };
  Batch batch = equal_batch(10, 4);
  Counting counting(batch);
  ASSERT_EQ(batch.run(engine, 1, &counting), Status::ok);
  counting.expect_all_left(Status::internal);
}

TEST(Batch, ARecipientIsToldOfJobsThatTheEngineDoesNotTake) {
  Engine engine = fake_engine;
  engine.takes_nul = false;
  std::vector<Item> items = equal_batch(10, 4).items;
  for (Item& item : items) item.password = std::string("a\0b", 3);
  Batch batch(items);
  Counting counting(batch);
  ASSERT_EQ(batch.run(engine, 1, &counting), Status::ok);
  counting.expect_all_left(Status::unsupported);
}

}  // namespace
}  // namespace lanecrypt::test
