/* progress_cancel.c: one long batch with a progress bar that Ctrl-C can stop. Hashes JOBS made-up passwords
 * ("password-0", "password-1", ...), prints NUMBER<TAB>HASH or NUMBER<TAB>cancelled for each, and on standard error a
 * bar while it runs and what the batch did at its end.
 *
 *     progress_cancel JOBS COST [CANCEL_AFTER]
 *
 * Two ways to cancel: a flag that anybody may set (here a signal handler), and the answer of the progress callback
 * (here non-zero once CANCEL_AFTER jobs are done). Jobs that were finished by then keep their hashes. */
#include <inttypes.h>
#include <lanecrypt/lanecrypt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* What a handler may write is a sig_atomic_t; that it is the int32_t of the library, the compiler checks below. */
static volatile sig_atomic_t cancel = 0;

static void on_interrupt(int signal_number) {
  (void)signal_number;
  cancel = 1;
}

/* Runs on the thread that called the batch. Anything but 0 cancels. done counts every job that has its status, so the
 * bar of a cancelled batch runs full too: there is nothing left to wait for. */
static int show_progress(void* context, size_t done, size_t total) {
  static const char bar[] = "########################################";
  const int width = (int)(sizeof bar - 1);
  const int full = (int)((double)width * (double)done / (double)total);
  const size_t* cancel_after = context;
  fprintf(stderr, "\r[%-*.*s] %zu/%zu%s", width, full, bar, done, total, done == total ? "\n" : "");
  return done >= *cancel_after;
}

static void print_jobs(const lanecrypt_hash_job* jobs, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const int hashed = jobs[i].status == LANECRYPT_OK;
    printf("%zu\t%s\n", i, hashed ? jobs[i].hash : lanecrypt_status_name(jobs[i].status));
  }
}

static void print_report(const lanecrypt_report* report) {
  fprintf(stderr, "engine %s, threads %" PRIu32 ", groups %zu:", report->engine, report->threads, report->groups);
  for (unsigned width = LANECRYPT_LANES_MAX; width > 0; --width) {
    if (report->groups_of_width[width] == 0) continue;
    fprintf(stderr, " %zu of %u lanes", report->groups_of_width[width], width);
  }
  const double seconds = (double)report->elapsed_ns / 1e9;
  fprintf(stderr, "\nfinished %zu, not finished %zu, %.2f s, %.1f hashes/s\n", report->succeeded, report->failed,
          seconds, (double)report->succeeded / seconds);
}

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
  const unsigned long cost = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
  size_t cancel_after = argc > 3 ? strtoul(argv[3], NULL, 10) : SIZE_MAX;
  if (count == 0 || cost < LANECRYPT_COST_MIN || cost > LANECRYPT_COST_MAX) {
    fputs("usage: progress_cancel JOBS COST [CANCEL_AFTER]\n", stderr);
    return EXIT_FAILURE;
  }

  char(*passwords)[32] = calloc(count, sizeof *passwords);
  lanecrypt_hash_job* jobs = calloc(count, sizeof *jobs);
  if (passwords == NULL || jobs == NULL) {
    fputs("progress_cancel: no memory for so many jobs\n", stderr);
    return EXIT_FAILURE;
  }
  for (size_t i = 0; i < count; ++i) {
    jobs[i].password = passwords[i];
    jobs[i].password_length = (size_t)snprintf(passwords[i], sizeof passwords[i], "password-%zu", i);
  }

  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.cost = (uint32_t)cost;
  options.cancel = &cancel;
  options.progress = show_progress;
  options.progress_context = &cancel_after;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;

  signal(SIGINT, on_interrupt);
  const lanecrypt_status ran = lanecrypt_hash_batch(jobs, count, sizeof *jobs, &options, &report);
  signal(SIGINT, SIG_DFL);

  if (ran == LANECRYPT_OK) {
    print_jobs(jobs, count);
    print_report(&report);
  } else {
    fprintf(stderr, "progress_cancel: %s\n", lanecrypt_status_text(ran));
  }
  free(jobs);
  free(passwords);
  return ran == LANECRYPT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
