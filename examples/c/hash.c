/* hash.c: hashes many passwords in batches. Reads lines of the form ID<TAB>PASSWORD from standard input and prints
 * ID<TAB>HASH, or ID<TAB>STATUS for a password that could not be hashed, in the same order.
 *
 *     hash < passwords.tsv > stored.tsv           a salt for each, cost 12
 *     hash 10 < passwords.tsv > stored.tsv        cost 10
 *     hash '$2b$05$CCCCCCCCCCCCCCCCCCCCC.' < ...  one setting for all: answers that can be compared, for tests only
 *
 * Passwords come from standard input and never from the command line: every user of a machine can read the arguments of
 * its programs (ps, /proc/PID/cmdline), and shells write them into their history. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include <lanecrypt/lanecrypt.h>
#include <stdlib.h>

#include "tab_lines.h"

/* Some hundred jobs fill every lane of every core, and memory stays bounded however long the input is. */
enum { batch_size = 512 };

static struct tab_line lines[batch_size];
static lanecrypt_hash_job jobs[batch_size];
static char input_buffer[4096];

/* The passwords passed through two places, and both are ours to wipe (the library wipes its own). memset would not do:
 * a compiler may drop it where nothing is read afterwards. */
static void wipe(void) {
  explicit_bzero(lines, sizeof lines);
  explicit_bzero(input_buffer, sizeof input_buffer);
}

static int print_answers(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const int hashed = jobs[i].status == LANECRYPT_OK;
    printf("%s\t%s\n", lines[i].text, hashed ? jobs[i].hash : lanecrypt_status_name(jobs[i].status));
  }
  return fflush(stdout) == 0;
}

/* Reads, hashes and prints up to batch_size lines. Returns how many, or -1 after a message. */
static int hash_some(const char* setting, const lanecrypt_options* options) {
  size_t count = 0;
  int got = 0;
  while (count < batch_size && (got = read_tab_line(stdin, &lines[count])) == 1) {
    const lanecrypt_hash_job job = {
        lines[count].rest, lines[count].rest_length, setting, setting == NULL ? 0 : strlen(setting), 0, 0, {0}};
    jobs[count++] = job;
  }
  if (got == -1) {
    fputs("hash: a line is too long or has no tab\n", stderr); /* and not the line: it holds a password */
    return -1;
  }
  const lanecrypt_status ran = lanecrypt_hash_batch(jobs, count, sizeof jobs[0], options, NULL);
  if (ran != LANECRYPT_OK) {
    fprintf(stderr, "hash: %s\n", lanecrypt_status_text(ran));
    return -1;
  }
  return print_answers(count) ? (int)count : -1;
}

int main(int argc, char** argv) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  const char* setting = NULL;
  if (argc > 1 && argv[1][0] == '$') {
    setting = argv[1];
  } else if (argc > 1) {
    const unsigned long cost = strtoul(argv[1], NULL, 10);
    if (cost < LANECRYPT_COST_MIN || cost > LANECRYPT_COST_MAX) {
      fputs("usage: hash [COST | SETTING] < LINES\n", stderr);
      return EXIT_FAILURE;
    }
    options.cost = (uint32_t)cost;
  }
  setvbuf(stdin, input_buffer, _IOFBF, sizeof input_buffer); /* a buffer that we can wipe */

  int count;
  do {
    count = hash_some(setting, &options);
  } while (count == batch_size);
  wipe();
  return count == -1 ? EXIT_FAILURE : EXIT_SUCCESS;
}
