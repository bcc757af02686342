// OMP_STACKSIZE and its relatives. See the header.
#include "team_stack.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace lanecrypt {
namespace {

const char* skip_spaces(const char* text) noexcept {
  while (std::isspace(static_cast<unsigned char>(*text)) != 0) ++text;
  return text;
}

// The bits that a unit shifts a number by; -1: it is no unit.
int unit_shift(char unit) noexcept {
  switch (std::tolower(static_cast<unsigned char>(unit))) {
    case 'b':
      return 0;
    case '\0':
    case 'k':
      return 10;
    case 'm':
      return 20;
    case 'g':
      return 30;
    default:
      return -1;
  }
}

}  // namespace

std::size_t parse_stack_size(const char* text) noexcept {
  text = skip_spaces(text);
  if (std::isdigit(static_cast<unsigned char>(*text)) == 0) return 0;
  char* end = nullptr;
  errno = 0;
  const std::size_t number = std::strtoul(text, &end, 10);
  const char* const unit = skip_spaces(end);
  const int shift = unit_shift(*unit);
  if (shift < 0 || (*unit != '\0' && *skip_spaces(unit + 1) != '\0')) return 0;
  return errno == ERANGE || number > SIZE_MAX >> shift ? SIZE_MAX : number << shift;
}

std::size_t team_stack_size() noexcept {
  std::size_t largest = 0;
  for (const char* name : {"OMP_STACKSIZE", "OMP_STACKSIZE_ALL", "GOMP_STACKSIZE"}) {
    if (const char* const text = std::getenv(name)) largest = std::max(largest, parse_stack_size(text));
  }
  return largest;
}

}  // namespace lanecrypt
