// How many threads this process may keep busy. Reads the system; starts nothing.
#pragma once

namespace lanecrypt {

inline constexpr unsigned threads_max = 1024;

// The least of the bounds that apply. 0: the bound does not apply.
struct ThreadBudget {
  unsigned threads = 1;
  unsigned visible_cores = 0;  // processors online
  unsigned affinity = 0;       // processors that the process may run on
  unsigned cgroup = 0;         // CPU quota of the cgroup and its parents, in whole processors rounded up
  unsigned lambda = 0;         // vCPUs that a Lambda function's memory pays for, rounded up
};

struct BudgetSources {
  const char* root = "";                // put before /proc and /sys: tests have files of their own
  const char* lambda_memory = nullptr;  // AWS_LAMBDA_FUNCTION_MEMORY_SIZE, megabytes; nullptr: not on Lambda
};

// Quota of cgroup v2 (cpu.max) or v1 (cpu.cfs_quota_us); 0 where there is none or it cannot be read.
unsigned cgroup_cpus(const char* root) noexcept;

// ceil(megabytes / 1769): a Lambda function has one vCPU at 1,769 MB and six at 10,240. 0 for text that is no number.
unsigned lambda_cpus(const char* megabytes) noexcept;

ThreadBudget read_thread_budget(const BudgetSources& sources) noexcept;

}  // namespace lanecrypt
