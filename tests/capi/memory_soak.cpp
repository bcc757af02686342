// 100,000 batches in one process, and between them other calls: its resident memory after the last is what it was after
// 1,000. Prints both and ends with 1 where it grew, 2 where an answer was wrong. Takes minutes, so no test of the quick
// ones.
//
//   lanecrypt_memory_soak [--batches N] [--leak]     --leak loses 61 bytes with each batch: that must be seen
#include <lanecrypt/lanecrypt.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::size_t warm = 1000;
constexpr long growth_allowed_kib = 256;  // a thirtieth of what --leak loses; pages come and go

const std::string setting = "$2b$04$abcdefghijklmnopqrstu.";
const std::string hash = setting + "Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC";
const std::string password = "pw";
const std::string bad = "$2b$04$";

long resident_kib() {
  long all = 0;
  long pages = 0;
  if (!(std::ifstream("/proc/self/statm") >> all >> pages)) std::abort();
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

lanecrypt_options on_threads(std::uint32_t threads) {
  lanecrypt_options options = default_options();
  options.cost = 4;
  options.threads = threads;
  return options;
}

// Of changing size, on one thread and on two, with a job that is wrong.
bool hash_batch(std::size_t turn) {
  std::vector<lanecrypt_hash_job> jobs(2 + turn % 7, hash_job(password, &setting));
  jobs.push_back(hash_job(password));
  jobs.push_back(hash_job(password, &bad));
  const lanecrypt_options options = on_threads(1 + turn % 2);
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  return run(jobs, &options, &report) == LANECRYPT_OK && report.failed == 1 && hash == jobs[0].hash;
}

bool verify_batch(std::size_t turn) {
  std::vector<lanecrypt_verify_job> jobs(2 + turn % 5, verify_job(password, &hash));
  jobs[0].upgrade_cost = 5;
  jobs.push_back(verify_job(bad, &hash));
  const lanecrypt_options options = on_threads(1 + turn % 2);
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  return run(jobs, &options, &report) == LANECRYPT_OK && report.mismatched == 1 && std::strlen(jobs[0].new_hash) == 60;
}

bool ended_early(std::size_t turn) {
  const std::int32_t cancel = 1;
  std::vector<lanecrypt_hash_job> jobs(6, hash_job(password, &setting));
  lanecrypt_options options = on_threads(1 + turn % 2);
  if (turn % 4 == 0) options.deadline_ns = 1;
  if (turn % 4 != 0) options.cancel = &cancel;
  return run(jobs, &options) == LANECRYPT_OK && all_zero(jobs[0].hash);
}

bool refused(std::size_t) {
  std::vector<lanecrypt_hash_job> jobs(6, hash_job(password, &setting));
  lanecrypt_options options = on_threads(2);
  options.engine = "none of that name";
  return run(jobs, &options) == LANECRYPT_UNSUPPORTED;
}

bool singles(std::size_t) {
  char single[LANECRYPT_HASH_SIZE];
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  return lanecrypt_hash(password.data(), 2, setting.data(), 29, nullptr, single) == LANECRYPT_OK && hash == single &&
         lanecrypt_verify(password.data(), 2, single, 60, nullptr) == LANECRYPT_OK &&
         lanecrypt_plan(100, nullptr, nullptr, 0, &plan) == LANECRYPT_OK;
}

bool keys(std::size_t) {
  const std::uint8_t digests[4][LANECRYPT_PBKDF_DIGEST_SIZE] = {};
  std::uint8_t blocks[3][LANECRYPT_PBKDF_BLOCK_SIZE];
  return lanecrypt_pbkdf_hash(digests[0], digests[1], 3, blocks[0]) == LANECRYPT_OK;
}

// A batch; and behind it, now and then, a call of another kind.
bool batch(std::size_t turn) {
  constexpr bool (*batches[])(std::size_t) = {hash_batch, verify_batch, ended_early};
  if (!batches[turn % std::size(batches)](turn / std::size(batches))) return false;
  if (turn % 4 == 1 && !refused(turn)) return false;
  if (turn % 4 == 3 && !singles(turn)) return false;
  return turn % 300 != 7 || keys(turn);  // as dear as ten others
}

void lose_a_hash() {
  static char* lost = nullptr;
  lost = static_cast<char*>(std::malloc(LANECRYPT_HASH_SIZE));    // NOLINT(*-no-malloc)
  if (lost != nullptr) *static_cast<volatile char*>(lost) = '$';  // NOLINT(clang-analyzer-unix.Malloc): lost at will
}

int soak(std::size_t batches, bool leak) {
  long before = 0;
  for (std::size_t turn = 0; turn < batches; ++turn) {
    if (!batch(turn)) {
      std::printf("batch %zu: a wrong answer\n", turn);
      return 2;
    }
    if (leak) lose_a_hash();
    if (turn + 1 == warm) before = resident_kib();
  }
  const long after = resident_kib();
  std::printf("resident after %zu batches: %ld KiB, after %zu: %ld KiB\n", warm, before, batches, after);
  return after - before > growth_allowed_kib ? 1 : 0;
}

}  // namespace
}  // namespace lanecrypt::test

int main(int count, char** arguments) {
  std::size_t batches = 100'000;
  bool leak = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--leak") {
      leak = true;
    } else if (argument == "--batches" && i + 1 < count) {
      batches = std::strtoull(arguments[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: lanecrypt_memory_soak [--batches N] [--leak]\n");
      return 3;
    }
  }
  if (batches <= lanecrypt::test::warm) {
    std::fprintf(stderr, "lanecrypt_memory_soak: more than %zu batches are needed\n", lanecrypt::test::warm);
    return 3;
  }
  return lanecrypt::test::soak(batches, leak);
}
