// Processor features from CPUID. See the header.
#include "cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace lanecrypt {
namespace {

enum Register : unsigned { eax, ebx, ecx, edx };

constexpr std::uint32_t text(const char (&four)[5]) noexcept {
  return static_cast<std::uint32_t>(four[0]) | static_cast<std::uint32_t>(four[1]) << 8 |
         static_cast<std::uint32_t>(four[2]) << 16 | static_cast<std::uint32_t>(four[3]) << 24;
}

constexpr std::uint32_t bits(std::uint32_t value, unsigned from, unsigned to) noexcept {
  return value >> from & (0xffffffffU >> (31 - to + from));
}

enum class Vendor { intel, amd, hygon, other };

Vendor vendor(CpuidReader cpuid) noexcept {
  switch (cpuid(0, 0)[ebx]) {
    case text("Genu"):
      return Vendor::intel;
    case text("Auth"):
      return Vendor::amd;
    case text("Hygo"):
      return Vendor::hygon;
    default:
      return Vendor::other;
  }
}

unsigned family(CpuidReader cpuid) noexcept {
  const std::uint32_t signature = cpuid(1, 0)[eax];
  const std::uint32_t base = bits(signature, 8, 11);
  return base == 15 ? base + bits(signature, 20, 27) : base;
}

// The deterministic cache parameters have one layout in Intel's leaf 4 and AMD's leaf 8000001Dh.
void read_l1d(CpuidReader cpuid, std::uint32_t leaf, CpuFeatures& features) noexcept {
  for (std::uint32_t index = 0; index < 16; ++index) {
    const CpuidRegisters cache = cpuid(leaf, index);
    const std::uint32_t type = bits(cache[eax], 0, 4);
    if (type == 0) return;
    if (type != 1 || bits(cache[eax], 5, 7) != 1) continue;  // not data, or not level 1
    const std::uint32_t ways = bits(cache[ebx], 22, 31) + 1;
    const std::uint32_t partitions = bits(cache[ebx], 12, 21) + 1;
    const std::uint32_t line = bits(cache[ebx], 0, 11) + 1;
    features.l1d_bytes = ways * partitions * line * (cache[ecx] + 1);
    features.l1d_threads = bits(cache[eax], 14, 25) + 1;
    return;
  }
}

#if defined(__x86_64__)
CpuidRegisters hardware_cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
  CpuidRegisters r{};
  // Answers 0, and leaves the registers alone, where the leaf does not exist.
  __get_cpuid_count(leaf, subleaf, &r[eax], &r[ebx], &r[ecx], &r[edx]);
  return r;
}
#endif

}  // namespace

CpuFeatures read_cpu_features(CpuidReader cpuid) noexcept {
  CpuFeatures features;
  const Vendor maker = vendor(cpuid);
  features.bmi2 = bits(cpuid(7, 0)[ebx], 8, 8) != 0;
  // Zen 3 is family 19h; Hygon's cores descend from Zen 1.
  const bool microcoded = maker == Vendor::hygon || (maker == Vendor::amd && family(cpuid) < 0x19);
  features.fast_pext = features.bmi2 && !microcoded;
  read_l1d(cpuid, maker == Vendor::amd || maker == Vendor::hygon ? 0x8000001d : 4, features);
  return features;
}

#if defined(__x86_64__)
CpuFeatures this_cpu() noexcept { return read_cpu_features(hardware_cpuid); }
#else
CpuFeatures this_cpu() noexcept { return {}; }
#endif

}  // namespace lanecrypt
