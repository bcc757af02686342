// An engine that hashes nothing and counts: for the cost loop's arithmetic, and for deadlines and cancelling without
// clocks.
#pragma once

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <string_view>

#include "engine.hpp"

namespace lanecrypt::test {

// What the fake engine did, and what it does at each advance. Reset by the test that uses it.
struct FakeLog {
  std::atomic<std::uint64_t> advances{0};
  std::atomic<std::uint64_t> iterations{0};
  std::atomic<std::uint64_t> longest{0};
  std::atomic<int> finishes{0};
  bool fails = false;
  std::mutex mutex;
  std::function<void(std::uint64_t advances)> at_advance;

  void reset() {
    advances = 0;
    iterations = 0;
    longest = 0;
    finishes = 0;
    fails = false;
    at_advance = nullptr;
  }
};

inline FakeLog fake_log;

inline constexpr std::size_t fake_scratch_bytes = 256;

inline const Engine fake_engine = {
    .name = "fake",
    .lanes = 4,
    .scratch_bytes = fake_scratch_bytes,
    .lane_bytes = 0,
    .divisible = true,
    .takes_nul = true,
    .cheapest_cost = 0,
    .usable = [](const CpuFeatures&) noexcept { return true; },
    .begin = [](void* scratch, std::span<const Job>) noexcept { std::memset(scratch, 0x5e, fake_scratch_bytes); },
    .advance =
        [](void*, unsigned, std::uint64_t iterations) noexcept {
          fake_log.iterations += iterations;
          for (std::uint64_t seen = fake_log.longest; iterations > seen;) {
            if (fake_log.longest.compare_exchange_weak(seen, iterations)) break;
          }
          // Counted and acted on as one, so that no other thread counts on between a number and what it sets off.
          const std::scoped_lock lock(fake_log.mutex);
          const std::uint64_t advances = ++fake_log.advances;
          if (fake_log.at_advance) fake_log.at_advance(advances);
        },
    .finish =
        [](void*, std::span<const Job> jobs) noexcept {
          ++fake_log.finishes;
          if (fake_log.fails) return false;
          for (const Job& job : jobs) std::memset(job.hash, 'h', hash_length);
          return true;
        },
    .relative_time = {0, 1, 1.1, 1.2, 1.3},
};

}  // namespace lanecrypt::test
