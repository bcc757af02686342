// Known answers before first use, and the choice of an engine that stands on them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cpu.hpp"
#include "engine.hpp"
#include "status.hpp"

namespace lanecrypt {

struct KnownAnswer {
  std::string_view password;
  std::string_view hash;
};

// What an engine is asked: answers of one cost, no two of them with the same password and salt.
std::span<const KnownAnswer> self_test_answers(const Engine& engine) noexcept;

enum class Verdict : std::uint8_t { unknown, right, wrong, cpu_lacks };

// Widths of an engine: bit w for groups of w lanes.
using Widths = std::uint32_t;
Widths all_widths(const Engine& engine) noexcept;

// Hashes known answers in these widths: as many lanes as there are, each with its own password and salt. Of the widest
// that is asked for, as many groups as make every answer come. right, wrong, or unknown where there was no memory.
Verdict self_test(const Engine& engine, Widths widths) noexcept;

// The verdict on an engine of the table on this machine. Each width is tested before its first use in a process, and
// the widest with the first of them, because all answers fit it; a whole test takes 2 ms, which a cold start can do
// without. What was found is remembered; two threads that ask for the first time at once may both find it, so there is
// no lock that a fork could leave held. An engine that is not of the table is taken as right: tests and benchmarks
// bring such.
Verdict widths_verdict(const Engine& engine, Widths widths) noexcept;

// The same for every width.
Verdict engine_verdict(const Engine& engine) noexcept;

struct EngineChoice {
  const Engine* engine = nullptr;  // nullptr: status says why
  Status status = Status::ok;      // unsupported: no such name, or it cannot run here; internal: none is right
  std::uint32_t failed = 0;        // engines before it in the table that failed their self-test
};

// The first engine of the table that can run here and was not found wrong, or the one of that name and no other. Tests
// nothing: widths_verdict does, when it is known what is used. After a wrong one, ask again.
EngineChoice choose_engine(std::string_view name) noexcept;  // empty: any

}  // namespace lanecrypt
