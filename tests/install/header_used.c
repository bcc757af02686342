/* header_used.c: uses every function, type, enumerator and macro of lanecrypt.h, in the common subset of C99 and C++11.
 * It is compiled and not run; header.sh checks that no name of the header is missing here. */
#include <lanecrypt/lanecrypt.h>

int use_hashing(lanecrypt_hash_job* jobs, size_t count);
int use_verifying(lanecrypt_verify_job* jobs, size_t count);
int use_one_password(void);
int use_key_derivation(void);
int use_text(void);
int use_machine(void);
int use_constants(int32_t status);

static int go_on(void* context, size_t done, size_t total) {
  (void)context;
  return done > total;
}

int use_hashing(lanecrypt_hash_job* jobs, size_t count) {
  static const volatile int32_t cancel = 0;
  lanecrypt_progress progress = go_on;
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  options.cost = LANECRYPT_COST_DEFAULT;
  options.max_cost = LANECRYPT_MAX_COST_DEFAULT;
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  options.cancel = &cancel;
  options.progress = progress;
  const lanecrypt_status ran = lanecrypt_hash_batch(jobs, count, sizeof jobs[0], &options, &report);
  return ran == LANECRYPT_OK && report.groups_of_width[LANECRYPT_LANES_MAX] == 0;
}

int use_verifying(lanecrypt_verify_job* jobs, size_t count) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.long_passwords = LANECRYPT_LONG_REFUSE;
  return lanecrypt_verify_batch(jobs, count, sizeof jobs[0], &options, NULL) == LANECRYPT_OK;
}

int use_one_password(void) {
  char setting[LANECRYPT_SETTING_SIZE];
  char hash[LANECRYPT_HASH_SIZE];
  if (lanecrypt_gensalt(LANECRYPT_COST_MIN, "2b", setting) != LANECRYPT_OK) return 0;
  if (lanecrypt_hash("", 0, setting, LANECRYPT_SETTING_LENGTH, NULL, hash) != LANECRYPT_OK) return 0;
  return lanecrypt_verify("", 0, hash, LANECRYPT_HASH_LENGTH, NULL) == LANECRYPT_OK;
}

int use_key_derivation(void) {
  static const uint8_t digests[3][LANECRYPT_PBKDF_DIGEST_SIZE] = {{0}, {1}, {2}};
  uint8_t blocks[2][LANECRYPT_PBKDF_BLOCK_SIZE];
  return lanecrypt_pbkdf_hash(digests[0], digests[1], 2, blocks[0]) == LANECRYPT_OK;
}

int use_text(void) {
  lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
  int needs = 0;
  const lanecrypt_status status = lanecrypt_parse_hash("", 0, &info);
  const char* const text = lanecrypt_status_text(status); /* a status goes into it as it is */
  if (lanecrypt_needs_rehash("", 0, LANECRYPT_COST_MAX, NULL, &needs) != LANECRYPT_INVALID_HASH) return 0;
  return text != NULL && lanecrypt_version() != NULL;
}

int use_machine(void) {
  uint32_t widths[LANECRYPT_PASSWORD_MAX];
  lanecrypt_engine_info engine = LANECRYPT_ENGINE_INFO_INIT;
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  if (lanecrypt_engine_count() == 0 || lanecrypt_engine(0, &engine) != LANECRYPT_OK) return 0;
  if (engine.state == LANECRYPT_ENGINE_CPU_LACKS || engine.state == LANECRYPT_ENGINE_FAILED_TEST) return 0;
  if (lanecrypt_threads(&budget) != LANECRYPT_OK || lanecrypt_plan(9, NULL, widths, 72, &plan) != LANECRYPT_OK)
    return 0;
  if (plan.width_limit == 0 || plan.width_reason == NULL || plan.l1d_threads == 0) return plan.l1d_bytes == 0;
  return engine.state == LANECRYPT_ENGINE_READY;
}

int use_constants(int32_t status) {
  switch (status) {
    case LANECRYPT_OK:
    case LANECRYPT_MISMATCH:
    case LANECRYPT_PASSWORD_TOO_LONG:
    case LANECRYPT_INVALID_SETTING:
    case LANECRYPT_INVALID_HASH:
    case LANECRYPT_COST_TOO_HIGH:
    case LANECRYPT_DEADLINE:
    case LANECRYPT_CANCELLED:
    case LANECRYPT_INVALID_ARGUMENT:
    case LANECRYPT_UNSUPPORTED:
    case LANECRYPT_BUSY:
    case LANECRYPT_OUT_OF_MEMORY:
    case LANECRYPT_NO_ENTROPY:
    case LANECRYPT_INTERNAL:
      return lanecrypt_status_name(status) != NULL;
    default:
      return 0;
  }
}
