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

// Hashes known answers in every width of the engine: as many lanes as there are, each with its own password and salt.
// right, wrong, or unknown where there was no memory for a try.
Verdict self_test(const Engine& engine) noexcept;

// The verdict on an engine of the table on this machine. It is found once in a process and remembered; two threads that
// ask for the first time at once may both find it, so there is no lock that a fork could leave held.
Verdict engine_verdict(const Engine& engine) noexcept;

struct EngineChoice {
  const Engine* engine = nullptr;  // nullptr: status says why
  Status status = Status::ok;      // unsupported: no such name, or it cannot run here; internal: no engine is right;
                                   // out_of_memory: one could not be tried
  std::uint32_t failed = 0;        // engines before it in the table that failed their self-test
};

// The first right engine of the table, or the one of that name and no other.
EngineChoice choose_engine(std::string_view name) noexcept;  // empty: any

}  // namespace lanecrypt
