// The assembly functions by themselves, without bcrypt around them: each lane of each width against plain Blowfish, in
// memory that ends where the schedules and blocks end.
#include <algorithm>
#include <cstddef>

#include "cpu.hpp"
#include "engine.hpp"
#include "x86_64_functions.hpp"

namespace lanecrypt::test {
namespace {

constexpr int tries = 3;

class X86_64Blowfish : public AssemblyWidth {
 protected:
  X86_64Blowfish() : random_("X86_64Blowfish", std::get<0>(GetParam()) * 100 + width()) {}

  // A key of its own for every lane; in one try of three, one whose sums carry wherever they can.
  std::vector<PlainBlowfish> keys(int attempt) {
    std::vector<PlainBlowfish> keys;
    for (unsigned l = 0; l < width(); ++l) {
      keys.push_back(PlainBlowfish::random(random_));
      if (attempt != 1) continue;
      for (auto& box : keys.back().s) {
        for (std::uint32_t& word : box) word |= 0xffffff00;
      }
    }
    return keys;
  }

  Random random_;
};

constexpr Flush both_flushes[] = {Flush::with_page_before, Flush::with_page_behind};

// Whether a lane's schedule is as expected, word by word.
void expect_same(const PlainBlowfish& got, const PlainBlowfish& expected, unsigned lane) {
  for (unsigned i = 0; i < p_words; ++i) ASSERT_EQ(got.p[i], expected.p[i]) << "lane " << lane << " P " << i;
  for (unsigned box = 0; box < s_boxes; ++box) {
    for (unsigned i = 0; i < s_words; ++i) {
      ASSERT_EQ(got.s[box][i], expected.s[box][i]) << "lane " << lane << " S" << box << " " << i;
    }
  }
}

TEST_P(X86_64Blowfish, ExpandsEveryLane) {
  for (const Flush flush : both_flushes) {
    for (int attempt = 0; attempt < tries; ++attempt) {
      std::vector<PlainBlowfish> expected = keys(attempt);
      Schedules schedules(width(), flush);
      for (unsigned l = 0; l < width(); ++l) schedules.put(l, expected[l], {1, 2});
      call_expand(functions().expand, schedules, random_);
      for (unsigned l = 0; l < width(); ++l) {
        expected[l].expand();
        expect_same(schedules.get(l), expected[l], l);
      }
      EXPECT_TRUE(schedules.bytes().surroundings_unchanged());
    }
  }
}

TEST_P(X86_64Blowfish, ExpandsEveryLaneWithItsSalt) {
  for (const Flush flush : both_flushes) {
    for (int attempt = 0; attempt < tries; ++attempt) {
      std::vector<PlainBlowfish> expected = keys(attempt);
      Schedules schedules(width(), flush);
      std::vector<std::array<WordPair, 2>> salts;
      for (unsigned l = 0; l < width(); ++l) {
        salts.push_back({random_.below(~std::uint64_t{0}), random_.below(~std::uint64_t{0})});
        schedules.put(l, expected[l], salts[l]);
      }
      call_expand(functions().expand_salted, schedules, random_);
      for (unsigned l = 0; l < width(); ++l) {
        expected[l].expand(salts[l]);
        expect_same(schedules.get(l), expected[l], l);
      }
      EXPECT_TRUE(schedules.bytes().surroundings_unchanged());
    }
  }
}

TEST_P(X86_64Blowfish, EncryptsEveryLane) {
  for (const Flush flush : both_flushes) {
    for (int attempt = 0; attempt < tries; ++attempt) {
      const std::vector<PlainBlowfish> plain = keys(attempt);
      Schedules schedules(width(), flush);
      for (unsigned l = 0; l < width(); ++l) schedules.put(l, plain[l]);
      const std::vector<unsigned char> before = schedules.lasting_bytes();
      std::vector<std::uint32_t> all_times{1, 2, 3, 64};
      if (attempt == 0) all_times.insert(all_times.end(), {257, 65537});  // it counts in 32 bits
      for (const std::uint32_t times : all_times) {
        const GuardedBytes memory(width() * sizeof(WordPair), flush);
        auto* const blocks = reinterpret_cast<WordPair*>(memory.data());
        std::vector<WordPair> expected(width());
        for (unsigned l = 0; l < width(); ++l) {
          blocks[l] = random_.below(~std::uint64_t{0});
          expected[l] = blocks[l];
          for (std::uint32_t i = 0; i < times; ++i) expected[l] = plain[l].encrypt(expected[l]);
        }
        call_encrypt(functions(), schedules, blocks, times, random_);
        for (unsigned l = 0; l < width(); ++l) ASSERT_EQ(blocks[l], expected[l]) << "lane " << l << " times " << times;
        EXPECT_TRUE(memory.surroundings_unchanged());
      }
      EXPECT_EQ(schedules.lasting_bytes(), before);
      EXPECT_TRUE(schedules.bytes().surroundings_unchanged());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, X86_64Blowfish, every_assembly_width(), assembly_width_name);

// The same layout as the engines', and the paper's cipher: its first test vector, with a key of eight zeros.
TEST(X86_64Schedules, AreLaneSchedulesOfTheCipher) {
  PlainBlowfish key;
  for (unsigned i = 0; i < p_words; ++i) key.p[i] = blowfish_pi.p[i];
  for (unsigned box = 0; box < s_boxes; ++box) std::copy_n(blowfish_pi.s[box].begin(), s_words, key.s[box]);
  key.expand();
  EXPECT_EQ(key.encrypt(0), pair_of(0x4ef99745, 0x6198dd78));

  constexpr unsigned width = 3;
  Schedules schedules(width, Flush::with_page_before);
  for (unsigned l = 0; l < width; ++l) schedules.put(l, key, {3, 4});
  const auto& engines = *static_cast<const LaneSchedules<width>*>(schedules.data());
  EXPECT_EQ(engines.s[2][3][255], key.s[3][255]);
  EXPECT_EQ(engines.p[7][1], pair_of(key.p[14], key.p[15]));
  EXPECT_EQ(engines.p[8][2], pair_of(key.p[17], key.p[16]));
  EXPECT_EQ(engines.salt[1][2], WordPair{4});
  EXPECT_EQ(schedules.size(), offsetof(LaneSchedules<width>, copy) + sizeof engines.copy);
  EXPECT_EQ(schedules.lasting_bytes().size(), offsetof(LaneSchedules<width>, copy));
}

TEST(X86_64Engines, WhichCpuCanRunThem) {
  const CpuFeatures old;
  const CpuFeatures slow{.bmi2 = true};
  const CpuFeatures fast{.bmi2 = true, .fast_pext = true};
  EXPECT_FALSE(x86_64_bmi2_engine.usable(old));
  EXPECT_FALSE(x86_64_bmi2_engine.usable(slow));
  EXPECT_TRUE(x86_64_bmi2_engine.usable(fast));
  for (const CpuFeatures& cpu : {old, slow, fast}) EXPECT_TRUE(x86_64_engine.usable(cpu));
}

}  // namespace
}  // namespace lanecrypt::test
