// Known answers before first use, and the choice of an engine that stands on them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cpu.hpp"
#include "engine.hpp"
#include "status.hpp"

namespace lanecrypt {

// Hashes known answers in every width of the engine, each answer in every lane. True: all right. Allocates scratch for
// one group; out of memory counts as a failure, for an engine that could not be tried is not to be trusted.
bool self_test(const Engine& engine) noexcept;

enum class EngineState : std::uint8_t { ready, cpu_lacks, failed_test };

// The state of an engine of the table on this machine. The self-test runs once in a process and is remembered; two
// threads that ask for the first time at once may both run it, so there is no lock that a fork could leave held.
EngineState engine_state(const Engine& engine) noexcept;

struct EngineChoice {
  const Engine* engine = nullptr;  // nullptr: status says why
  Status status = Status::ok;      // unsupported: no such name, or it cannot run here; internal: no engine is ready
  std::uint32_t failed = 0;        // engines before it in the table that failed their self-test
};

// The first ready engine of the table, or the one of that name and no other.
EngineChoice choose_engine(std::string_view name) noexcept;  // empty: any

}  // namespace lanecrypt
