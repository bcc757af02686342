// Random jobs. See the header.
#include "random_jobs.hpp"

#include <cstdio>
#include <cstdlib>

#include "radix64.hpp"

namespace lanecrypt::test {

// NOLINTNEXTLINE(bugprone-random-generator-seed): seeded below
Random::Random(const char* test, std::uint64_t shard) {
  const char* const fixed = std::getenv("LANECRYPT_TEST_SEED");
  const std::uint64_t seed = fixed != nullptr ? std::strtoull(fixed, nullptr, 10) : std::random_device{}();
  std::printf("%s: LANECRYPT_TEST_SEED=%llu\n", test, static_cast<unsigned long long>(seed));
  engine_.seed(seed + shard);
}

std::string Random::bytes(std::size_t size, unsigned low, unsigned high) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(low + below(high - low + 1)));
  return text;
}

RandomJob random_job(Random& random, unsigned cost_low, unsigned cost_high) {
  const std::size_t size = random.below(8) == 0 ? 73 + random.below(250) : random.below(73);
  RandomJob job;
  switch (random.below(3)) {
    case 0:
      job.password = random.bytes(size, 1, 255);
      break;
    case 1:
      job.password = random.bytes(size, 32, 126);
      break;
    default:
      job.password = random.bytes(size, 253, 255);
      break;
  }
  const unsigned cost =
      cost_low + (random.below(8) == 0 ? static_cast<unsigned>(random.below(cost_high - cost_low + 1)) : 0);
  char head[8];
  std::snprintf(head, sizeof head, "$2%c$%02u$", "abxy"[random.below(4)], cost);
  job.setting = head;
  for (int i = 0; i < 22; ++i) job.setting.push_back(radix64_alphabet[random.below(64)]);
  return job;
}

}  // namespace lanecrypt::test
