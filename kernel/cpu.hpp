// What the processor can do. Engines ask in `usable`, batches for their width; tests ask with a reader of their own.
#pragma once

#include <array>
#include <cstdint>

namespace lanecrypt {

struct CpuFeatures {
  bool bmi2 = false;         // rorx, pext and friends, and registers to use them
  bool fast_pext = false;    // false where pext is microcode: AMD before Zen 3, Hygon
  unsigned l1d_bytes = 0;    // data cache of one core; 0: unknown
  unsigned l1d_threads = 1;  // hardware threads that share it
  bool xsave = false;        // xsave and xrstor, by which registers up to AVX-512's are reached, switched on
};

// CPUID's four registers, eax to edx.
using CpuidRegisters = std::array<std::uint32_t, 4>;
using CpuidReader = CpuidRegisters (*)(std::uint32_t leaf, std::uint32_t subleaf);

// Features by CPUID alone (no /sys: containers and Lambda may not show it). The reader answers zeros for leaves that do
// not exist. Sources: Intel SDM vol. 2A, CPUID, leaves 0, 1, 4, 7, 0Bh; AMD APM vol. 3, appendix E, leaves 80000001h,
// 8000001Dh, 8000001Eh.
CpuFeatures read_cpu_features(CpuidReader cpuid) noexcept;

// The features of this machine, as the first call of the process found them: in a virtual machine CPUID is a trap of
// some 50 microseconds for each leaf. On other architectures than x86-64 all are off.
CpuFeatures this_cpu() noexcept;

}  // namespace lanecrypt
