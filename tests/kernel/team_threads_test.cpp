// What values of OMP_STACKSIZE mean, as OpenMP's specification has it.
#include "team_threads.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

namespace lanecrypt {
namespace {

constexpr std::size_t kilobyte = 1024;

TEST(TeamThreads, NumbersAreKilobytesOrHaveAUnit) {
  EXPECT_EQ(parse_stack_size("64"), 64 * kilobyte);
  EXPECT_EQ(parse_stack_size("64k"), 64 * kilobyte);
  EXPECT_EQ(parse_stack_size(" 64 K "), 64 * kilobyte);
  EXPECT_EQ(parse_stack_size("65536B"), 64 * kilobyte);
  EXPECT_EQ(parse_stack_size("3m"), 3 * kilobyte * kilobyte);
  EXPECT_EQ(parse_stack_size("\t2\tG\t"), 2 * kilobyte * kilobyte * kilobyte);
}

TEST(TeamThreads, WhatIsNoSizeIsNone) {
  for (const char* text : {"", " ", "k", "-1", "+1", "1x", "1kk", "1 k b", "0x10", "banana", "1.5m"}) {
    EXPECT_EQ(parse_stack_size(text), 0U) << text;
  }
}

TEST(TeamThreads, MoreThanThereAreAddressesIsTheMost) {
  EXPECT_EQ(parse_stack_size("99999999999999999999999"), SIZE_MAX);
  EXPECT_EQ(parse_stack_size("18446744073709551615"), SIZE_MAX);
  EXPECT_EQ(parse_stack_size("17179869184g"), SIZE_MAX);
  EXPECT_EQ(parse_stack_size("17179869183G"), std::size_t{17179869183U} << 30);
}

TEST(TeamThreads, TheLargestOfTheVariablesCounts) {
  setenv("GOMP_STACKSIZE", "5M", 1);
  setenv("OMP_STACKSIZE", "64k", 1);
  EXPECT_EQ(team_stack_size(), 5 * kilobyte * kilobyte);
  unsetenv("GOMP_STACKSIZE");
  EXPECT_EQ(team_stack_size(), 64 * kilobyte);
  unsetenv("OMP_STACKSIZE");
  EXPECT_EQ(team_stack_size(), 0U);
}

}  // namespace
}  // namespace lanecrypt
