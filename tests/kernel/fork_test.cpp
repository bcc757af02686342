// Forks: behind a batch, beside one, and inside of one, from its progress callback.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "batches.hpp"

namespace lanecrypt::test {
namespace {

#if !LANECRYPT_SANITIZED  // a fork of a process with threads is what sanitizers' runtimes do not support
// Forks children that each run a batch on two threads; true if all are right.
int failed_children(int count, const std::string& expected) {
  int failed = 0;
  for (int c = 0; c < count; ++c) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(1);  // a child that hangs or takes longer than a second is killed; its batch is some milliseconds of work
      Batch batch = equal_batch(16, 4);
      const bool right = batch.run(portable_engine, 2) == Status::ok && batch.hash(7) == expected;
      _exit(right ? 0 : 1);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) ++failed;
  }
  return failed;
}

std::string expected_hash() {
  Batch batch = equal_batch(16, 4);
  batch.run(portable_engine, 2);
  return batch.hash(7);
}

TEST(Fork, AfterABatch) { EXPECT_EQ(failed_children(100, expected_hash()), 0); }

TEST(Fork, WhileAnotherThreadIsInABatch) {
  const std::string expected = expected_hash();
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) {
      Batch batch = equal_batch(32, 5);
      batch.run(portable_engine, 2);
    }
  });
  EXPECT_EQ(failed_children(100, expected), 0);
  stop = true;
  busy.join();
}

TEST(Fork, AChildOfAChild) {
  const std::string expected = expected_hash();
  const pid_t child = fork();
  if (child == 0) _exit(failed_children(5, expected));
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// A batch of 64 whose first progress callback forks, and in the child cancels or not: in the parent all must be well,
// and in the child each job must end with this status, with a hash where it is ok and zeros otherwise.
void expect_of_child(bool cancels, Status status) {
  static pid_t child;
  static bool child_cancels;
  child = -1;
  child_cancels = cancels;
  Batch batch = equal_batch(64, 8);
  Control control({.progress =
                       [](void*, std::size_t, std::size_t) {
                         if (child == -1) child = fork();
                         return child == 0 && child_cancels ? 1 : 0;
                       }},
                  64);
  const Status ran = batch.run(portable_engine, 2, control);
  const Status expected = child == 0 ? status : Status::ok;
  bool right = ran == Status::ok;
  for (std::size_t i = 0; i < 64; ++i) {
    const bool empty = batch.hash(i) == std::string(60, '\0');
    right = right && batch.statuses[i] == expected && empty == (expected != Status::ok);
  }
  if (child == 0) _exit(right ? 0 : 1);
  EXPECT_TRUE(right);
  ASSERT_GT(child, 0);
  int ended = -1;
  waitpid(child, &ended, 0);
  EXPECT_EQ(ended, 0);
}

// The child's batch goes on without the parent's threads.
TEST(Fork, InsideAProgressCallback) { expect_of_child(false, Status::ok); }

// What the parent's threads had finished before the fork is not the child's work, and no job keeps a hash.
TEST(Fork, InsideAProgressCallbackThatCancels) { expect_of_child(true, Status::cancelled); }
#endif

}  // namespace
}  // namespace lanecrypt::test
