// Features from CPUID, with the registers of other machines. Values follow the vendors' manuals named in cpu.hpp.
#include "cpu.hpp"

#include <gtest/gtest.h>

#include "fake_cpuid.hpp"

namespace lanecrypt {
namespace {

using test::fake_cpuid;
using test::read_fake;
using test::set_amd_threads;
using test::set_intel_threads;
using test::set_l1d;
using test::set_vendor;

void set_bmi2() { fake_cpuid[{7, 0}] = {0, 1 << 8, 0, 0}; }

class Cpu : public testing::Test {
 protected:
  Cpu() { fake_cpuid.clear(); }
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
  fake_cpuid[{1, 0}] = {0x000806f8, 0, 0, 0};
  set_bmi2();
  fake_cpuid[{4, 0}] = {2 | 1 << 5, 7U << 22 | 63, 63, 0};  // the instruction cache comes first
  set_l1d(4, 1, 12, 64, 2);
  const CpuFeatures features = read_cpu_features(read_fake);
  EXPECT_TRUE(features.bmi2);
  EXPECT_TRUE(features.fast_pext);
  EXPECT_EQ(features.l1d_bytes, 48U * 1024);
  EXPECT_EQ(features.l1d_threads, 2U);
}

TEST_F(Cpu, XsaveIsThereWhereTheSystemHasSwitchedItOn) {
  fake_cpuid[{1, 0}] = {0, 0, 1U << 26, 0};  // the processor could
  EXPECT_FALSE(read_cpu_features(read_fake).xsave);
  fake_cpuid[{1, 0}] = {0, 0, 1U << 26 | 1U << 27, 0};
  EXPECT_TRUE(read_cpu_features(read_fake).xsave);
}

TEST_F(Cpu, LevelTwoIsNotTheL1D) {
  set_vendor("GenuineIntel");
  fake_cpuid[{4, 0}] = {3 | 2 << 5, 7U << 22 | 63, 1023, 0};
  EXPECT_EQ(read_cpu_features(read_fake).l1d_bytes, 0U);
}

TEST_F(Cpu, AmdBeforeZen3HasSlowPext) {
  set_vendor("AuthenticAMD");
  set_bmi2();
  fake_cpuid[{1, 0}] = {0x00830f10, 0, 0, 0};  // Zen 2: family 17h
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
  fake_cpuid[{1, 0}] = {0x00a00f11, 0, 0, 0};  // Zen 3: family 19h
  EXPECT_TRUE(read_cpu_features(read_fake).fast_pext);
}

TEST_F(Cpu, HygonHasSlowPext) {
  set_vendor("HygonGenuine");
  set_bmi2();
  fake_cpuid[{1, 0}] = {0x00900f01, 0, 0, 0};
  EXPECT_FALSE(read_cpu_features(read_fake).fast_pext);
}

TEST_F(Cpu, FastPextNeedsBmi2) {
  set_vendor("GenuineIntel");
  fake_cpuid[{1, 0}] = {0x000306a9, 0, 0, 0};
  const CpuFeatures features = read_cpu_features(read_fake);
  EXPECT_FALSE(features.bmi2);
  EXPECT_FALSE(features.fast_pext);
}

TEST_F(Cpu, IntelsCacheIsSharedByTheThreadsOfACoreAndNotByTheirNumbers) {
  set_vendor("GenuineIntel");
  set_l1d(4, 0, 12, 64, 2);
  set_intel_threads(1);
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 1U);
  set_intel_threads(2);
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 2U);
}

TEST_F(Cpu, IntelsThreadsDoNotWidenTheCachesNumber) {
  set_vendor("GenuineIntel");
  set_l1d(4, 0, 12, 64, 1);
  set_intel_threads(2);
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 1U);
}

TEST_F(Cpu, ALevelThatIsNotTheThreadsOfACoreSaysNothing) {
  set_vendor("GenuineIntel");
  set_l1d(4, 0, 12, 64, 2);
  fake_cpuid[{0xb, 0}] = {4, 1, 2 << 8, 0};
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 2U);
}

TEST_F(Cpu, AmdsCacheIsSharedByTheThreadsOfACore) {
  set_vendor("AuthenticAMD");
  set_l1d(0x8000001d, 0, 8, 64, 2);
  set_amd_threads(1);
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 1U);
  set_amd_threads(2);
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 2U);
}

TEST_F(Cpu, AmdWithoutTopologyExtensionsKeepsTheCachesNumber) {
  set_vendor("AuthenticAMD");
  set_l1d(0x8000001d, 0, 8, 64, 2);
  EXPECT_EQ(read_cpu_features(read_fake).l1d_threads, 2U);
}

#if defined(__x86_64__)
TEST_F(Cpu, ThisMachineStaysAsItWasRead) {
  const CpuFeatures first = this_cpu();
  const CpuFeatures again = this_cpu();
  EXPECT_EQ(first.bmi2, again.bmi2);
  EXPECT_EQ(first.fast_pext, again.fast_pext);
  EXPECT_EQ(first.l1d_bytes, again.l1d_bytes);
  EXPECT_EQ(first.l1d_threads, again.l1d_threads);
  EXPECT_GE(again.l1d_threads, 1U);
}

TEST_F(Cpu, ThisMachineAgreesWithTheCompilersReader) {
  EXPECT_EQ(this_cpu().bmi2, __builtin_cpu_supports("bmi2") != 0);
}
#endif

}  // namespace
}  // namespace lanecrypt
