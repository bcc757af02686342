// No entropy: getrandom(2) fails under a seccomp filter, and no salt is drawn from anywhere else.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

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

}  // namespace
}  // namespace lanecrypt::test
