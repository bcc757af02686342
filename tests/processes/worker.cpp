// lanecrypt_process_worker: a program that uses liblanecrypt.so, for tests that look at it from outside: with few
// processes allowed, in hostile environments, stopped and continued, idle. It reads commands, a line each, and answers
// each with a line; the exit status is 0 only after its input has ended.
//   batch THREADS   hashes and verifies on so many threads; "right THREADS_THAT_COMPUTED" or "wrong"
//   busy THREADS    the same again and again until there is another line; "right BATCHES" or "wrong"
#include <poll.h>
#include <unistd.h>

#include <cstdio>

#include "known_batch.hpp"

namespace {

using namespace lanecrypt::test;

constexpr int wrong_answer = 3;

// A job more for every thread than it needs, so that a planner does without none of them. 0: none is right.
unsigned run_batch(unsigned threads) {
  const KnownBatch batch(lanecrypt_hash_batch, threads + 3);
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  const lanecrypt_options options = on_threads(threads);
  const bool right = batch.known_answer_is_right() && batch.hash(options, &report) == batch.count() &&
                     batch.verify(lanecrypt_verify_batch, options) == batch.count();
  return right ? report.threads : 0;
}

bool answer_batch(unsigned threads) {
  const unsigned computed = run_batch(threads);
  if (computed > 0) std::printf("right %u\n", computed);
  return computed > 0;
}

bool another_line_is_there() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, 0) > 0;
}

bool answer_busy(unsigned threads) {
  const KnownBatch batch(lanecrypt_hash_batch, 16 * threads);
  unsigned batches = 0;
  do {
    if (batch.hash(on_threads(threads)) != batch.count()) return false;
    ++batches;
  } while (!another_line_is_there());
  std::printf("right %u\n", batches);
  return true;
}

}  // namespace

int main() {
  std::setvbuf(stdin, nullptr, _IONBF, 0);  // or poll would not see a line that stdio holds
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  char line[80];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    unsigned threads = 0;
    bool right = false;
    if (std::sscanf(line, "batch %u", &threads) == 1) {
      right = answer_batch(threads);
    } else if (std::sscanf(line, "busy %u", &threads) == 1) {
      right = answer_busy(threads);
    } else {
      std::fprintf(stderr, "lanecrypt_process_worker: no such command: %s", line);
      return 2;
    }
    if (!right) {
      std::puts("wrong");
      return wrong_answer;
    }
  }
  return 0;
}
