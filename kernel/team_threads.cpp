// OMP_STACKSIZE, OMP_PLACES and their relatives. See the header.
#include "team_threads.hpp"

#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

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

bool try_place(int place) noexcept {
  constexpr std::size_t processors_max = 8192;  // of Linux
  const auto count = static_cast<std::size_t>(std::max(0, omp_get_place_num_procs(place)));
  const std::unique_ptr<int[]> ids(new (std::nothrow) int[count]);
  if (ids == nullptr) return false;
  omp_get_place_proc_ids(place, ids.get());
  cpu_set_t processors[processors_max / CPU_SETSIZE];
  CPU_ZERO_S(sizeof processors, processors);
  for (std::size_t i = 0; i < count; ++i) CPU_SET_S(static_cast<std::size_t>(ids[i]), sizeof processors, processors);
  return sched_setaffinity(0, sizeof processors, processors) == 0;
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

bool team_is_bound() noexcept { return omp_get_proc_bind() != omp_proc_bind_false && omp_get_num_places() > 0; }

bool try_places() noexcept {
  for (int place = 0; place < omp_get_num_places(); ++place) {
    if (!try_place(place)) return false;
  }
  return true;
}

}  // namespace lanecrypt
