// The self-test: passes what is right, finds a single wrong bit. What happens then is in tests/capi/fallback_test.cpp.
#include "self_test.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "random_jobs.hpp"

namespace lanecrypt {
namespace {

// The portable engine with one bit flipped in its scratch behind begin: a fault in a table, a register or memory.
std::size_t flip_byte = 0;
unsigned char flip_bit = 0;

Engine damaged() {
  Engine engine = portable_engine;
  engine.begin = [](void* scratch, std::span<const Job> jobs) noexcept {
    portable_engine.begin(scratch, jobs);
    static_cast<unsigned char*>(scratch)[flip_byte] ^= flip_bit;
  };
  return engine;
}

TEST(SelfTest, EveryEngineOfTheTablePasses) {
  for (const Engine* engine : engine_table()) {
    if (!engine->usable(this_cpu())) continue;
    EXPECT_TRUE(self_test(*engine)) << engine->name;
  }
}

TEST(SelfTest, FindsAWrongBitInAnSBox) {
  test::Random random("SelfTest");
  constexpr std::size_t first_lane_boxes = 4 * 256 * 4;
  for (int i = 0; i < 100; ++i) {
    flip_byte = random.below(first_lane_boxes);
    flip_bit = static_cast<unsigned char>(1U << random.below(8));
    EXPECT_FALSE(self_test(damaged())) << "byte " << flip_byte << " bit " << int{flip_bit};
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
  EXPECT_FALSE(self_test(engine));
}

TEST(SelfTest, FindsAnEngineThatIsWrongInOneWidthOnly) {
  for (unsigned width = 1; width <= portable_engine.lanes; ++width) {
    static unsigned wrong_width;
    wrong_width = width;
    Engine engine = portable_engine;
    engine.advance = [](void* scratch, unsigned lanes, std::uint64_t iterations) noexcept {
      portable_engine.advance(scratch, lanes, iterations + (lanes == wrong_width));
    };
    EXPECT_FALSE(self_test(engine)) << width;
  }
}

TEST(SelfTest, FindsAnEngineThatMakesNoHash) {
  Engine engine = portable_engine;
  engine.finish = [](void*, std::span<const Job>) noexcept { return false; };
  EXPECT_FALSE(self_test(engine));
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
