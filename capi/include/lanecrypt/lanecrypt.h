/* lanecrypt.h: batch bcrypt, hashed and verified on every core with several passwords in flight per core.
 *
 * This is the whole public interface of liblanecrypt. It is C99 and C++, and nothing else is installed.
 *
 * Threads      Every function may be called from any thread at any time. Batches planned for more than one thread are
 *              admitted one after the other in a process; the others wait, and their deadline and cancel flag count
 *              while they wait.
 * Memory       The library keeps no pointer after a call returns and gives none out that must be freed. Text that it
 *              returns (names, sentences) is static. Nothing is written outside the structs and buffers of the caller.
 * Secrets      Key schedules and copies of passwords are wiped before a call returns, on every path. The caller's own
 *              password buffers are read and never written. No error text holds a password or a hash.
 * Errors       A batch call that could run answers LANECRYPT_OK, and each job has a status of its own: one bad job
 *              never fails a batch. A hash field is whole (60 characters and a NUL) or all zero.
 * fork         A child may call everything, whatever the parent's threads were doing at the time of the fork.
 * Not promised bcrypt reads its S boxes at addresses that depend on the password: a neighbour who can watch the data
 *              cache is not kept out. Passwords must not change during a call.
 */
#ifndef LANECRYPT_LANECRYPT_H
#define LANECRYPT_LANECRYPT_H

#include <stddef.h>
#include <stdint.h>

#if defined(LANECRYPT_BUILDING) && defined(__GNUC__)
#define LANECRYPT_API __attribute__((visibility("default")))
#else
#define LANECRYPT_API
#endif

#ifdef __cplusplus
extern "C" {
#define LANECRYPT_NOEXCEPT noexcept
#else
#define LANECRYPT_NOEXCEPT
#endif

/* ---- Sizes and limits ------------------------------------------------------------------------------------------ */

#define LANECRYPT_SETTING_LENGTH 29 /* "$2b$10$" and 22 characters of salt */
#define LANECRYPT_HASH_LENGTH 60    /* a setting and 31 characters of digest */
#define LANECRYPT_SETTING_SIZE 30   /* a buffer for a setting and its NUL */
#define LANECRYPT_HASH_SIZE 61      /* a buffer for a hash and its NUL */
#define LANECRYPT_PASSWORD_MAX 72   /* bytes of a password that bcrypt can take in */
#define LANECRYPT_COST_MIN 4
#define LANECRYPT_COST_MAX 31
#define LANECRYPT_COST_DEFAULT 12
#define LANECRYPT_MAX_COST_DEFAULT 14  /* the ceiling unless options.max_cost raises it: cost 31 is days of work */
#define LANECRYPT_PBKDF_DIGEST_SIZE 64 /* bytes of a SHA-512, which lanecrypt_pbkdf_hash takes */
#define LANECRYPT_PBKDF_BLOCK_SIZE 32  /* bytes of a block, which it gives */
#define LANECRYPT_LANES_MAX 16         /* room for group widths in lanecrypt_report and lanecrypt_engine_info */

/* ---- Statuses -------------------------------------------------------------------------------------------------- */

/* What became of a call, or of one job of a batch. Values are stable; new ones are added at the end. */
typedef int32_t lanecrypt_status;
enum {
  LANECRYPT_OK = 0,
  LANECRYPT_MISMATCH = 1,          /* verify: the password is not the hash's, or the user is unknown */
  LANECRYPT_PASSWORD_TOO_LONG = 2, /* over 72 bytes, and truncation was not asked for */
  LANECRYPT_INVALID_SETTING = 3,   /* not $2[abxy]$NN$ and 22 characters of salt */
  LANECRYPT_INVALID_HASH = 4,      /* not a canonical 60-character bcrypt hash */
  LANECRYPT_COST_TOO_HIGH = 5,     /* the cost is over the ceiling of the options */
  LANECRYPT_DEADLINE = 6,          /* not finished before the deadline */
  LANECRYPT_CANCELLED = 7,         /* not finished before the batch was cancelled */
  LANECRYPT_INVALID_ARGUMENT = 8,  /* NULL where a pointer is needed, a size or a value out of range */
  LANECRYPT_UNSUPPORTED = 9,       /* an engine that cannot run here, a job it cannot take, a newer struct */
  LANECRYPT_BUSY = 10,             /* called from inside a progress callback */
  LANECRYPT_OUT_OF_MEMORY = 11,
  LANECRYPT_NO_ENTROPY = 12, /* the kernel's random generator failed */
  LANECRYPT_INTERNAL = 13    /* a fault of the library's own: every engine failed its self-test */
};

/* The status in lower case ("password_too_long"), as JSON answers and Python exceptions carry it; "unknown" for a
 * number that is none. Static text. */
LANECRYPT_API const char* lanecrypt_status_name(lanecrypt_status status) LANECRYPT_NOEXCEPT;

/* The status in one English sentence without a full stop. Static text. */
LANECRYPT_API const char* lanecrypt_status_text(lanecrypt_status status) LANECRYPT_NOEXCEPT;

/* The version of the library that was loaded, "MAJOR.MINOR.PATCH". Static text. */
LANECRYPT_API const char* lanecrypt_version(void) LANECRYPT_NOEXCEPT;

/* ---- Options --------------------------------------------------------------------------------------------------- */

/* What to do with a password of more than 72 bytes. */
enum {
  LANECRYPT_LONG_REFUSE = 0,  /* LANECRYPT_PASSWORD_TOO_LONG: nothing is cut without being asked for */
  LANECRYPT_LONG_TRUNCATE = 1 /* use its first 72 bytes, as older libraries did silently */
};

/* Called on the thread that called the batch, about every 50 ms while it runs and once at its end, with the number of
 * jobs that have their status and the number of all (upgrades are made after that and not counted). A non-zero answer
 * cancels the batch. Calls back into hashing or verifying answer LANECRYPT_BUSY. Must not throw or longjmp. */
typedef int (*lanecrypt_progress)(void* context, size_t done, size_t total);

/* How to run a batch. NULL in place of options, and 0 or NULL in a field, mean the default. Start from
 * LANECRYPT_OPTIONS_INIT. A field beyond a caller's struct_size has its default; a struct longer than the library
 * knows is LANECRYPT_UNSUPPORTED unless its unknown end is all zero. */
typedef struct lanecrypt_options {
  size_t struct_size;             /* sizeof(lanecrypt_options) */
  const char* engine;             /* NULL: the best that runs here; a name that cannot run is LANECRYPT_UNSUPPORTED */
  const char* prefix;             /* of new hashes: "2b" (NULL), "2a" or "2y" */
  uint32_t cost;                  /* of new hashes and of the unknown user's dummy; 0: 12; else 4..max_cost */
  uint32_t max_cost;              /* the ceiling for every job, new or stored; 0: 14; else 4..31 */
  uint32_t threads;               /* 0: the thread budget of this process; else at most this many, 1..1024 */
  uint32_t long_passwords;        /* LANECRYPT_LONG_REFUSE or LANECRYPT_LONG_TRUNCATE */
  uint32_t upgrade_cost;          /* verify: 0, or rehash matching passwords whose hash is below it (4..max_cost) */
  uint32_t equal_time;            /* verify: 0, or 1 for the same time where a job cannot be verified; see below */
  uint64_t deadline_ns;           /* CLOCK_REALTIME, nanoseconds since 1970; 0: none */
  const volatile int32_t* cancel; /* NULL, or a flag that any thread may set to non-zero while the batch runs */
  lanecrypt_progress progress;    /* NULL: none */
  void* progress_context;         /* handed to progress as it is */
} lanecrypt_options;

/* equal_time: a caller who answers every failed login alike (a wrong password, an unknown user, a damaged row) wants
 * them to take alike too. With 1, a job whose stored hash is LANECRYPT_INVALID_HASH or LANECRYPT_COST_TOO_HIGH is
 * computed as an unknown user's is, and a password that is LANECRYPT_PASSWORD_TOO_LONG as its first 72 bytes are,
 * before it gets that status, which stays what it is and is never a match. With 0 such a job takes no time. Dummies are
 * of options.cost: choose the cost that stored hashes have. What is wrong with the call itself
 * (LANECRYPT_INVALID_ARGUMENT, an upgrade's cost) is the same for all users and never computed. */

/* ---- What a batch did ------------------------------------------------------------------------------------------ */

/* Filled by a batch call that was handed one; the caller sets struct_size and may leave the rest. */
typedef struct lanecrypt_report {
  size_t struct_size;      /* sizeof(lanecrypt_report) */
  const char* engine;      /* the engine that computed; static text, NULL where no engine was needed */
  uint32_t engines_failed; /* better engines that were passed over because their self-test failed: 0, or an alarm */
  uint32_t threads;        /* threads that really computed */
  size_t groups;           /* lane groups computed */
  size_t groups_of_width[LANECRYPT_LANES_MAX + 1]; /* [w]: how many of them had w lanes; [0] is 0 */
  size_t succeeded;                                /* jobs whose status is LANECRYPT_OK */
  size_t mismatched;                               /* jobs whose status is LANECRYPT_MISMATCH */
  size_t failed;                                   /* all others */
  uint64_t elapsed_ns;                             /* from call to return, on a monotonic clock */
} lanecrypt_report;

/* ---- Batches --------------------------------------------------------------------------------------------------- */

/* One password to hash. The caller fills the first six fields; the library writes status and hash. */
typedef struct lanecrypt_hash_job {
  const void* password;    /* any bytes, NUL among them; NULL only where password_length is 0 */
  size_t password_length;  /* 0..72, more with LANECRYPT_LONG_TRUNCATE */
  const char* setting;     /* NULL: a salt is drawn and cost and prefix apply; else hashed with this setting or with the
                              first 29 characters of this hash */
  size_t setting_length;   /* 29, or 60 for a whole hash; ignored where setting is NULL */
  uint32_t cost;           /* 0: options.cost; ignored where there is a setting */
  lanecrypt_status status; /* out */
  char hash[LANECRYPT_HASH_SIZE]; /* out: the hash and a NUL, or all zero */
} lanecrypt_hash_job;

/* Hashes count jobs. job_size is sizeof(lanecrypt_hash_job) as the caller was compiled: the stride of the array.
 * options and report may be NULL.
 * Returns LANECRYPT_OK if the batch ran, however its jobs ended (a cancelled batch ran too), else
 *   LANECRYPT_INVALID_ARGUMENT  jobs NULL with count > 0, job_size too small, count * job_size overflows, bad options;
 *   LANECRYPT_UNSUPPORTED       options.engine is unknown or cannot run here, options or report from a newer header;
 *   LANECRYPT_BUSY, LANECRYPT_OUT_OF_MEMORY, LANECRYPT_INTERNAL
 * and then every job that could be addressed carries that status and no hash. A batch of no jobs is LANECRYPT_OK.
 * Job fields must not point into the outputs of a job: those are emptied before anything is read. */
LANECRYPT_API lanecrypt_status lanecrypt_hash_batch(lanecrypt_hash_job* jobs, size_t count, size_t job_size,
                                                    const lanecrypt_options* options,
                                                    lanecrypt_report* report) LANECRYPT_NOEXCEPT;

/* One password to check. The caller fills the first five fields; the library writes the others. */
typedef struct lanecrypt_verify_job {
  const void* password; /* as in lanecrypt_hash_job */
  size_t password_length;
  const char* hash;      /* the stored hash; NULL: the user is unknown, a dummy of options.cost is computed in the same
                            time and the answer is LANECRYPT_MISMATCH */
  size_t hash_length;    /* 60; ignored where hash is NULL */
  uint32_t upgrade_cost; /* 0: options.upgrade_cost; else 4..max_cost for this job */
  lanecrypt_status status;         /* out: LANECRYPT_OK for a match, LANECRYPT_MISMATCH, or why it could not be told */
  lanecrypt_status upgrade_status; /* out: LANECRYPT_OK, or why an upgrade that was due could not be made */
  char new_hash[LANECRYPT_HASH_SIZE]; /* out: a hash to store from now on, or all zero where none was due */
} lanecrypt_verify_job;

/* Verifies count jobs; arguments and answers as for lanecrypt_hash_batch. A job that matches, asked for an upgrade, and
 * whose stored cost or variant is below (2x < 2a < 2b = 2y) gets a new hash of options.prefix with a salt of its own.
 */
LANECRYPT_API lanecrypt_status lanecrypt_verify_batch(lanecrypt_verify_job* jobs, size_t count, size_t job_size,
                                                      const lanecrypt_options* options,
                                                      lanecrypt_report* report) LANECRYPT_NOEXCEPT;

/* ---- One password ---------------------------------------------------------------------------------------------- */

/* Hashes one password on the calling thread. setting NULL: a salt is drawn with the options' cost and prefix. Writes
 * the hash and a NUL into hash, or 61 zero bytes. Returns the job's status; hash NULL is LANECRYPT_INVALID_ARGUMENT. */
LANECRYPT_API lanecrypt_status lanecrypt_hash(const void* password, size_t password_length, const char* setting,
                                              size_t setting_length, const lanecrypt_options* options,
                                              char hash[LANECRYPT_HASH_SIZE]) LANECRYPT_NOEXCEPT;

/* Verifies one password on the calling thread: LANECRYPT_OK is a match. hash NULL is the unknown user. The options'
 * upgrade_cost is ignored: there is nowhere to put a new hash. */
LANECRYPT_API lanecrypt_status lanecrypt_verify(const void* password, size_t password_length, const char* hash,
                                                size_t hash_length,
                                                const lanecrypt_options* options) LANECRYPT_NOEXCEPT;

/* ---- Key derivation -------------------------------------------------------------------------------------------- */

/* The inner hash of bcrypt_pbkdf, for count blocks: what OpenBSD's bcrypt_pbkdf.c calls bcrypt_hash. OpenSSH derives
 * the keys of its private key files that way (kdfname "bcrypt" in its PROTOCOL.key). It has no settings and is not a
 * password hash to store. To derive a key, the caller adds SHA-512:
 *   password_digest is the SHA-512 of the password. Each 32 bytes of key, counted from i = 1, are a block of their own;
 *   in the first round its salt digest is the SHA-512 of the salt and of i as four bytes, big-endian, in every further
 *   round the SHA-512 of its previous answer; all its answers xored are the block;
 *   the bytes of the blocks are not laid end to end but dealt out in turn, as bcrypt_pbkdf.c does.
 * The blocks of a key do not depend on each other: give those of a round in one call, and up to eight are computed in
 * lockstep, in about the time of two (one alone takes as long as a bcrypt of cost 6).
 * password_digest  64 bytes, the same for all blocks;
 * salt_digests     count * 64 bytes, a digest for each block;
 * blocks           out: count * 32 bytes; must not overlap the digests.
 * Runs on the calling thread, any number of calls at a time and from a progress callback too, with 34 KiB of the heap
 * however large count is. There is neither deadline nor cancel flag: bound count and rounds where a file names them.
 * Returns LANECRYPT_OK (also where count is 0: nothing is read or written), else
 *   LANECRYPT_INVALID_ARGUMENT  a pointer is NULL, or count digests are more bytes than there are addresses;
 *   LANECRYPT_OUT_OF_MEMORY
 * and then blocks is all zero, unless it is NULL or count is so large that it could not be addressed. */
LANECRYPT_API lanecrypt_status lanecrypt_pbkdf_hash(const uint8_t password_digest[LANECRYPT_PBKDF_DIGEST_SIZE],
                                                    const uint8_t* salt_digests, size_t count,
                                                    uint8_t* blocks) LANECRYPT_NOEXCEPT;

/* ---- Settings and stored hashes -------------------------------------------------------------------------------- */

/* Draws a salt from getrandom(2) and writes a setting and a NUL. cost 4..31, 0: 12. prefix "2b" (NULL), "2a" or "2y".
 * No ceiling: it costs nothing until it is used. On error 30 zero bytes are written. */
LANECRYPT_API lanecrypt_status lanecrypt_gensalt(uint32_t cost, const char* prefix,
                                                 char setting[LANECRYPT_SETTING_SIZE]) LANECRYPT_NOEXCEPT;

/* What a stored hash says of itself. */
typedef struct lanecrypt_hash_info {
  size_t struct_size; /* sizeof(lanecrypt_hash_info), set by the caller */
  uint32_t cost;      /* 4..31 */
  char prefix[4];     /* "2a", "2b", "2x" or "2y" */
  char setting[LANECRYPT_SETTING_SIZE];
} lanecrypt_hash_info;

/* Parses a stored hash strictly: 60 characters, canonical, nothing after. LANECRYPT_INVALID_HASH if it is not one. */
LANECRYPT_API lanecrypt_status lanecrypt_parse_hash(const char* hash, size_t hash_length,
                                                    lanecrypt_hash_info* info) LANECRYPT_NOEXCEPT;

/* Writes 1 to needs if a stored hash is below the cost (0: 12) or the variant (NULL: "2b") asked for, else 0. */
LANECRYPT_API lanecrypt_status lanecrypt_needs_rehash(const char* hash, size_t hash_length, uint32_t cost,
                                                      const char* prefix, int* needs) LANECRYPT_NOEXCEPT;

/* ---- Engines, threads, plans ----------------------------------------------------------------------------------- */

enum {
  LANECRYPT_ENGINE_READY = 0,      /* runs here and answered its known answers right */
  LANECRYPT_ENGINE_CPU_LACKS = 1,  /* this CPU has not the instructions */
  LANECRYPT_ENGINE_FAILED_TEST = 2 /* it gave a wrong known answer and is not used */
};

typedef struct lanecrypt_engine_info {
  size_t struct_size;                            /* sizeof(lanecrypt_engine_info), set by the caller */
  const char* name;                              /* static text */
  uint32_t lanes;                                /* its widest group, 1..LANECRYPT_LANES_MAX */
  uint32_t state;                                /* LANECRYPT_ENGINE_... */
  double relative_time[LANECRYPT_LANES_MAX + 1]; /* [w]: time of a group of w lanes over that of one lane, as planned */
} lanecrypt_engine_info;

/* How many engines this library has. Engine 0 is tried first. */
LANECRYPT_API size_t lanecrypt_engine_count(void) LANECRYPT_NOEXCEPT;

/* Describes engine index (0..count-1), running its self-test if that was not done yet (2 ms, once). */
LANECRYPT_API lanecrypt_status lanecrypt_engine(size_t index, lanecrypt_engine_info* info) LANECRYPT_NOEXCEPT;

/* What bounds the number of threads. 0 in a bound: it does not apply here. */
typedef struct lanecrypt_thread_budget {
  size_t struct_size;     /* sizeof(lanecrypt_thread_budget), set by the caller */
  uint32_t threads;       /* the least of the bounds, at least 1: what a batch with options.threads 0 may use */
  uint32_t visible_cores; /* online processors */
  uint32_t affinity;      /* processors that this process may run on */
  uint32_t cgroup;        /* CPU quota of cgroup v2 or v1, in whole processors rounded up */
  uint32_t lambda;        /* on AWS Lambda: AWS_LAMBDA_FUNCTION_MEMORY_SIZE / 1769 MB, rounded up */
} lanecrypt_thread_budget;

/* Reads the budget anew. */
LANECRYPT_API lanecrypt_status lanecrypt_threads(lanecrypt_thread_budget* budget) LANECRYPT_NOEXCEPT;

/* How a batch would be cut. */
typedef struct lanecrypt_plan_info {
  size_t struct_size; /* sizeof(lanecrypt_plan_info), set by the caller */
  const char* engine; /* static text */
  uint32_t threads;   /* threads that would run: no more than make the batch end earlier */
  size_t groups;      /* lane groups in all */
  size_t groups_of_width[LANECRYPT_LANES_MAX + 1];
  double relative_time; /* predicted time of the batch over that of one hash alone */
  uint32_t width_limit; /* the widest group here, 1..the engine's lanes: its lanes must fit into the L1 data cache */
  const char* width_reason; /* why it is not wider, in English without a full stop; static text */
  uint32_t l1d_bytes;       /* L1 data cache of one core; 0: unknown */
  uint32_t l1d_threads;     /* hardware threads that share it, at least 1 */
} lanecrypt_plan_info;

/* Plans count equal jobs, at most 100,000,000, without running them. options gives engine and threads. widths, if not
 * NULL, receives the widths of the first capacity groups in the order in which they would start. */
LANECRYPT_API lanecrypt_status lanecrypt_plan(size_t count, const lanecrypt_options* options, uint32_t* widths,
                                              size_t capacity, lanecrypt_plan_info* info) LANECRYPT_NOEXCEPT;

/* ---- Start values: struct_size set, everything else at its default ---------------------------------------------- */

/* clang-format off */
#define LANECRYPT_OPTIONS_INIT {sizeof(lanecrypt_options), NULL, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL}
#define LANECRYPT_REPORT_INIT {sizeof(lanecrypt_report), NULL, 0, 0, 0, {0}, 0, 0, 0, 0}
#define LANECRYPT_HASH_INFO_INIT {sizeof(lanecrypt_hash_info), 0, {0}, {0}}
#define LANECRYPT_ENGINE_INFO_INIT {sizeof(lanecrypt_engine_info), NULL, 0, 0, {0}}
#define LANECRYPT_THREAD_BUDGET_INIT {sizeof(lanecrypt_thread_budget), 0, 0, 0, 0, 0}
#define LANECRYPT_PLAN_INFO_INIT {sizeof(lanecrypt_plan_info), NULL, 0, 0, {0}, 0.0, 0, NULL, 0, 0}
/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif
