// Random jobs: every engine against the system's crypt_r, and passwords with NULs against one lane of `portable`.
#include <gtest/gtest.h>

#include <algorithm>

#include "engines.hpp"
#include "random_jobs.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::size_t shards = 4;
constexpr std::size_t jobs_per_shard = LANECRYPT_SANITIZED ? 100 : 5000;  // 20,000 in all

struct Expected {
  Item item;
  std::string hash;
};

// Jobs of two costs, sorted so that neighbours can share a group.
std::vector<Expected> judged_jobs(Random& random, std::size_t count) {
  std::vector<Expected> jobs;
  for (std::size_t i = 0; i < count; ++i) {
    const RandomJob job = random_job(random, 4, 5);
    jobs.push_back({{job.password.substr(0, 72), job.setting}, libcrypt_hash(job.password, job.setting)});
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const Expected& a, const Expected& b) {
    return a.item.setting.substr(4, 2) < b.item.setting.substr(4, 2);
  });
  return jobs;
}

// How many jobs from `first` on have one cost, at most `most`.
std::size_t same_cost(const std::vector<Expected>& jobs, std::size_t first, std::size_t most) {
  std::size_t count = 1;
  while (count < most && first + count < jobs.size() &&
         jobs[first + count].item.setting.substr(4, 2) == jobs[first].item.setting.substr(4, 2)) {
    ++count;
  }
  return count;
}

void compare(const Engine& engine, const std::vector<Expected>& jobs, Random& random) {
  const Scratch scratch(engine);
  for (std::size_t first = 0; first < jobs.size();) {
    const std::size_t width = same_cost(jobs, first, 1 + random.below(engine.lanes));
    std::vector<Item> items;
    for (std::size_t l = 0; l < width; ++l) items.push_back(jobs[first + l].item);
    const std::vector<std::string> hashes = hash_group(engine, scratch.memory, items);
    for (std::size_t l = 0; l < width; ++l) {
      ASSERT_EQ(hashes[l], jobs[first + l].hash) << engine.name << " lane " << l << " of " << width << " password of "
                                                 << items[l].password.size() << " bytes, " << items[l].setting;
    }
    first += width;
  }
}

class Differential : public testing::TestWithParam<std::size_t> {};

TEST_P(Differential, RandomJobsAgreeWithLibcrypt) {
  Random random("Differential", GetParam());
  const std::vector<Expected> jobs = judged_jobs(random, jobs_per_shard);
  for (const Engine* engine : engines_here()) compare(*engine, jobs, random);
}

INSTANTIATE_TEST_SUITE_P(Shards, Differential, testing::Range<std::size_t>(0, shards));

TEST(DifferentialNul, PasswordsWithNulsAgreeWithOneLaneOfPortable) {
  Random random("DifferentialNul");
  const Scratch one(portable_engine);
  std::vector<Expected> jobs;
  for (std::size_t i = 0; i < (LANECRYPT_SANITIZED ? 50U : 1000U); ++i) {
    Item item{random.bytes(1 + random.below(72), 0, 3), random_job(random, 4, 4).setting};
    item.password[random.below(item.password.size())] = '\0';
    const std::string hash = hash_group(portable_engine, one.memory, {&item, 1})[0];
    jobs.push_back({item, hash});
  }
  for (const Engine* engine : engines_here()) {
    if (engine->takes_nul) compare(*engine, jobs, random);
  }
}

TEST(DifferentialNul, ATrailingNulRepeatsThePassword) {
  // bcrypt repeats the password with one NUL between: "a" and "a\0a" are the same key.
  const Scratch scratch(portable_engine);
  const std::string setting = "$2b$04$abcdefghijklmnopqrstuu";
  const std::vector<Item> items{{"a", setting}, {std::string("a\0a", 3), setting}, {std::string("a\0b", 3), setting}};
  const std::vector<std::string> hashes = hash_group(portable_engine, scratch.memory, items);
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[0], hashes[2]);
}

}  // namespace
}  // namespace lanecrypt::test
