/* verify.c: checks many login attempts at once. Reads the stored hashes (lines of the form ID<TAB>HASH, as hash.c
 * prints them) from a file and attempts (ID<TAB>PASSWORD) from standard input. Prints ID<TAB>ok or ID<TAB>mismatch, and
 * a third column with a new hash where the stored one is to be replaced.
 *
 *     verify stored.tsv < attempts.tsv          answers only
 *     verify stored.tsv 12 < attempts.tsv       and a new hash wherever a password matches one of a cost below 12
 *
 * A stored hash can only be made stronger while the password is at hand: in a login that succeeds. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include <lanecrypt/lanecrypt.h>
#include <stdlib.h>

#include "tab_lines.h"

enum { most_users = 1000, most_attempts = 512 };

static struct tab_line users[most_users];
static size_t user_count;
static struct tab_line attempts[most_attempts];
static lanecrypt_verify_job jobs[most_attempts];
static char input_buffer[4096];

/* Reads lines until the input ends. Returns 0 after a message: this example has room for most lines and no more. */
static int read_all(FILE* input, struct tab_line* lines, size_t most, size_t* count) {
  int got = 0;
  for (*count = 0; *count < most && (got = read_tab_line(input, &lines[*count])) == 1; ++*count) continue;
  if (got != 0) fputs("verify: too many lines, or one that is too long or has no tab\n", stderr);
  return got == 0;
}

static const struct tab_line* find_user(const char* id) {
  for (size_t i = 0; i < user_count; ++i) {
    if (strcmp(users[i].text, id) == 0) return &users[i];
  }
  return NULL;
}

/* The cost that a dummy for unknown users must have, so that the time of an answer does not tell who has an account:
 * the one that most stored hashes have. This example takes the highest. */
static uint32_t usual_cost(void) {
  uint32_t cost = 0;
  for (size_t i = 0; i < user_count; ++i) {
    lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
    if (lanecrypt_parse_hash(users[i].rest, users[i].rest_length, &info) != LANECRYPT_OK) continue;
    if (info.cost > cost && info.cost <= LANECRYPT_MAX_COST_DEFAULT) cost = info.cost;
  }
  return cost;
}

static void prepare(lanecrypt_verify_job* job, const struct tab_line* attempt) {
  const struct tab_line* user = find_user(attempt->text);
  job->password = attempt->rest;
  job->password_length = attempt->rest_length;
  if (user != NULL) { /* else hash stays NULL: the unknown user, who costs as much time and never matches */
    job->hash = user->rest;
    job->hash_length = user->rest_length;
  }
}

static void print_answer(const char* id, const lanecrypt_verify_job* job) {
  printf("%s\t%s", id, lanecrypt_status_name(job->status));
  if (job->new_hash[0] != '\0') printf("\t%s", job->new_hash); /* whoever stores hashes replaces the old one now */
  if (job->upgrade_status != LANECRYPT_OK) printf("\t%s", lanecrypt_status_name(job->upgrade_status));
  putchar('\n');
}

static int verify_attempts(uint32_t upgrade_cost) {
  size_t count;
  if (!read_all(stdin, attempts, most_attempts, &count)) return 0;
  for (size_t i = 0; i < count; ++i) prepare(&jobs[i], &attempts[i]);

  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.cost = usual_cost();
  options.upgrade_cost = upgrade_cost;
  const lanecrypt_status ran = lanecrypt_verify_batch(jobs, count, sizeof jobs[0], &options, NULL);
  if (ran != LANECRYPT_OK) {
    fprintf(stderr, "verify: %s\n", lanecrypt_status_text(ran));
    return 0;
  }
  for (size_t i = 0; i < count; ++i) print_answer(attempts[i].text, &jobs[i]);
  return fflush(stdout) == 0;
}

int main(int argc, char** argv) {
  const unsigned long upgrade_cost = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
  FILE* stored = argc > 1 && upgrade_cost <= LANECRYPT_COST_MAX ? fopen(argv[1], "r") : NULL;
  if (stored == NULL) {
    fputs("usage: verify STORED_HASHES [UPGRADE_COST] < ATTEMPTS\n", stderr);
    return EXIT_FAILURE;
  }
  const int loaded = read_all(stored, users, most_users, &user_count);
  fclose(stored);

  setvbuf(stdin, input_buffer, _IOFBF, sizeof input_buffer); /* a buffer that we can wipe */
  const int verified = loaded && verify_attempts((uint32_t)upgrade_cost);
  explicit_bzero(attempts, sizeof attempts);
  explicit_bzero(input_buffer, sizeof input_buffer);
  return verified ? EXIT_SUCCESS : EXIT_FAILURE;
}
