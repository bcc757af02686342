// Description of this machine and build. See the header.
#include "machine.hpp"

#include <crypt.h>
#include <lanecrypt/lanecrypt.h>

#include <cstdlib>
#include <fstream>

#include "cpu.hpp"

namespace lanecrypt::bench {
namespace {

// The value of the first line of /proc/cpuinfo with this key; empty if there is none.
std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

// Arm cores have no name in /proc/cpuinfo, only numbers.
std::string cpu_name() {
  if (std::string name = cpuinfo("model name"); !name.empty()) return name;
  if (const std::string part = cpuinfo("CPU part"); !part.empty()) {
    return "CPU implementer " + cpuinfo("CPU implementer") + ", part " + part;
  }
  return "unknown CPU";
}

}  // namespace

Machine describe_machine() {
  Machine machine;
  machine.cpu = cpu_name();
  const CpuFeatures features = this_cpu();
  machine.l1d_bytes = features.l1d_bytes;
  machine.l1d_threads = features.l1d_threads;
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  lanecrypt_threads(&budget);
  machine.cores = budget.visible_cores;
  machine.threads = budget.threads;
  if (getloadavg(&machine.load, 1) != 1) machine.load = 0;
#if defined(__clang__)
  machine.compiler = __VERSION__;  // names itself
#else
  machine.compiler = "gcc " __VERSION__;
#endif
  machine.build_type = LANECRYPT_BUILD_TYPE;
#ifdef XCRYPT_VERSION_STR
  machine.libcrypt = "libxcrypt " XCRYPT_VERSION_STR;
#else
  machine.libcrypt = "libcrypt";
#endif
  return machine;
}

std::string describe_l1d(const Machine& machine) {
  if (machine.l1d_bytes == 0) return "L1D of unknown size";
  const std::string size = std::to_string(machine.l1d_bytes / 1024) + " KiB L1D";
  if (machine.l1d_threads == 1) return size + " for each hardware thread";
  return size + " shared by " + std::to_string(machine.l1d_threads) + " hardware threads";
}

}  // namespace lanecrypt::bench
