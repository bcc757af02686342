// Processor features from CPUID. See the header.
#include "cpu.hpp"

#include <algorithm>
#include <atomic>

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

// Threads of a core by Intel's leaf 0Bh, whose level 0 is the threads of one core; 0 where the leaf does not tell. The
// manual has this number for display only, because the system may have switched threads off: they then share nothing.
unsigned intel_threads_of_core(CpuidReader cpuid) noexcept {
  const CpuidRegisters level = cpuid(0xb, 0);
  constexpr std::uint32_t threads_of_core = 1;
  return bits(level[ecx], 8, 15) == threads_of_core ? bits(level[ebx], 0, 15) : 0;
}

// By AMD's leaf 8000001Eh, which is there where the topology extensions are.
unsigned amd_threads_of_core(CpuidReader cpuid) noexcept {
  const bool topology_extensions = bits(cpuid(0x80000001, 0)[ecx], 22, 22) != 0;
  return topology_extensions ? bits(cpuid(0x8000001e, 0)[ebx], 8, 15) + 1 : 0;
}

#if defined(__x86_64__)
// Features as one word, never zero.
constexpr std::uint64_t pack(const CpuFeatures& features) noexcept {
  return 1U | std::uint64_t{features.bmi2} << 1 | std::uint64_t{features.fast_pext} << 2 |
         std::uint64_t{features.xsave} << 3 | std::uint64_t{features.l1d_threads} << 16 |
         std::uint64_t{features.l1d_bytes} << 32;
}

constexpr CpuFeatures unpack(std::uint64_t word) noexcept {
  return {(word & 2) != 0, (word & 4) != 0, static_cast<unsigned>(word >> 32),
          static_cast<unsigned>(word >> 16 & 0xffff), (word & 8) != 0};
}

CpuidRegisters hardware_cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
  CpuidRegisters r{};
  if (leaf <= 1) {  // are always there, and asking whether costs as much
    __cpuid(leaf, r[eax], r[ebx], r[ecx], r[edx]);
    return r;
  }
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
  features.xsave = bits(cpuid(1, 0)[ecx], 27, 27) != 0;  // OSXSAVE
  // Zen 3 is family 19h; Hygon's cores descend from Zen 1.
  const bool microcoded = maker == Vendor::hygon || (maker == Vendor::amd && family(cpuid) < 0x19);
  features.fast_pext = features.bmi2 && !microcoded;
  const bool amd = maker == Vendor::amd || maker == Vendor::hygon;
  read_l1d(cpuid, amd ? 0x8000001d : 4, features);
  // The cache's own number counts the numbers that threads could have, and virtual machines leave it as it was: it is
  // an upper bound.
  const unsigned of_core = amd ? amd_threads_of_core(cpuid) : intel_threads_of_core(cpuid);
  if (of_core > 0) features.l1d_threads = std::min(features.l1d_threads, of_core);
  return features;
}

#if defined(__x86_64__)
CpuFeatures this_cpu() noexcept {
  // One atomic word and no once-flag, which a fork could leave half set: threads that ask at the same time all read,
  // and find the same. Zero is "not read yet".
  static std::atomic<std::uint64_t> remembered{0};
  const std::uint64_t packed = remembered.load(std::memory_order_relaxed);
  if (packed != 0) return unpack(packed);
  const CpuFeatures features = read_cpu_features(hardware_cpuid);
  remembered.store(pack(features), std::memory_order_relaxed);
  return features;
}
#else
CpuFeatures this_cpu() noexcept { return {}; }
#endif

}  // namespace lanecrypt
