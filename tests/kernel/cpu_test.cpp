// Features from CPUID, with the registers of other machines. Values follow the vendors' manuals named in cpu.hpp.
#include "cpu.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <utility>

namespace lanecrypt {
namespace {

std::map<std::pair<std::uint32_t, std::uint32_t>, CpuidRegisters> fake;

CpuidRegisters read_fake(std::uint32_t leaf, std::uint32_t subleaf) {
  const auto found = fake.find({leaf, subleaf});
  return found == fake.end() ? CpuidRegisters{} : found->second;
}

// "GenuineIntel" lies in ebx, edx, ecx.
void set_vendor(const std::string& name) {
  CpuidRegisters r{0x20, 0, 0, 0};
  std::memcpy(&r[1], name.data(), 4);
  std::memcpy(&r[3], name.data() + 4, 4);
  std::memcpy(&r[2], name.data() + 8, 4);
  fake[{0, 0}] = r;
}

void set_l1d(std::uint32_t leaf, std::uint32_t subleaf, unsigned ways, unsigned sets, unsigned threads) {
  fake[{leaf, subleaf}] = {1 | 1 << 5 | (threads - 1) << 14, (ways - 1) << 22 | 63, sets - 1, 0};
}

void set_bmi2() { fake[{7, 0}] = {0, 1 << 8, 0, 0}; }

class Cpu : public testing::Test {
 protected:
  Cpu() { fake.clear(); }
};

TEST_F(Cpu, NoLeavesNoFeatures) {
  const CpuFeatures features = read_cpu_features(read_fake);
  EXPECT_FALSE(features.bmi2);
  EXPECT_FALSE(features.fast_pext);
  EXPECT_EQ(features.l1d_bytes, 0U);
  EXPECT_EQ(features.l1d_threads, 1U);
}

TEST_F(Cpu, IntelWith48KiBForTwoThreads) {
  set_vendor("GenuineIntel");
  fake[{1, 0}] = {0x000806f8, 0, 0, 0};
  set_bmi2();
  fake[{4, 0}] = {2 | 1 << 5, 7U << 22 | 63, 63, 0};  // the instruction cache comes first
  set_l1d(4, 1, 12, 64, 2);
  const CpuFeatures features = read_cpu_features(read_fake);
  EXPECT_TRUE(features.bmi2);
  EXPECT_TRUE(features.fast_pext);
  EXPECT_EQ(features.l1d_bytes, 48U * 1024);
  EXPECT_EQ(features.l1d_threads, 2U);
}

TEST_F(Cpu, LevelTwoIsNotTheL1D) {
  set_vendor("GenuineIntel");
  fake[{4, 0}] = {3 | 2 << 5, 7U << 22 | 63, 1023, 0};
  EXPECT_EQ(read_cpu_features(read_fake).l1d_bytes, 0U);
}

TEST_F(Cpu, AmdBeforeZen3HasSlowPext) {
  set_vendor("AuthenticAMD");
  set_bmi2();
  fake[{1, 0}] = {0x00830f10, 0, 0, 0};  // Zen 2: family 17h
  set_l1d(0x8000001d, 0, 8, 64, 2);
  const CpuFeatures features = read_cpu_features(read_fake);
  EXPECT_TRUE(features.bmi2);
  EXPECT_FALSE(features.fast_pext);
  EXPECT_EQ(features.l1d_bytes, 32U * 1024);
  EXPECT_EQ(features.l1d_threads, 2U);
}

TEST_F(Cpu, AmdFromZen3HasFastPext) {
  set_vendor("AuthenticAMD");
  set_bmi2();
  fake[{1, 0}] = {0x00a00f11, 0, 0, 0};  // Zen 3: family 19h
  EXPECT_TRUE(read_cpu_features(read_fake).fast_pext);
}

TEST_F(Cpu, HygonHasSlowPext) {
  set_vendor("HygonGenuine");
  set_bmi2();
  fake[{1, 0}] = {0x00900f01, 0, 0, 0};
  EXPECT_FALSE(read_cpu_features(read_fake).fast_pext);
}

TEST_F(Cpu, FastPextNeedsBmi2) {
  set_vendor("GenuineIntel");
  fake[{1, 0}] = {0x000306a9, 0, 0, 0};
  const CpuFeatures features = read_cpu_features(read_fake);
  EXPECT_FALSE(features.bmi2);
  EXPECT_FALSE(features.fast_pext);
}

#if defined(__x86_64__)
TEST_F(Cpu, ThisMachineAgreesWithTheCompilersReader) {
  EXPECT_EQ(this_cpu().bmi2, __builtin_cpu_supports("bmi2") != 0);
}
#endif

}  // namespace
}  // namespace lanecrypt
