// The whole C ABI with every engine over all bad inputs and the cheap known answers, for MemorySanitizer and memcheck:
// inputs lie in blocks of their exact size, outputs and everything that the header lets a caller leave unset are
// uninitialised before a call and looked at to the last byte behind it. It is C in all but the compiler: libstdc++ is
// not instrumented, and what its strings and streams write would be taken for never written.
//
//   lanecrypt_tour [EVERY]     only every EVERY-th row of the vectors (memcheck); all without
#include <lanecrypt/lanecrypt.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr unsigned dearest = 5;
constexpr std::size_t rows_max = 2000;
constexpr std::size_t cells_max = 12;

// A block of the heap, of just that size: what is read or written beyond it is seen.
struct Bytes {
  char* data = nullptr;
  std::size_t size = 0;
};

struct Row {
  char id[8];
  Bytes first;   // password; or the bad value
  Bytes second;  // the setting
  Bytes third;   // the hash
  bool must_differ;
};

struct Rows {
  Row row[rows_max];
  std::size_t count = 0;
};

Rows answers;
Rows bad;

[[noreturn]] void fail(const char* what, const char* where) {
  std::fprintf(stderr, "tour: %s: %s\n", where, what);
  std::exit(1);
}

void expect(bool right, const char* what, const char* where) {
  if (!right) fail(what, where);
}

void* block(std::size_t size) {
  void* const memory = std::malloc(size);  // NOLINT(*-no-malloc): uninitialised, which is the point
  if (memory == nullptr) fail("no memory", "malloc");
  return memory;
}

// Branches on every byte, which is what both tools report where one was never written.
void expect_written(const void* memory, std::size_t size, const char* where) {
  const auto* const bytes = static_cast<const unsigned char*>(memory);
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] == 0xff && i > rows_max) fail("too long", where);
  }
}

// ---- The vectors' files, by libc alone

unsigned digit(char c) {
  if (c >= 'a') return static_cast<unsigned>(c - 'a') + 10;
  return static_cast<unsigned>(c - '0');
}

Bytes of_text(const char* text) {
  const std::size_t size = std::strlen(text);
  const Bytes bytes{static_cast<char*>(block(size)), size};
  std::memcpy(bytes.data, text, size);
  return bytes;
}

Bytes of_hex(const char* hex) {
  const std::size_t size = std::strlen(hex) / 2;
  const Bytes bytes{static_cast<char*>(block(size)), size};
  for (std::size_t i = 0; i < size; ++i) {
    bytes.data[i] = static_cast<char>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
  return bytes;
}

// Cuts a line at its tabs; false for comments and the head.
bool cut(char* line, char* (&cells)[cells_max]) {
  if (char* const end = std::strpbrk(line, "\r\n")) *end = '\0';
  if (line[0] == '#' || std::strncmp(line, "id\t", 3) == 0) return false;
  std::size_t count = 0;
  for (char* cell = line; cell != nullptr && count < cells_max; ++count) {
    cells[count] = cell;
    cell = std::strchr(cell, '\t');
    if (cell != nullptr) *cell++ = '\0';
  }
  return count > 5;
}

template <typename Take>
void read(const char* name, Take take) {
  char path[512];
  std::snprintf(path, sizeof path, "%s/%s", LANECRYPT_VECTORS, name);
  std::FILE* const file = std::fopen(path, "re");
  if (file == nullptr) fail("cannot be read", name);
  static char line[8192];
  char* cells[cells_max];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (cut(line, cells)) take(cells);
  }
  std::fclose(file);
}

Row& next(Rows& rows, const char* id) {
  if (rows.count == rows_max) fail("too many rows", id);
  Row& row = rows.row[rows.count++];
  std::snprintf(row.id, sizeof row.id, "%s", id);
  return row;
}

// id, password_hex, password_len, setting, expected_hash, dialect, …
void take_answer(char* (&cells)[cells_max]) {
  const char* const setting = cells[3];
  const char* const dialect = cells[5];
  if (std::strlen(setting) != LANECRYPT_SETTING_LENGTH || std::strcmp(dialect, "cost00-internal") == 0) return;
  if (static_cast<unsigned>(std::atoi(setting + 4)) > dearest || std::atoi(setting + 4) < LANECRYPT_COST_MIN) return;
  Row& row = next(answers, cells[0]);
  row.first = of_hex(cells[1]);
  row.second = of_text(setting);
  row.third = of_text(cells[4]);
  row.must_differ = std::strncmp(dialect, "openbsd-2a-", 11) == 0;
}

void take_bad(char* (&cells)[cells_max]) {
  Row& row = next(bad, cells[0]);
  row.first = of_hex(cells[2]);
}

// ---- Batches: only what the header asks a caller for is set

lanecrypt_options options_of(const char* engine, std::uint32_t threads) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = engine;
  options.threads = threads;
  options.cost = LANECRYPT_COST_MIN;
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  return options;
}

lanecrypt_report* new_report() {
  auto* const report = static_cast<lanecrypt_report*>(block(sizeof(lanecrypt_report)));
  report->struct_size = sizeof *report;
  return report;
}

template <typename Job>
Job* new_jobs(std::size_t count) {
  return static_cast<Job*>(block(count * sizeof(Job)));
}

void set(lanecrypt_hash_job& job, Bytes password, Bytes setting) {
  job.password = password.data;
  job.password_length = password.size;
  job.setting = setting.data;
  job.setting_length = setting.size;
  job.cost = 0;
}

void set(lanecrypt_verify_job& job, Bytes password, Bytes hash) {
  job.password = password.data;
  job.password_length = password.size;
  job.hash = hash.data;
  job.hash_length = hash.size;
  job.upgrade_cost = 0;
}

lanecrypt_status run(lanecrypt_hash_job* jobs, std::size_t count, const lanecrypt_options& options,
                     lanecrypt_report* report) {
  return lanecrypt_hash_batch(jobs, count, sizeof *jobs, &options, report);
}
lanecrypt_status run(lanecrypt_verify_job* jobs, std::size_t count, const lanecrypt_options& options,
                     lanecrypt_report* report) {
  return lanecrypt_verify_batch(jobs, count, sizeof *jobs, &options, report);
}

void look_at(const lanecrypt_hash_job& job, const char* id) {
  expect_written(&job.status, sizeof job.status, id);
  expect_written(job.hash, sizeof job.hash, id);
}
void look_at(const lanecrypt_verify_job& job, const char* id) {
  expect_written(&job.status, sizeof job.status, id);
  expect_written(&job.upgrade_status, sizeof job.upgrade_status, id);
  expect_written(job.new_hash, sizeof job.new_hash, id);
}

// Runs jobs and looks at all that came out; check(job, row) judges each.
template <typename Job, typename Check>
void run_and_look(Job* jobs, const Rows& rows, std::size_t every, const lanecrypt_options& options, Check check) {
  const std::size_t count = (rows.count + every - 1) / every;
  lanecrypt_report* const report = new_report();
  expect(run(jobs, count, options, report) == LANECRYPT_OK, "the batch did not run", options.engine);
  expect_written(report, sizeof *report, "report");
  for (std::size_t i = 0; i < count; ++i) {
    look_at(jobs[i], rows.row[i * every].id);
    check(jobs[i], rows.row[i * every]);
  }
  std::free(report);  // NOLINT(*-no-malloc)
  std::free(jobs);    // NOLINT(*-no-malloc)
}

bool takes(const lanecrypt_options& options, const Row& row) {
  return std::strcmp(options.engine, "libcrypt") != 0 || std::memchr(row.first.data, 0, row.first.size) == nullptr;
}

void known_answers(const lanecrypt_options& options, std::size_t every) {
  const std::size_t count = (answers.count + every - 1) / every;
  auto* const hashing = new_jobs<lanecrypt_hash_job>(count);
  auto* const verifying = new_jobs<lanecrypt_verify_job>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Row& row = answers.row[i * every];
    set(hashing[i], row.first, row.second);
    set(verifying[i], row.first, row.third);
    if (i % 16 == 0) verifying[i].upgrade_cost = 5;
    if (i % 64 == 1) verifying[i].hash = nullptr;  // an unknown user; the length may be anything, so leave it
  }
  run_and_look(hashing, answers, every, options, [&](const lanecrypt_hash_job& job, const Row& row) {
    if (!takes(options, row)) return expect(job.status == LANECRYPT_UNSUPPORTED, "is not refused", row.id);
    expect(job.status == LANECRYPT_OK, "is not hashed", row.id);
    expect((std::memcmp(job.hash, row.third.data, 60) != 0) == row.must_differ, "is hashed wrongly", row.id);
  });
  run_and_look(verifying, answers, every, options, [&](const lanecrypt_verify_job& job, const Row& row) {
    if (!takes(options, row)) return expect(job.status == LANECRYPT_UNSUPPORTED, "is not refused", row.id);
    const bool mismatch = row.must_differ || job.hash == nullptr;
    expect(job.status == (mismatch ? LANECRYPT_MISMATCH : LANECRYPT_OK), "is verified wrongly", row.id);
  });
}

void bad_inputs(const lanecrypt_options& options) {
  const Bytes password = of_text("password");
  auto* const hashing = new_jobs<lanecrypt_hash_job>(bad.count);
  auto* const verifying = new_jobs<lanecrypt_verify_job>(bad.count);
  for (std::size_t i = 0; i < bad.count; ++i) {
    set(hashing[i], password, bad.row[i].first);
    set(verifying[i], password, bad.row[i].first);
  }
  run_and_look(hashing, bad, 1, options, [](const lanecrypt_hash_job& job, const Row& row) {
    expect(job.status == LANECRYPT_INVALID_SETTING && job.hash[0] == '\0', "is hashed", row.id);
  });
  run_and_look(verifying, bad, 1, options, [](const lanecrypt_verify_job& job, const Row& row) {
    expect(job.status == LANECRYPT_INVALID_HASH && job.new_hash[0] == '\0', "is taken for a hash", row.id);
  });
  std::free(password.data);  // NOLINT(*-no-malloc)
}

// Batches that end early or are refused as a whole: outputs are written on those ways too.
void ended_early(lanecrypt_options options) {
  const std::int32_t cancel = 1;
  for (int way = 0; way < 3; ++way) {
    lanecrypt_options changed = options;
    if (way == 0) changed.cancel = &cancel;
    if (way == 1) changed.deadline_ns = 1;
    if (way == 2) changed.equal_time = 2;
    auto* const jobs = new_jobs<lanecrypt_hash_job>(3);
    for (int i = 0; i < 3; ++i) set(jobs[i], answers.row[i].first, answers.row[i].second);
    lanecrypt_report* const report = new_report();
    const lanecrypt_status status = run(jobs, 3, changed, report);
    expect(status == (way == 2 ? LANECRYPT_INVALID_ARGUMENT : LANECRYPT_OK), "another status", "ended_early");
    expect_written(report, sizeof *report, "ended_early");
    for (int i = 0; i < 3; ++i) look_at(jobs[i], "ended_early");
    std::free(report);  // NOLINT(*-no-malloc)
    std::free(jobs);    // NOLINT(*-no-malloc)
  }
}

void singles(const lanecrypt_options& options) {
  const Row& row = answers.row[0];
  char hash[LANECRYPT_HASH_SIZE];
  lanecrypt_hash(row.first.data, row.first.size, row.second.data, row.second.size, &options, hash);
  expect_written(hash, sizeof hash, "lanecrypt_hash");
  expect(std::memcmp(hash, row.third.data, 60) == 0, "is hashed wrongly", row.id);
  expect(lanecrypt_verify(row.first.data, row.first.size, hash, 60, &options) == LANECRYPT_OK, "no match", row.id);
  for (std::size_t i = 0; i < bad.count; i += 8) {
    const Bytes value = bad.row[i].first;
    lanecrypt_hash("a", 1, value.data, value.size, &options, hash);
    expect_written(hash, sizeof hash, "lanecrypt_hash");
    expect(lanecrypt_verify("a", 1, value.data, value.size, &options) == LANECRYPT_INVALID_HASH, "taken", "verify");
  }
}

// ---- All else

template <typename Struct>
Struct with_size() {
  Struct uninitialised;
  uninitialised.struct_size = sizeof uninitialised;
  return uninitialised;
}

void stored_hashes() {
  for (std::size_t i = 0; i < bad.count + answers.count; ++i) {
    const bool right = i >= bad.count;
    const Bytes hash = right ? answers.row[i - bad.count].third : bad.row[i].first;
    auto info = with_size<lanecrypt_hash_info>();
    int needs;  // NOLINT(*-init-variables)
    const lanecrypt_status parsed = lanecrypt_parse_hash(hash.data, hash.size, &info);
    const lanecrypt_status asked = lanecrypt_needs_rehash(hash.data, hash.size, 0, nullptr, &needs);
    expect_written(&info, sizeof info, "lanecrypt_parse_hash");
    expect_written(&needs, sizeof needs, "lanecrypt_needs_rehash");
    expect((parsed == LANECRYPT_OK) == right && asked == parsed, "is parsed wrongly", "stored_hashes");
  }
}

void machine() {
  char setting[LANECRYPT_SETTING_SIZE];
  expect(lanecrypt_gensalt(0, nullptr, setting) == LANECRYPT_OK, "no salt", "lanecrypt_gensalt");
  expect_written(setting, sizeof setting, "lanecrypt_gensalt");
  auto budget = with_size<lanecrypt_thread_budget>();
  expect(lanecrypt_threads(&budget) == LANECRYPT_OK, "no budget", "lanecrypt_threads");
  expect_written(&budget, sizeof budget, "lanecrypt_threads");
  auto plan = with_size<lanecrypt_plan_info>();
  std::uint32_t widths[8];
  expect(lanecrypt_plan(1000, nullptr, widths, 8, &plan) == LANECRYPT_OK, "no plan", "lanecrypt_plan");
  expect_written(&plan.struct_size, sizeof plan.struct_size, "lanecrypt_plan");
  expect_written(plan.groups_of_width, sizeof plan.groups_of_width, "lanecrypt_plan");
  expect_written(widths, sizeof widths, "lanecrypt_plan");
}

void keys() {
  auto* const digests = static_cast<std::uint8_t*>(block(10 * LANECRYPT_PBKDF_DIGEST_SIZE));
  std::memset(digests, 0x5a, 10 * LANECRYPT_PBKDF_DIGEST_SIZE);
  auto* const blocks = static_cast<std::uint8_t*>(block(9 * LANECRYPT_PBKDF_BLOCK_SIZE));
  expect(lanecrypt_pbkdf_hash(digests, digests + 64, 9, blocks) == LANECRYPT_OK, "no key", "lanecrypt_pbkdf_hash");
  expect_written(blocks, 9 * LANECRYPT_PBKDF_BLOCK_SIZE, "lanecrypt_pbkdf_hash");
  std::free(digests);  // NOLINT(*-no-malloc)
  std::free(blocks);   // NOLINT(*-no-malloc)
}

std::size_t with_each_engine(std::size_t every) {
  std::size_t engines = 0;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    auto info = with_size<lanecrypt_engine_info>();
    expect(lanecrypt_engine(i, &info) == LANECRYPT_OK, "no engine", "lanecrypt_engine");
    expect(info.state != LANECRYPT_ENGINE_FAILED_TEST, "failed its self-test", info.name);
    if (info.state != LANECRYPT_ENGINE_READY) continue;
    ++engines;
    known_answers(options_of(info.name, 1 + engines % 2), every);
    bad_inputs(options_of(info.name, 1));
    ended_early(options_of(info.name, 2));
    singles(options_of(info.name, 1));
  }
  return engines;
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t every = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1;
  if (every == 0) fail("not a number of rows", "arguments");
  read("bcrypt_vectors.tsv", take_answer);
  read("bcrypt_badsalts.tsv", take_bad);
  expect(answers.count > 1000 && bad.count == 411, "rows are missing", "vectors");
  stored_hashes();
  machine();
  keys();
  const std::size_t engines = with_each_engine(every);
  std::printf("tour: %zu engines, %zu known answers, %zu bad inputs\n", engines, (answers.count + every - 1) / every,
              bad.count);
  return engines > 0 ? 0 : 1;
}
