// Where figures were measured: a figure without its machine says nothing.
#pragma once

#include <string>

namespace lanecrypt::bench {

struct Machine {
  std::string cpu;           // as the kernel names it
  unsigned l1d_bytes = 0;    // 0: unknown
  unsigned l1d_threads = 1;  // hardware threads that share it
  unsigned cores = 0;        // online processors
  unsigned threads = 1;      // the thread budget: the least of affinity, quota and the like
  double load = 0;           // average of the last minute; well over 0 means that others were measured too
  std::string compiler;
  std::string build_type;
  std::string libcrypt;
};

Machine describe_machine();

// "48 KiB L1D for each hardware thread", or who shares it, or that it is unknown.
std::string describe_l1d(const Machine& machine);

}  // namespace lanecrypt::bench
