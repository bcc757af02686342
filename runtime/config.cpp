// Reads three variables, once, before any thread exists.
#include "config.hpp"

#include <lanecrypt/lanecrypt.h>

#include <charconv>
#include <cstdlib>

namespace lanecrypt::runtime {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);  // before any thread exists
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool parse_cost(std::string_view text, std::uint32_t& cost) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < LANECRYPT_COST_MIN || number > LANECRYPT_COST_MAX) return false;
  cost = number;
  return true;
}

}  // namespace

std::optional<HandlerError> config_from_environment(HandlerConfig& config) {
  config.engine = variable("LANECRYPT_ENGINE");
  config.worker_count = variable("WORKER_COUNT");
  const std::string_view max_cost = variable("LANECRYPT_MAX_COST");
  if (!max_cost.empty() && !parse_cost(max_cost, config.max_cost)) {
    return HandlerError{"Runtime", "InvalidMaxCost", "LANECRYPT_MAX_COST must be an integer from 4 to 31"};
  }
  return std::nullopt;
}

}  // namespace lanecrypt::runtime
