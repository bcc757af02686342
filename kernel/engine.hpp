// What an engine is: one row of the table in engine_table.cpp. To add one, write engine_NAME.cpp, declare its row
// below, put the row into the table where its speed says, and the tests of tests/kernel run it with all the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "job.hpp"

namespace lanecrypt {

struct CpuFeatures;

inline constexpr std::size_t lanes_max = 16;  // room in tables; no engine is wider

// A group is 1..lanes jobs of the same cost that advance in lockstep. All state of a group is in scratch, which is
// aligned to scratch_alignment and belongs to one thread. No step allocates, throws, does I/O or keeps anything
// elsewhere.
struct Engine {
  const char* name;
  unsigned lanes;             // the widest group
  std::size_t scratch_bytes;  // per thread
  std::size_t lane_bytes;     // of the L1 data cache that a lane keeps busy; 0: the cache does not bound its width
  bool divisible;             // false: advance does all iterations in one call, so nothing can stop a group half way
  bool takes_nul;             // false: jobs whose password holds a NUL byte are declined
  unsigned cheapest_cost;     // 0, or 4 where the costs below 04 of the self-test are refused

  bool (*usable)(const CpuFeatures& cpu) noexcept;
  void (*begin)(void* scratch, std::span<const Job> group) noexcept;
  void (*advance)(void* scratch, unsigned lanes, std::uint64_t iterations) noexcept;
  bool (*finish)(void* scratch, std::span<const Job> group) noexcept;  // false: no hash could be made, none is written

  // [w]: time of a group of w lanes over the time of one lane alone. The planner's model; [0] is 0.
  std::array<double, lanes_max + 1> relative_time;
};

// The times of widths up to a widest one: what the planner is given.
constexpr std::span<const double> width_times(const Engine& engine, unsigned widest) noexcept {
  return {engine.relative_time.data(), widest + 1U};
}

inline constexpr std::size_t scratch_alignment = 64;

extern const Engine x86_64_bmi2_engine;  // these two in builds for x86-64
extern const Engine x86_64_engine;
extern const Engine portable_engine;
extern const Engine libcrypt_engine;

// The table, best engine first. It has libcrypt where LANECRYPT_WITH_LIBCRYPT is 1: in tests, bench and system builds.
std::span<const Engine* const> engine_table() noexcept;

}  // namespace lanecrypt
