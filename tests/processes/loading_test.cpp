// The library that comes and goes: dlopen, a batch, dlclose, then signals to every thread of the process and a wake-up
// for everyone that sleeps in it, and dlopen again. And signals during a batch.
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "loaded_library.hpp"

namespace lanecrypt::test {
namespace {

std::vector<pid_t> threads_of_process() {
  std::vector<pid_t> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    threads.push_back(static_cast<pid_t>(std::stol(entry.path().filename())));
  }
  return threads;
}

std::atomic<int> signals_taken{0};
std::atomic<int> signals_taken_elsewhere{0};
std::atomic<pid_t> caller{0};

void take_signal(int) {
  ++signals_taken;
  const auto self = static_cast<pid_t>(syscall(SYS_gettid));
  if (self != caller && self != getpid()) ++signals_taken_elsewhere;
}

class Signals : public testing::Test {
 protected:
  Signals() {
    signals_taken = 0;
    signals_taken_elsewhere = 0;
    caller = getpid();
    struct sigaction action {};
    action.sa_handler = take_signal;  // without SA_RESTART: whatever can be interrupted is
    sigaction(SIGUSR1, &action, &before_);
  }
  ~Signals() override { sigaction(SIGUSR1, &before_, nullptr); }

  static void signal_every_thread() {
    for (const pid_t thread : threads_of_process()) syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
  }

 private:
  struct sigaction before_ {};
};

// Lets every thread return from the futex that it sleeps on, as the kernel may at any time: code that is gone shows.
// Answers how many were woken.
long wake_every_sleeper() {
  long woken = 0;
  for (const pid_t thread : threads_of_process()) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
    std::FILE* const file = std::fopen(path, "r");
    if (file == nullptr) continue;
    long number = -1;
    unsigned long address = 0;
    if (std::fscanf(file, "%ld %lx", &number, &address) == 2 && number == SYS_futex) {
      woken += syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
    }
    std::fclose(file);
  }
  return woken;
}

using Loading = Signals;

TEST_F(Loading, ClosedSignalledWokenAndOpenedAgain) {
  std::size_t threads = 0;
  long woken = 0;
  for (int round = 0; round < 3; ++round) {
    auto library = std::make_unique<LoadedLibrary>();
    ASSERT_TRUE(library->batch_is_right(4));
    library.reset();
    if (round == 0) threads = threads_of_process().size();
    EXPECT_EQ(threads_of_process().size(), threads) << "the owner and its team stay, and nobody comes to them";
    signal_every_thread();
    for (int i = 0; i < 20; ++i) {
      woken += wake_every_sleeper();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(LoadedLibrary().batch_is_right(2));
    signal_every_thread();
  }
  EXPECT_GE(threads, 3U);
  EXPECT_GT(woken, 0) << "nobody slept, or this machine does not say where";
  EXPECT_GE(signals_taken, 6);
  EXPECT_EQ(signals_taken_elsewhere, 0) << "threads of the library take no signals: those are the program's";
}

TEST_F(Loading, ManyTimes) {
  for (int round = 0; round < 20; ++round)
    ASSERT_TRUE(LoadedLibrary().batch_is_right(2 + static_cast<unsigned>(round) % 3));
}

TEST_F(Signals, ToEveryThreadDuringBatches) {
  const LoadedLibrary library;
  std::atomic<bool> done{false};
  int failures = 0;
  std::thread calling([&] {
    caller = static_cast<pid_t>(syscall(SYS_gettid));
    for (int i = 0; i < 30; ++i) failures += library.batch_is_right(3) ? 0 : 1;
    done = true;
  });
  while (caller == getpid()) std::this_thread::yield();
  while (!done) {
    signal_every_thread();
    wake_every_sleeper();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  calling.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(signals_taken, 0);
  EXPECT_EQ(signals_taken_elsewhere, 0);
}

}  // namespace
}  // namespace lanecrypt::test
