// Reading of options. See the header.
#include "options.hpp"

#include <algorithm>
#include <cstdlib>

#include "abi_struct.hpp"
#include "setting.hpp"

namespace lanecrypt::capi {
namespace {

constexpr bool in_range(std::uint32_t value, std::uint32_t low, std::uint32_t high) noexcept {
  return value >= low && value <= high;
}

// Ranges of the numbers, with 0 for the default everywhere.
bool valid_numbers(const lanecrypt_options& o) noexcept {
  const std::uint32_t ceiling = o.max_cost == 0 ? LANECRYPT_MAX_COST_DEFAULT : o.max_cost;
  if (!in_range(ceiling, cost_min, cost_max)) return false;
  if (o.cost != 0 && !in_range(o.cost, cost_min, ceiling)) return false;
  if (o.upgrade_cost != 0 && !in_range(o.upgrade_cost, cost_min, ceiling)) return false;
  return o.threads <= threads_max && o.long_passwords <= LANECRYPT_LONG_TRUNCATE && o.equal_time <= 1;
}

}  // namespace

std::optional<char> new_variant(const char* prefix) noexcept {
  if (prefix == nullptr) return 'b';
  const std::string_view text(prefix);
  if (text == "2b" || text == "2a" || text == "2y") return text[1];
  return std::nullopt;
}

lanecrypt_status read_options(const lanecrypt_options* from, Options& to) noexcept {
  lanecrypt_options o = LANECRYPT_OPTIONS_INIT;
  if (from != nullptr) {
    const lanecrypt_status read = read_struct(from, sizeof(lanecrypt_options), o);
    if (read != LANECRYPT_OK) return read;
  }
  const auto variant = new_variant(o.prefix);
  if (!variant || !valid_numbers(o)) return LANECRYPT_INVALID_ARGUMENT;
  if (o.engine != nullptr) to.engine_name = o.engine;
  to.choice = choose_engine(to.engine_name);
  if (to.choice.engine == nullptr) return to_abi(to.choice.status);
  if (o.engine != nullptr && *o.engine == '\0') return LANECRYPT_UNSUPPORTED;  // a name, and no engine has it
  to.variant = *variant;
  if (o.max_cost != 0) to.max_cost = o.max_cost;
  // A ceiling below 12 lowers the default with it: only a cost that was asked for can be too high.
  to.cost = o.cost != 0 ? o.cost : std::min(to.cost, to.max_cost);
  to.upgrade_cost = o.upgrade_cost;
  to.threads = o.threads;
  to.truncate = o.long_passwords == LANECRYPT_LONG_TRUNCATE;
  to.equal_time = o.equal_time != 0;
  to.wishes = {o.deadline_ns, o.cancel, o.progress, o.progress_context};
  return LANECRYPT_OK;
}

ThreadBudget this_thread_budget() noexcept {
  return read_thread_budget({.root = "", .lambda_memory = std::getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")});
}

unsigned thread_count(const Options& options) noexcept {
  return options.threads != 0 ? options.threads : this_thread_budget().threads;
}

}  // namespace lanecrypt::capi
