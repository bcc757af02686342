// Callers of all kinds: from inside somebody's own OpenMP regions, and sixteen threads at once, counted.
// LANECRYPT_SOAK=1: sixteen callers for 30 seconds and not for one.
#include <gtest/gtest.h>
#include <omp.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include "known_batch.hpp"

namespace lanecrypt::test {
namespace {

const KnownBatch& batch() {
  static const KnownBatch known(lanecrypt_hash_batch, 24);
  return known;
}

// 0 where hashes and answers are right.
int wrong(unsigned threads) {
  const bool right = batch().hash(on_threads(threads)) == batch().count() &&
                     batch().verify(lanecrypt_verify_batch, on_threads(threads)) == batch().count();
  return right ? 0 : 1;
}

// ---- Inside somebody's region

class Regions : public testing::Test {
 protected:
  Regions() { EXPECT_TRUE(batch().known_answer_is_right()); }
  ~Regions() override { omp_set_max_active_levels(1); }
};

TEST_F(Regions, AllThreadsOfATeamCall) {
  int failures = 0;
  std::atomic<int> strangers{0};
  for (int round = 0; round < 5; ++round) {
#pragma omp parallel num_threads(4) reduction(+ : failures)
    {
      const int here = omp_get_thread_num();
      failures += wrong(1);  // on this very thread, and nothing of it is the team's
      failures += wrong(3);
      strangers += here != omp_get_thread_num() || omp_get_num_threads() != 4;
#pragma omp barrier
      failures += wrong(1 + static_cast<unsigned>(here));
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(strangers, 0);  // the team is what it was before the call
}

TEST_F(Regions, ATeamInATeam) {
  omp_set_max_active_levels(3);
  int failures = 0;
#pragma omp parallel num_threads(2) reduction(+ : failures)
  {
#pragma omp parallel num_threads(3) reduction(+ : failures)
    failures += wrong(2) + (omp_get_level() != 2);
  }
  EXPECT_EQ(failures, 0);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // of clang, about what it makes of a taskloop itself
TEST_F(Regions, TasksAndLoopsOfTasks) {
  std::atomic<int> failures{0};
#pragma omp parallel num_threads(4)
#pragma omp single
  {
#pragma omp taskloop grainsize(1)
    for (int i = 0; i < 12; ++i) failures += wrong(1 + static_cast<unsigned>(i) % 3);
#pragma omp task
    failures += wrong(4);
#pragma omp taskwait
  }
  EXPECT_EQ(failures, 0);
}
#pragma GCC diagnostic pop

TEST_F(Regions, SingleMasterAndCritical) {
  int failures = 0;
#pragma omp parallel num_threads(3)
  {
#pragma omp single
    failures += wrong(3);
#pragma omp critical
    failures += wrong(2);
#pragma omp master
    failures += wrong(0);
  }
  EXPECT_EQ(failures, 0);
}

TEST_F(Regions, InsideOfAProgressCallback) {
  struct Counts {
    std::atomic<int> calls{0};
    std::atomic<int> members{0};
  } counts;
  lanecrypt_options options = on_threads(2);
  options.progress_context = &counts;
  options.progress = [](void* context, std::size_t, std::size_t) {
    auto& counted = *static_cast<Counts*>(context);
    ++counted.calls;
#pragma omp parallel num_threads(3)
    ++counted.members;
    return 0;
  };
  const KnownBatch longer(lanecrypt_hash_batch, 24, 10);  // progress is told while it runs, and not at its end alone
  EXPECT_EQ(longer.hash(options), longer.count());
  EXPECT_GE(counts.calls, 1);
  EXPECT_EQ(counts.members, 3 * counts.calls);  // fewer, were it called inside of the batch's own region
}

// What a batch sets for its own region is not the caller's.
TEST_F(Regions, TheCallersSettingsStay) {
  omp_set_dynamic(1);
  omp_set_num_threads(7);
  omp_set_max_active_levels(2);
  omp_set_schedule(omp_sched_guided, 5);
  EXPECT_EQ(wrong(3), 0);
  EXPECT_EQ(omp_get_dynamic(), 1);
  EXPECT_EQ(omp_get_max_threads(), 7);
  EXPECT_EQ(omp_get_max_active_levels(), 2);
  omp_sched_t kind = omp_sched_static;
  int chunk = 0;
  omp_get_schedule(&kind, &chunk);
  EXPECT_EQ(kind, omp_sched_guided);
  EXPECT_EQ(chunk, 5);
  omp_set_dynamic(0);
}

// Inside a region each thread has settings of its own, and a batch asks for nothing there either.
TEST_F(Regions, TheSettingsOfEachThreadStay) {
  std::atomic<int> changed{0};
#pragma omp parallel num_threads(3)
  {
    omp_set_dynamic(1);
    omp_set_num_threads(5);
    changed += wrong(2);
    changed += omp_get_dynamic() != 1 || omp_get_max_threads() != 5;
  }
  EXPECT_EQ(changed, 0);
}

// ---- Sixteen callers

std::size_t threads_of_process() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

std::chrono::seconds duration() {
  const char* const soak = std::getenv("LANECRYPT_SOAK");
  return std::chrono::seconds(soak != nullptr && *soak == '1' ? 30 : 1);
}

constexpr std::size_t callers = 16;

struct Crowd {
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> batches{0};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;

  explicit Crowd(unsigned of_each) {
    for (std::size_t c = 0; c < callers; ++c) {
      threads.emplace_back([this, of_each] {
        while (!stop) failures += wrong(of_each), ++batches;
      });
    }
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() { end(); }
  void end() {
    stop = true;
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }
};

// The most threads that were ever seen while sixteen callers ran batches on so many.
std::size_t most_threads(unsigned of_each, std::chrono::seconds how_long) {
  EXPECT_TRUE(batch().known_answer_is_right());
  Crowd crowd(of_each);
  std::size_t most = 0;
  const auto end = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < end || crowd.batches < 2 * callers) {
    most = std::max(most, threads_of_process());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  crowd.end();
  EXPECT_EQ(crowd.failures, 0);
  std::cout << "[ FIGURE   ] " << callers << " callers for " << how_long.count() << " s: " << crowd.batches
            << " batches hashed and verified, at most " << most << " threads\n";
  return most;
}

// The callers, this thread, which counts, the owner and the others of its team.
TEST(Callers, SixteenShareTheCores) {
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  ASSERT_EQ(lanecrypt_threads(&budget), LANECRYPT_OK);
  const std::size_t before = threads_of_process();  // 1 where this test runs alone
  EXPECT_LE(most_threads(0, duration()), budget.threads + callers + 2 + before - 1);
}

// The same with teams of one and the same size that is not the machine's.
TEST(Callers, SixteenWithTeamsOfFour) {
  const std::size_t before = threads_of_process();
  EXPECT_LE(most_threads(4, std::chrono::seconds(1)), 4 + callers + 1 + before);
}

}  // namespace
}  // namespace lanecrypt::test
