// The CPUID registers of other machines, as the vendors' manuals named in cpu.hpp lay them out.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "cpu.hpp"

namespace lanecrypt::test {

inline std::map<std::pair<std::uint32_t, std::uint32_t>, CpuidRegisters> fake_cpuid;

inline CpuidRegisters read_fake(std::uint32_t leaf, std::uint32_t subleaf) {
  const auto found = fake_cpuid.find({leaf, subleaf});
  return found == fake_cpuid.end() ? CpuidRegisters{} : found->second;
}

// "GenuineIntel" lies in ebx, edx, ecx.
inline void set_vendor(const std::string& name) {
  CpuidRegisters r{0x20, 0, 0, 0};
  std::memcpy(&r[1], name.data(), 4);
  std::memcpy(&r[3], name.data() + 4, 4);
  std::memcpy(&r[2], name.data() + 8, 4);
  fake_cpuid[{0, 0}] = r;
}

inline void set_l1d(std::uint32_t leaf, std::uint32_t subleaf, unsigned ways, unsigned sets, unsigned threads) {
  fake_cpuid[{leaf, subleaf}] = {1 | 1 << 5 | (threads - 1) << 14, (ways - 1) << 22 | 63, sets - 1, 0};
}

// Intel's leaf 0Bh, level 0: threads of a core.
inline void set_intel_threads(unsigned threads) { fake_cpuid[{0xb, 0}] = {1, threads, 1 << 8, 0}; }

// AMD's topology extensions: threads of a core.
inline void set_amd_threads(unsigned threads) {
  fake_cpuid[{0x80000001, 0}] = {0, 0, 1 << 22, 0};
  fake_cpuid[{0x8000001e, 0}] = {0, (threads - 1) << 8, 0, 0};
}

}  // namespace lanecrypt::test
