// The self-test: passes what is right, finds a single wrong bit. What happens then is in tests/capi/fallback_test.cpp.
#include "self_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "reference_bcrypt.hpp"
#include "vectors.hpp"

namespace lanecrypt {
namespace {

// An engine of ours with one bit flipped in its scratch behind begin: a fault in a table, a register or memory. All of
// ours have the S boxes of the first lane there first.
const Engine* sound = nullptr;
std::size_t flip_byte = 0;
unsigned char flip_bit = 0;

Engine damaged(const Engine& base) {
  sound = &base;
  Engine engine = base;
  engine.begin = [](void* scratch, std::span<const Job> jobs) noexcept {
    sound->begin(scratch, jobs);
    static_cast<unsigned char*>(scratch)[flip_byte] ^= flip_bit;
  };
  return engine;
}

std::vector<const Engine*> own_engines_here() {
  std::vector<const Engine*> engines;
  for (const Engine* engine : engine_table()) {
    if (engine->usable(this_cpu()) && engine->cheapest_cost == 0) engines.push_back(engine);
  }
  return engines;
}

TEST(SelfTest, EveryEngineOfTheTablePasses) {
  for (const Engine* engine : engine_table()) {
    if (!engine->usable(this_cpu())) continue;
    EXPECT_EQ(self_test(*engine, all_widths(*engine)), Verdict::right) << engine->name;
  }
}

// Any word of the two last boxes: they are read thousands of times before the key schedule overwrites them. A word of
// the first box may be overwritten before it was ever read, and then a wrong bit in it changes nothing.
TEST(SelfTest, FindsAWrongBitInAnSBox) {
  constexpr std::size_t box_bytes = std::size_t{256} * 4;
  for (const Engine* engine : own_engines_here()) {
    for (std::size_t word = 0; word < 2 * 256; ++word) {
      flip_byte = 2 * box_bytes + 4 * word + word % 4;
      flip_bit = static_cast<unsigned char>(1U << word / 4 % 8);
      EXPECT_EQ(self_test(damaged(*engine), all_widths(*engine)), Verdict::wrong)
          << engine->name << " byte " << flip_byte << " bit " << int{flip_bit};
    }
  }
}

TEST(SelfTest, FindsExchangedLanes) {
  Engine engine = portable_engine;
  engine.finish = [](void* scratch, std::span<const Job> jobs) noexcept {
    std::array<Job, lanes_max> exchanged;
    std::copy(jobs.begin(), jobs.end(), exchanged.begin());
    if (jobs.size() > 1) std::swap(exchanged[0].hash, exchanged[1].hash);
    return portable_engine.finish(scratch, {exchanged.data(), jobs.size()});
  };
  EXPECT_EQ(self_test(engine, all_widths(engine)), Verdict::wrong);
}

TEST(SelfTest, FindsAnEngineThatIsWrongInOneWidthOnly) {
  for (const Engine* base : own_engines_here()) {
    sound = base;
    for (unsigned width = 1; width <= base->lanes; ++width) {
      static unsigned wrong_width;
      wrong_width = width;
      Engine engine = *base;
      engine.advance = [](void* scratch, unsigned lanes, std::uint64_t iterations) noexcept {
        sound->advance(scratch, lanes, iterations + (lanes == wrong_width));
      };
      EXPECT_EQ(self_test(engine, all_widths(engine)), Verdict::wrong) << base->name << " " << width;
    }
  }
}

// portable with jobs that were changed on their way in.
void (*change_jobs)(std::span<Job> jobs) = nullptr;

Engine with_changed_jobs(void (*change)(std::span<Job> jobs)) {
  change_jobs = change;
  Engine engine = portable_engine;
  engine.begin = [](void* scratch, std::span<const Job> jobs) noexcept {
    std::array<Job, lanes_max> changed;
    std::copy(jobs.begin(), jobs.end(), changed.begin());
    change_jobs({changed.data(), jobs.size()});
    portable_engine.begin(scratch, {changed.data(), jobs.size()});
  };
  return engine;
}

TEST(SelfTest, FindsLanesThatShareASalt) {
  const Engine engine = with_changed_jobs([](std::span<Job> jobs) {
    for (Job& job : jobs) job.setting = Setting::make(job.setting.variant(), cost_min, jobs[0].setting.salt());
  });
  EXPECT_EQ(self_test(engine, all_widths(engine)), Verdict::wrong);
}

TEST(SelfTest, FindsLanesThatShareAPassword) {
  const Engine engine = with_changed_jobs([](std::span<Job> jobs) {
    for (Job& job : jobs) {
      job.password = jobs[0].password;
      job.password_length = jobs[0].password_length;
    }
  });
  EXPECT_EQ(self_test(engine, all_widths(engine)), Verdict::wrong);
}

template <char variant>
void take_for_2b(std::span<Job> jobs) {
  for (Job& job : jobs) {
    if (job.setting.variant() == variant) job.setting = Setting::make('b', cost_min, job.setting.salt());
  }
}

TEST(SelfTest, FindsAMissingSafetyBitAndAMissingSignExtension) {
  EXPECT_EQ(self_test(with_changed_jobs(take_for_2b<'a'>), all_widths(portable_engine)), Verdict::wrong);
  EXPECT_EQ(self_test(with_changed_jobs(take_for_2b<'x'>), all_widths(portable_engine)), Verdict::wrong);
}

TEST(SelfTest, FindsAStepThatDoesOneIterationWhateverItIsAsked) {
  Engine engine = portable_engine;
  engine.advance = [](void* scratch, unsigned lanes, std::uint64_t) noexcept {
    portable_engine.advance(scratch, lanes, 1);
  };
  EXPECT_EQ(self_test(engine, all_widths(engine)), Verdict::wrong);
}

TEST(SelfTest, AnswersAreTheReferencesAndAllDifferent) {
  for (const Engine* engine : engine_table()) {
    std::set<std::string> inputs;
    std::set<char> variants;
    for (const KnownAnswer& answer : self_test_answers(*engine)) {
      const auto setting = Setting::parse_for_self_test(answer.hash.substr(0, setting_length));
      ASSERT_TRUE(setting);
      EXPECT_EQ(test::ReferenceBcrypt::hash(std::string(answer.password), *setting), answer.hash);
      inputs.insert(std::string(answer.password) + std::string(setting->text().substr(7)));
      variants.insert(setting->variant());
    }
    EXPECT_EQ(inputs.size(), self_test_answers(*engine).size());
    EXPECT_EQ(variants, (std::set<char>{'a', 'b', 'x', 'y'}));
  }
}

TEST(SelfTest, TheReferenceIsRight) {
  for (const test::Vector& row : test::computable_vectors(4, LANECRYPT_SANITIZED ? 4 : 5)) {
    const std::string hash = test::ReferenceBcrypt::hash(row.truncated(), *Setting::parse(row.setting));
    ASSERT_EQ(hash == row.hash, !row.must_differ()) << row.id;
  }
}

TEST(SelfTest, FindsAnEngineThatMakesNoHash) {
  Engine engine = portable_engine;
  engine.finish = [](void*, std::span<const Job>) noexcept { return false; };
  EXPECT_EQ(self_test(engine, all_widths(engine)), Verdict::wrong);
}

TEST(ChooseEngine, AnyIsTheFirstOfTheTable) {
  const EngineChoice choice = choose_engine("");
  ASSERT_NE(choice.engine, nullptr);
  EXPECT_EQ(choice.status, Status::ok);
  EXPECT_EQ(choice.failed, 0U);
  for (const Engine* engine : engine_table()) {
    if (engine->usable(this_cpu())) {
      EXPECT_EQ(choice.engine, engine);
      break;
    }
  }
}

TEST(ChooseEngine, EachByItsName) {
  for (const Engine* engine : engine_table()) {
    if (!engine->usable(this_cpu())) continue;
    EXPECT_EQ(choose_engine(engine->name).engine, engine);
  }
}

TEST(ChooseEngine, AnUnknownNameIsUnsupported) {
  for (const char* name : {"portabl", "portablee", "PORTABLE", "avx512", " "}) {
    const EngineChoice choice = choose_engine(name);
    EXPECT_EQ(choice.engine, nullptr) << name;
    EXPECT_EQ(choice.status, Status::unsupported) << name;
  }
}

}  // namespace
}  // namespace lanecrypt
