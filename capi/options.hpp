// The caller's options, checked and with their defaults filled in. Every entry point begins here.
#pragma once

#include <optional>
#include <string_view>

#include "control.hpp"
#include "lanecrypt/lanecrypt.h"
#include "self_test.hpp"
#include "thread_budget.hpp"

namespace lanecrypt::capi {

struct Options {
  std::string_view engine_name;  // empty: any
  EngineChoice choice;
  unsigned cost = LANECRYPT_COST_DEFAULT;
  unsigned max_cost = LANECRYPT_MAX_COST_DEFAULT;
  unsigned upgrade_cost = 0;
  unsigned threads = 0;  // 0: the budget
  char variant = 'b';
  bool truncate = false;
  bool equal_time = false;
  Control::Wishes wishes;
};

// 'a', 'b' or 'y' of a prefix for new hashes; NULL is 'b'. None for anything else: 2x is never generated.
std::optional<char> new_variant(const char* prefix) noexcept;

// NULL options are the defaults. Chooses the engine; its self-test comes with the first batch.
lanecrypt_status read_options(const lanecrypt_options* from, Options& to) noexcept;

// The thread budget of this process, read anew.
ThreadBudget this_thread_budget() noexcept;

// options.threads, or the budget of the process where it is 0.
unsigned thread_count(const Options& options) noexcept;

constexpr lanecrypt_status to_abi(Status status) noexcept { return static_cast<lanecrypt_status>(status); }

}  // namespace lanecrypt::capi
