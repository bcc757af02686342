// What the machine refuses: random numbers (by a seccomp filter), threads (RLIMIT_NPROC), memory (RLIMIT_AS). Each in a
// child, for a process cannot take such a limit back.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <new>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

// From here on getrandom answers ENOSYS in this process. False: the machine does not allow filters.
bool forbid_getrandom() {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof code / sizeof code[0], code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum Outcome { right, wrong, no_filter };

Outcome without_entropy() {
  if (!forbid_getrandom()) return no_filter;
  char setting[LANECRYPT_SETTING_SIZE];
  if (lanecrypt_gensalt(10, "2b", setting) != LANECRYPT_NO_ENTROPY || !all_zero(setting)) return wrong;
  std::vector<lanecrypt_hash_job> jobs{hash_job(known_password), hash_job(known_password, &known_setting)};
  if (run(jobs) != LANECRYPT_OK) return wrong;
  if (jobs[0].status != LANECRYPT_NO_ENTROPY || !all_zero(jobs[0].hash)) return wrong;
  if (jobs[1].status != LANECRYPT_OK || known_hash != jobs[1].hash) return wrong;  // needs no salt
  lanecrypt_options options = default_options();
  options.upgrade_cost = 6;
  std::vector<lanecrypt_verify_job> verify{verify_job(known_password, &known_hash)};
  if (run(verify, &options) != LANECRYPT_OK || verify[0].status != LANECRYPT_OK) return wrong;
  return verify[0].upgrade_status == LANECRYPT_NO_ENTROPY && all_zero(verify[0].new_hash) ? right : wrong;
}

TEST(Entropy, AFailureIsAnErrorNeverAWeakerSource) {
  const pid_t child = fork();
  if (child == 0) _exit(without_entropy());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == no_filter) GTEST_SKIP() << "this kernel allows no seccomp filters";
  EXPECT_EQ(WEXITSTATUS(status), right);
}

#if !LANECRYPT_SANITIZED  // sanitizers need threads and address space of their own
// No two runs of this side by side share a user: the limit counts all that is a user's.
uid_t user_of_no_other() { return 20'000 + static_cast<uid_t>(getpid()) % 40'000; }

// Batches of changing numbers of threads as a user who may have `processes` of them. Not right: a wrong answer;
// libgomp's own way out, exit(1), shows as another status than any of ours.
Outcome with_few_processes(uid_t user, rlim_t processes, std::uint32_t threads, std::uint32_t rounds) {
  const rlimit limit{processes, processes};
  if (setgid(user) != 0 || setuid(user) != 0 || setrlimit(RLIMIT_NPROC, &limit) != 0) return no_filter;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    lanecrypt_options options = default_options();
    options.threads = round % 2 == 0 ? threads : 2;
    const std::string setting = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.";
    std::vector<lanecrypt_hash_job> jobs(threads + 1, hash_job(known_password, &setting));
    lanecrypt_report report = LANECRYPT_REPORT_INIT;
    if (run(jobs, &options, &report) != LANECRYPT_OK || report.succeeded != jobs.size()) return wrong;
    if (report.threads > processes) return wrong;
  }
  return right;
}

void expect_right_with(rlim_t processes, std::uint32_t threads, std::uint32_t rounds) {
  const uid_t user = user_of_no_other();
  const pid_t child = fork();
  if (child == 0) _exit(with_few_processes(user, processes, threads, rounds));
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, right) << processes << " processes";
}

TEST(Limits, FewProcessesAllowedShrinkTheTeamAndNeverEndTheProcess) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user who has no other processes";
  for (rlim_t processes = 1; processes <= 12; ++processes) expect_right_with(processes, 8, 30);
}

// Also where a larger team than there can be is asked for.
TEST(Limits, UpToFiftyProcessesForTeamsThatNeedMore) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user who has no other processes";
  for (rlim_t processes = 5; processes <= 50; ++processes) {
    expect_right_with(processes, static_cast<std::uint32_t>(processes) + 3, 3);
  }
}

// A batch that needs more memory than there is: a status, on each job too, and no hash.
Outcome without_memory() {
  std::vector<lanecrypt_hash_job> jobs(500'000, hash_job(known_password, &known_setting));
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = static_cast<rlim_t>(pages) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{16} << 20);
  const rlimit limit{bytes, bytes};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return no_filter;
  if (run(jobs) != LANECRYPT_OUT_OF_MEMORY) return wrong;
  for (const lanecrypt_hash_job& job : jobs) {
    if (job.status != LANECRYPT_OUT_OF_MEMORY || !all_zero(job.hash)) return wrong;
  }
  // What fits still runs, and the engine was not taken for a broken one.
  jobs.resize(4);
  return run(jobs) == LANECRYPT_OK && known_hash == jobs[3].hash ? right : wrong;
}

TEST(Limits, TooLittleMemoryIsAStatus) {
  const pid_t child = fork();
  if (child == 0) _exit(without_memory());
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, right);
}

// One that has no batch and allocates for itself.
Outcome pbkdf_without_memory() {
  const std::uint8_t digests[3][LANECRYPT_PBKDF_DIGEST_SIZE] = {};
  std::uint8_t blocks[2][LANECRYPT_PBKDF_BLOCK_SIZE];
  std::memset(blocks, '?', sizeof blocks);
  const rlimit limit{0, 0};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return no_filter;
  while (::operator new(4096, std::nothrow) != nullptr) {  // NOLINT: what the heap has left, for a process that ends
  }
  if (lanecrypt_pbkdf_hash(digests[0], digests[1], 2, blocks[0]) != LANECRYPT_OUT_OF_MEMORY) return wrong;
  const std::uint8_t none[sizeof blocks] = {};
  return std::memcmp(blocks, none, sizeof blocks) == 0 ? right : wrong;
}

TEST(Limits, TooLittleMemoryForAKey) {
  const pid_t child = fork();
  if (child == 0) _exit(pbkdf_without_memory());
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, right);
}
#endif

}  // namespace
}  // namespace lanecrypt::test
