// Callers of everything at once, from the first moment of a process on, when engines are being tested and the owner
// thread is being made: batches behind the gate and beside it, cancelled from another thread, with deadlines and
// progress, plans and engines. For ThreadSanitizer; every answer is right in every preset.
#include <lanecrypt/lanecrypt.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iterator>
#include <thread>
#include <vector>

namespace {

constexpr int callers = 6;
constexpr int rounds = 6;
constexpr char setting[] = "$2b$04$abcdefghijklmnopqrstu.";
constexpr char hash[] = "$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC";

std::atomic<int> wrong{0};
std::int32_t cancel = 0;
std::atomic<bool> over{false};

void expect(bool right, const char* what) {
  if (right) return;
  ++wrong;
  std::fprintf(stderr, "callers: wrong: %s\n", what);
}

lanecrypt_options options_of(unsigned turn) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.threads = 1 + turn % 3;
  return options;
}

int count_call(void* context, std::size_t, std::size_t) {
  ++*static_cast<int*>(context);
  return 0;
}

void hash_batch(unsigned turn) {
  int calls = 0;
  lanecrypt_options options = options_of(turn);
  options.progress = count_call;
  options.progress_context = &calls;
  lanecrypt_hash_job jobs[7];
  for (lanecrypt_hash_job& job : jobs) job = {"pw", 2, setting, 29, 0, -1, {}};
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  expect(lanecrypt_hash_batch(jobs, std::size(jobs), sizeof jobs[0], &options, &report) == LANECRYPT_OK, "batch");
  expect(report.succeeded == std::size(jobs) && calls > 0, "report");
  for (const lanecrypt_hash_job& job : jobs) expect(std::strcmp(job.hash, hash) == 0, "hash");
}

void verify_batch(unsigned turn) {
  const lanecrypt_options options = options_of(turn);
  lanecrypt_verify_job jobs[5];
  for (lanecrypt_verify_job& job : jobs) job = {"pw", 2, hash, 60, 0, -1, -1, {}};
  jobs[0].upgrade_cost = 5;
  jobs[4].password = "qw";
  expect(lanecrypt_verify_batch(jobs, std::size(jobs), sizeof jobs[0], &options, nullptr) == LANECRYPT_OK, "batch");
  for (int i = 0; i < 4; ++i) expect(jobs[i].status == LANECRYPT_OK, "match");
  expect(jobs[4].status == LANECRYPT_MISMATCH && std::strlen(jobs[0].new_hash) == 60, "mismatch or upgrade");
}

// What is finished is right, all else has no hash and the reason.
void stopped_batch(unsigned turn) {
  lanecrypt_options options = options_of(turn);
  if (turn % 2 == 0) options.cancel = &cancel;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  options.deadline_ns =
      static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec) + 4'000'000U;
  std::vector<lanecrypt_hash_job> jobs(20, lanecrypt_hash_job{"pw", 2, setting, 29, 0, -1, {}});
  expect(lanecrypt_hash_batch(jobs.data(), jobs.size(), sizeof jobs[0], &options, nullptr) == LANECRYPT_OK, "batch");
  for (const lanecrypt_hash_job& job : jobs) {
    const bool stopped = job.status == LANECRYPT_CANCELLED || job.status == LANECRYPT_DEADLINE;
    expect(job.status == LANECRYPT_OK ? std::strcmp(job.hash, hash) == 0 : stopped && job.hash[0] == '\0', "stopped");
  }
}

void ask() {
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  expect(lanecrypt_plan(100, nullptr, nullptr, 0, &plan) == LANECRYPT_OK, "plan");
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    expect(lanecrypt_engine(i, &info) == LANECRYPT_OK && info.state != LANECRYPT_ENGINE_FAILED_TEST, "engine");
  }
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  expect(lanecrypt_threads(&budget) == LANECRYPT_OK, "budget");
}

void one() {
  char made[LANECRYPT_HASH_SIZE];
  expect(lanecrypt_hash("pw", 2, setting, 29, nullptr, made) == LANECRYPT_OK && std::strcmp(made, hash) == 0, "hash");
  expect(lanecrypt_verify("pw", 2, hash, 60, nullptr) == LANECRYPT_OK, "verify");
}

// Each caller begins with another kind of call.
void call(unsigned caller) {
  for (unsigned round = 0; round < rounds; ++round) {
    const unsigned turn = caller + round;
    switch (turn % 5) {
      case 0:
        hash_batch(round + caller / 2);
        break;
      case 1:
        verify_batch(round + caller / 2);
        break;
      case 2:
        stopped_batch(round + caller / 2);
        break;
      case 3:
        ask();
        break;
      default:
        one();
    }
  }
}

// Raises and lowers the flag that half of the stopped batches look at.
void flip() {
  while (!over) {
    __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    __atomic_store_n(&cancel, 0, __ATOMIC_RELAXED);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

int main() {
  std::thread flipper(flip);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < callers; ++i) threads.emplace_back(call, i);
  for (std::thread& thread : threads) thread.join();
  over = true;
  flipper.join();
  std::printf("callers: %d wrong answers\n", wrong.load());
  return wrong == 0 ? 0 : 1;
}
