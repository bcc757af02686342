// The thread budget, with /proc and /sys of other machines in a folder.
#include "thread_budget.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace lanecrypt {
namespace {

class ThreadBudgetTest : public testing::Test {
 protected:
  ThreadBudgetTest() {
    std::string pattern = testing::TempDir() + "lanecrypt-budget-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~ThreadBudgetTest() override { std::filesystem::remove_all(root_); }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  unsigned cgroup() const { return cgroup_cpus(root_.c_str()); }

  std::string root_;
};

TEST_F(ThreadBudgetTest, NoFilesNoQuota) { EXPECT_EQ(cgroup(), 0U); }

TEST_F(ThreadBudgetTest, Version2RoundsUp) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup(), 2U);
  write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup(), 2U);
  write("/sys/fs/cgroup/cpu.max", "1000 100000\n");
  EXPECT_EQ(cgroup(), 1U);
}

TEST_F(ThreadBudgetTest, Version2MaxIsNoQuota) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup(), 0U);
}

TEST_F(ThreadBudgetTest, AParentsQuotaHoldsToo) {
  write("/proc/self/cgroup", "0::/user.slice/session-1.scope\n");
  write("/sys/fs/cgroup/user.slice/session-1.scope/cpu.max", "800000 100000\n");
  write("/sys/fs/cgroup/user.slice/cpu.max", "300000 100000\n");
  EXPECT_EQ(cgroup(), 3U);
}

TEST_F(ThreadBudgetTest, Version1) {
  write("/proc/self/cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n");
  write("/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "250000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup(), 3U);
}

TEST_F(ThreadBudgetTest, Version1MountedAtTheGroup) {
  // In a container the path is the host's and the mount is the group's own folder.
  write("/proc/self/cgroup", "3:cpu,cpuacct:/docker/abc\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup(), 4U);
}

TEST_F(ThreadBudgetTest, Version1MinusOneIsNoQuota) {
  write("/proc/self/cgroup", "3:cpu:/\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup(), 0U);
}

TEST_F(ThreadBudgetTest, CpusetIsNotCpu) {
  write("/proc/self/cgroup", "3:cpuset:/\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup(), 0U);
}

TEST_F(ThreadBudgetTest, HybridTakesTheTighter) {
  write("/proc/self/cgroup", "3:cpu:/\n0::/a\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "500000\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/unified/a/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup(), 2U);
}

TEST_F(ThreadBudgetTest, BrokenFilesAreNoQuota) {
  write("/proc/self/cgroup", "0::/\n\n:\nx\n0::no-slash\n3:cpu:no/slash/first\n0::");
  for (const char* text : {"", "\n", "abc def\n", "100000", "100000 0\n", "0 100000\n", "-5 100000\n"}) {
    write("/sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(cgroup(), 0U) << text;
  }
}

TEST_F(ThreadBudgetTest, LambdaMemory) {
  EXPECT_EQ(lambda_cpus(nullptr), 0U);
  EXPECT_EQ(lambda_cpus("128"), 1U);
  EXPECT_EQ(lambda_cpus("1769"), 1U);
  EXPECT_EQ(lambda_cpus("1770"), 2U);
  EXPECT_EQ(lambda_cpus("10240"), 6U);
  EXPECT_EQ(lambda_cpus(""), 0U);
  EXPECT_EQ(lambda_cpus("x"), 0U);
  EXPECT_EQ(lambda_cpus("1769MB"), 0U);
  EXPECT_EQ(lambda_cpus("99999999999999999999999"), 0U);
}

TEST_F(ThreadBudgetTest, TheLeastBoundWins) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  const ThreadBudget budget = read_thread_budget({.root = root_.c_str(), .lambda_memory = "10240"});
  EXPECT_EQ(budget.threads, 1U);
  EXPECT_EQ(budget.cgroup, 1U);
  EXPECT_EQ(budget.lambda, 6U);
  EXPECT_GE(budget.visible_cores, 1U);
  const ThreadBudget lambda = read_thread_budget({.root = "/nonexistent", .lambda_memory = "512"});
  EXPECT_EQ(lambda.threads, 1U);
  EXPECT_EQ(lambda.cgroup, 0U);
}

TEST_F(ThreadBudgetTest, AffinityBounds) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const ThreadBudget budget = read_thread_budget({.root = "/nonexistent"});
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(budget.affinity, 1U);
  EXPECT_EQ(budget.threads, 1U);
}

}  // namespace
}  // namespace lanecrypt
