// Callers with small stacks: every call that hashes, on threads whose stack is 64 KiB, or PTHREAD_STACK_MIN, the least
// that a thread can be made with. The stack is painted first, so that what a call needs of it can be said.
#include <gtest/gtest.h>
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <iostream>

#include "known_batch.hpp"

namespace lanecrypt::test {
namespace {

constexpr unsigned char paint = 0xa5;

// A stack of so many bytes with an unreadable page below it.
class PaintedStack {
 public:
  explicit PaintedStack(std::size_t size)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        size_(size),
        memory_(static_cast<unsigned char*>(
            mmap(nullptr, page_ + size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    std::memset(memory_, paint, page_ + size_);
    mprotect(memory_, page_, PROT_NONE);
  }
  PaintedStack(const PaintedStack&) = delete;
  PaintedStack& operator=(const PaintedStack&) = delete;
  ~PaintedStack() { munmap(memory_, page_ + size_); }

  // Runs work on a thread with this stack and nothing else. False: there is no such thread.
  bool run(const std::function<void()>& work) {
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0) return false;
    bool started = pthread_attr_setstack(&attributes, memory_ + page_, size_) == 0;
    started = started && pthread_create(&thread, &attributes, main, const_cast<std::function<void()>*>(&work)) == 0;
    pthread_attr_destroy(&attributes);
    if (started) pthread_join(thread, nullptr);
    return started;
  }

  std::size_t used() const {
    unsigned char* const end = memory_ + page_ + size_;
    return static_cast<std::size_t>(end -
                                    std::find_if(memory_ + page_, end, [](unsigned char c) { return c != paint; }));
  }

 private:
  static void* main(void* work) {
    (*static_cast<const std::function<void()>*>(work))();
    return nullptr;
  }

  std::size_t page_;
  std::size_t size_;
  unsigned char* memory_;
};

struct Call {
  const char* name;
  std::function<bool()> work;  // true: the answers are right
};

std::vector<Call> calls(const KnownBatch& batch) {
  std::vector<Call> calls;
  for (const unsigned threads : {0U, 1U, 2U, 5U}) {
    calls.push_back({"hash_batch", [&batch, threads] { return batch.hash(on_threads(threads)) == batch.count(); }});
    calls.push_back({"verify_batch", [&batch, threads] {
                       return batch.verify(lanecrypt_verify_batch, on_threads(threads)) == batch.count();
                     }});
  }
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    if (lanecrypt_engine(i, &info) != LANECRYPT_OK || info.state != LANECRYPT_ENGINE_READY) continue;
    calls.push_back({info.name, [&batch, name = info.name] {
                       lanecrypt_options options = on_threads(2);
                       options.engine = name;
                       return batch.hash(options) == batch.count();
                     }});
  }
  calls.push_back({"hash and verify", [] {
                     char hash[LANECRYPT_HASH_SIZE];
                     lanecrypt_options options = on_threads(0);
                     options.cost = 4;
                     return lanecrypt_hash("a", 1, nullptr, 0, &options, hash) == LANECRYPT_OK &&
                            lanecrypt_verify("a", 1, hash, 60, &options) == LANECRYPT_OK;
                   }});
  calls.push_back({"plan", [] {
                     lanecrypt_plan_info info = LANECRYPT_PLAN_INFO_INIT;
                     return lanecrypt_plan(10'000, nullptr, nullptr, 0, &info) == LANECRYPT_OK;
                   }});
  calls.push_back({"pbkdf_hash", [] {
                     const std::uint8_t digests[3][LANECRYPT_PBKDF_DIGEST_SIZE] = {};
                     std::uint8_t blocks[2 * LANECRYPT_PBKDF_BLOCK_SIZE];
                     return lanecrypt_pbkdf_hash(digests[0], digests[1], 2, blocks) == LANECRYPT_OK;
                   }});
  return calls;
}

void expect_all_right_on(std::size_t size) {
  const KnownBatch batch(lanecrypt_hash_batch, 40);
  ASSERT_TRUE(batch.known_answer_is_right());
  std::size_t most = 0;
  for (const Call& call : calls(batch)) {
    PaintedStack stack(size);
    bool right = false;
    ASSERT_TRUE(stack.run([&] { right = call.work(); })) << size << " bytes of stack";
    EXPECT_TRUE(right) << call.name;
    most = std::max(most, stack.used());
  }
  PaintedStack idle(size);
  ASSERT_TRUE(idle.run([] {}));
  std::cout << "[ FIGURE   ] stack of " << size << " bytes: at most " << most << " used, of which " << idle.used()
            << " by a thread that does nothing\n";
}

TEST(Stacks, SixtyFourKibibytes) { expect_all_right_on(std::size_t{64} << 10); }

TEST(Stacks, TheLeastThatThereIs) { expect_all_right_on(static_cast<std::size_t>(PTHREAD_STACK_MIN)); }

// The first batch of a process starts the owner, reads CPUID and tests the engine: on a small stack as well.
TEST(Stacks, TheFirstBatchOfAProcess) {
  const pid_t child = fork();
  if (child == 0) {
    bool right = false;
    PaintedStack stack(static_cast<std::size_t>(PTHREAD_STACK_MIN));
    const bool ran = stack.run([&] {
      const KnownBatch batch(lanecrypt_hash_batch, 20);
      right = batch.known_answer_is_right() && batch.hash(on_threads(3)) == batch.count();
    });
    _exit(ran && right ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace lanecrypt::test
