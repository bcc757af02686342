/* start FILE PROGRAM [ARGUMENT...]: writes the time into FILE and becomes PROGRAM. The time is the wall clock's, in
 * nanoseconds, taken just before. So the bench knows when a function was started that the emulator starts. With
 * RUNTIME_API in the environment, that is where the function finds the Runtime API. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 3) {
    fputs("usage: start FILE PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  const char* api = getenv("RUNTIME_API");
  if (api != NULL && setenv("AWS_LAMBDA_RUNTIME_API", api, 1) != 0) return 1;
  const int file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (dprintf(file, "%lld", now.tv_sec * 1000000000LL + now.tv_nsec) < 0) return 1;
  execv(argv[2], argv + 2);
  perror(argv[2]);
  return 127;
}
