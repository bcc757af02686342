/* consumer.c: a user's program, small, that compiles as C and as C++ and tells whether header and library go together.
 * Twenty jobs on two threads, so that OpenMP's run time is there and works. */
#include <lanecrypt/lanecrypt.h>
#include <stdio.h>

enum { count = 20 };

static int hash_and_verify(void) {
  static lanecrypt_hash_job hashes[count];
  static lanecrypt_verify_job checks[count];
  static const char password[] = "correct horse";
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  lanecrypt_report hashed = LANECRYPT_REPORT_INIT;
  lanecrypt_report verified = LANECRYPT_REPORT_INIT;
  options.cost = 4;
  options.threads = 2;
  for (size_t i = 0; i < count; ++i) {
    hashes[i].password = password;
    hashes[i].password_length = sizeof password - 1;
  }
  if (lanecrypt_hash_batch(hashes, count, sizeof hashes[0], &options, &hashed) != LANECRYPT_OK) return 1;
  for (size_t i = 0; i < count; ++i) {
    checks[i].password = password;
    checks[i].password_length = sizeof password - 1;
    checks[i].hash = hashes[i].hash;
    checks[i].hash_length = LANECRYPT_HASH_LENGTH;
  }
  if (lanecrypt_verify_batch(checks, count, sizeof checks[0], &options, &verified) != LANECRYPT_OK) return 1;
  printf("batch: %lu hashed, %lu verified\n", (unsigned long)hashed.succeeded, (unsigned long)verified.succeeded);
  return 0;
}

int main(void) {
  static const char setting[] = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.";
  char hash[LANECRYPT_HASH_SIZE];
  if (lanecrypt_hash("U*U", 3, setting, sizeof setting - 1, NULL, hash) != LANECRYPT_OK) return 1;
  printf("version %s\nhash %s\n", lanecrypt_version(), hash);
  return hash_and_verify();
}
