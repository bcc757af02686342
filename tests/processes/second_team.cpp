// A shared module with OpenMP regions of its own. CMake gives it a copy of libgomp under another name, as wheels have
// theirs, so that two are in a process that loads it beside liblanecrypt.so.
#include <omp.h>

extern "C" {

// Calls work on each of so many threads of a team; the sum of its answers, or -1 if the team was smaller.
[[gnu::visibility("default")]] int second_team(int threads, int (*work)(void*), void* context) {
  int sum = 0;
  int members = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum, members)
  {
    sum += work(context);
    members += 1;
  }
  return members == threads ? sum : -1;
}

// An address in the libgomp that this module uses.
[[gnu::visibility("default")]] const void* second_libgomp() {
  return reinterpret_cast<const void*>(&omp_get_max_threads);
}
}
