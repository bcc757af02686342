// The gate: who waits, in which order, and on how many threads of a process.
#include "gate.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "batches.hpp"

namespace lanecrypt::test {
namespace {

// A task that waits until it is let go.
struct Blocker final : GatedTask {
  std::atomic<bool> entered{false};
  std::atomic<bool> go{false};
  void run() noexcept override {
    entered = true;
    while (!go) std::this_thread::yield();
  }
};

TEST(Gate, WaitersGiveUpAtCancelAndDeadline) {
  struct Turned final : GatedTask {
    std::atomic<int> runs{0};
    void run() noexcept override { ++runs; }
  } turned;
  Blocker blocker;
  std::thread first([&] {
    Control control({}, 1);
    pass_gate(blocker, control);
  });
  while (!blocker.entered) std::this_thread::yield();
  std::int32_t cancel = 0;
  Batch waiting = equal_batch(40, 4);
  std::thread second([&] {
    Control control({.cancel = &cancel}, 40);
    waiting.run(portable_engine, 2, control);
  });
  __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
  second.join();  // while the gate is still taken
  for (const Status status : waiting.statuses) EXPECT_EQ(status, Status::cancelled);
  Batch late = equal_batch(40, 4);
  Control past({.deadline_ns = 1}, 40);
  late.run(portable_engine, 2, past);
  for (const Status status : late.statuses) EXPECT_EQ(status, Status::deadline);
  EXPECT_EQ(pass_gate(turned, past), Admission::turned_away);
  blocker.go = true;
  first.join();
  // The gate serves in order: this one is behind whatever those who left might have left in the queue.
  Batch after = equal_batch(40, 4);
  EXPECT_EQ(after.run(portable_engine, 2), Status::ok);
  for (const Status status : after.statuses) EXPECT_EQ(status, Status::ok);
  EXPECT_EQ(turned.runs, 0);
}

// Each asks when the one before it stands in the queue, which it says by its first progress: that is called from there.
TEST(Gate, WhoAsksFirstIsServedFirst) {
  struct Noting final : GatedTask {
    std::vector<int>* order = nullptr;
    int number = 0;
    void run() noexcept override { order->push_back(number); }  // one at a time: the gate's owner
  };
  Blocker blocker;
  std::thread first([&] {
    Control control({}, 1);
    pass_gate(blocker, control);
  });
  while (!blocker.entered) std::this_thread::yield();
  constexpr int callers = 3;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int number = 0; number < callers; ++number) {
    std::atomic<bool> queued{false};
    threads.emplace_back([&order, &queued, number] {
      Noting task;
      task.order = &order;
      task.number = number;
      std::atomic<bool>* says = &queued;
      Control control({.progress =
                           [](void* context, std::size_t, std::size_t) {
                             if (auto*& flag = *static_cast<std::atomic<bool>**>(context)) *flag = true;
                             *static_cast<std::atomic<bool>**>(context) = nullptr;  // it is gone by the next time
                             return 0;
                           },
                       .progress_context = static_cast<void*>(&says)},
                      1);
      pass_gate(task, control);
    });
    while (!queued) std::this_thread::yield();
  }
  blocker.go = true;
  first.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(Gate, ItsThreadTakesNoSignals) {
  struct Asking final : GatedTask {
    sigset_t blocked{};
    void run() noexcept override { pthread_sigmask(SIG_SETMASK, nullptr, &blocked); }
  };
  Asking task;
  Control control({}, 1);
  ASSERT_EQ(pass_gate(task, control), Admission::ran);
  sigset_t here;
  pthread_sigmask(SIG_SETMASK, nullptr, &here);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGCHLD, SIGPROF, SIGUSR1, SIGUSR2}) {
    EXPECT_EQ(sigismember(&task.blocked, signal), 1) << signal;
    EXPECT_EQ(sigismember(&here, signal), 0) << signal;  // and its maker's are as they were
  }
}

TEST(Gate, ABatchOfOneThreadDoesNotEnterIt) {
  Blocker blocker;
  std::thread first([&] {
    Control control({}, 1);
    pass_gate(blocker, control);
  });
  while (!blocker.entered) std::this_thread::yield();
  Batch batch = equal_batch(3, 4);
  EXPECT_EQ(batch.run(portable_engine, 1), Status::ok);
  EXPECT_EQ(batch.statuses[0], Status::ok);
  blocker.go = true;
  first.join();
}

std::size_t threads_of_process() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

TEST(Gate, SixteenCallersShareOneTeam) {
  constexpr std::size_t callers = 16;
  const std::size_t before = threads_of_process();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  std::atomic<std::size_t> most{0};
  for (std::size_t c = 0; c < callers; ++c) {
    threads.emplace_back([&] {
      for (int round = 0; round < (LANECRYPT_SANITIZED ? 3 : 20); ++round) {
        Batch batch = equal_batch(9, 4);
        if (batch.run(portable_engine, 3) != Status::ok) ++wrong;
        for (const Status status : batch.statuses) wrong += status != Status::ok;
        const std::size_t now = threads_of_process();
        for (std::size_t seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  // What was there, the callers, the owner and its two workers; a sanitizer may have one of its own.
  EXPECT_LE(most, before + callers + 3 + LANECRYPT_SANITIZED);
}

}  // namespace
}  // namespace lanecrypt::test
