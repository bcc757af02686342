// The program that is looked at: it hashes and verifies what it is told to through the C ABI, and then waits while the
// test looks at its memory. It has the passwords only while a call of the library runs.
//
// A line in, a line out: "hash 20 2 5" (jobs, threads, cost) is answered by "0 20 0 0": what the call returned, and how
// many jobs succeeded, did not match, failed. "fail 3 hash 20 2 5" is the same with the call's third allocation
// failing, or "enough" where it has no third. `plant` does what must be found; `block` is answered by the address of
// memory that the test may write to.
#include <lanecrypt/lanecrypt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "child_memory.hpp"
#include "child_plants.hpp"
#include "secrets.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::size_t jobs_max = 256;

using Passwords = std::array<unsigned char, long_bytes>;
Passwords long_password;
Passwords short_password;

// The passwords are there as long as this lives.
class Exposed {
 public:
  Exposed() {
    fill_secret(long_password.data(), long_bytes, long_number);
    fill_secret(short_password.data(), short_bytes, short_number);
  }
  Exposed(const Exposed&) = delete;
  Exposed& operator=(const Exposed&) = delete;
  ~Exposed() {
    explicit_bzero(long_password.data(), long_bytes);
    explicit_bzero(short_password.data(), short_bytes);
  }
};

// What a command asks for.
struct Command {
  std::string_view name;
  std::string_view text;  // a stored hash
  std::size_t jobs = 1;
  std::uint32_t threads = 1;
  std::uint32_t cost = 4;
};

// While this lives the allocation fails that a command named; afterwards it is known whether there was one.
int allocation_to_fail = 0;
bool has_failed = false;
class Failing {
 public:
  Failing() { allocations_until_failure = allocation_to_fail; }
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
  ~Failing() {
    has_failed = allocation_to_fail > 0 && allocations_until_failure == 0;
    allocations_until_failure = 0;
  }
};

const char* engine = nullptr;
lanecrypt_report report;
std::array<lanecrypt_hash_job, jobs_max> hash_jobs;
std::array<lanecrypt_verify_job, jobs_max> verify_jobs;
std::array<std::array<char, LANECRYPT_SETTING_SIZE>, 6> settings;  // two salts, three costs

lanecrypt_options options_of(const Command& command) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = engine;
  options.threads = command.threads;
  options.cost = command.cost;
  report = LANECRYPT_REPORT_INIT;
  return options;
}

template <typename Job>
void set_password(Job& job, std::size_t index) {
  const bool is_short = index % 2 != 0;
  job.password = is_short ? short_password.data() : long_password.data();
  job.password_length = is_short ? short_bytes : LANECRYPT_PASSWORD_MAX;
}

void prepare_settings(std::uint32_t cost) {
  for (std::uint32_t i = 0; i < settings.size(); ++i) {
    const char* const text = i % 2 == 0 ? long_salt : short_salt;
    std::snprintf(settings[i].data(), settings[i].size(), text, cost + i / 2);  // NOLINT: one %02u
  }
}

// Jobs of the two passwords in turn, with the two settings in turn, of `costs` costs.
void prepare_hash_jobs(const Command& command, std::size_t costs = 1) {
  prepare_settings(command.cost);
  for (std::size_t i = 0; i < command.jobs; ++i) {
    hash_jobs[i] = {};
    set_password(hash_jobs[i], i);
    hash_jobs[i].setting = settings[i % 2 + i / 2 % costs * 2].data();
    hash_jobs[i].setting_length = LANECRYPT_SETTING_LENGTH;
  }
}

void prepare_verify_jobs(const Command& command) {
  for (std::size_t i = 0; i < command.jobs; ++i) {
    verify_jobs[i] = {};
    set_password(verify_jobs[i], 0);
    verify_jobs[i].hash = command.text.empty() ? nullptr : command.text.data();
    verify_jobs[i].hash_length = command.text.size();
  }
}

lanecrypt_status run_hash(const Command& command, const lanecrypt_options& options) {
  const Exposed exposed;
  const Failing failing;
  return lanecrypt_hash_batch(hash_jobs.data(), command.jobs, sizeof hash_jobs[0], &options, &report);
}

lanecrypt_status run_verify(const Command& command, const lanecrypt_options& options) {
  const Exposed exposed;
  const Failing failing;
  return lanecrypt_verify_batch(verify_jobs.data(), command.jobs, sizeof verify_jobs[0], &options, &report);
}

// Jobs with nothing wrong about them.
lanecrypt_status run_plain(const Command& command, const lanecrypt_options& options) {
  prepare_hash_jobs(command);
  return run_hash(command, options);
}

lanecrypt_status hash(const Command& command) { return run_plain(command, options_of(command)); }

lanecrypt_status hash_mixed(const Command& command) {
  prepare_hash_jobs(command, 3);
  return run_hash(command, options_of(command));
}

lanecrypt_status hash_salted(const Command& command) {
  prepare_hash_jobs(command);
  for (lanecrypt_hash_job& job : hash_jobs) job.setting = nullptr;
  return run_hash(command, options_of(command));
}

lanecrypt_status hash_cut(const Command& command) {
  prepare_hash_jobs(command);
  for (std::size_t i = 0; i < command.jobs; i += 2) hash_jobs[i].password_length = long_bytes;
  lanecrypt_options options = options_of(command);
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  return run_hash(command, options);
}

// Jobs that fail between jobs that do not.
lanecrypt_status hash_wrong_jobs(const Command& command) {
  prepare_hash_jobs(command);
  for (std::size_t i = 0; i < command.jobs; i += 4) hash_jobs[i].password_length = long_bytes;
  for (std::size_t i = 1; i < command.jobs; i += 4) hash_jobs[i].setting = "$2b$04$no salt at all..........";
  for (std::size_t i = 2; i < command.jobs; i += 4) hash_jobs[i].setting = "$2b$31$abcdefghijklmnopqrstu.";
  return run_hash(command, options_of(command));
}

lanecrypt_status hash_wrong_engine(const Command& command) {
  lanecrypt_options options = options_of(command);
  options.engine = "no such engine";
  return run_plain(command, options);
}

lanecrypt_status hash_wrong_options(const Command& command) {
  lanecrypt_options options = options_of(command);
  options.max_cost = 99;
  return run_plain(command, options);
}

lanecrypt_status hash_one(const Command& command) {
  prepare_settings(command.cost);
  const lanecrypt_options options = options_of(command);
  std::array<char, LANECRYPT_HASH_SIZE> out{};
  const Exposed exposed;
  const Failing failing;
  return lanecrypt_hash(long_password.data(), LANECRYPT_PASSWORD_MAX, settings[0].data(), LANECRYPT_SETTING_LENGTH,
                        &options, out.data());
}

lanecrypt_status verify(const Command& command) {
  prepare_verify_jobs(command);
  return run_verify(command, options_of(command));
}

lanecrypt_status verify_upgrade(const Command& command) {
  prepare_verify_jobs(command);
  lanecrypt_options options = options_of(command);
  options.upgrade_cost = 5;
  return run_verify(command, options);
}

lanecrypt_status verify_one(const Command& command) {
  const lanecrypt_options options = options_of(command);
  const char* const stored = command.text.empty() ? nullptr : command.text.data();
  const Exposed exposed;
  const Failing failing;
  return lanecrypt_verify(long_password.data(), LANECRYPT_PASSWORD_MAX, stored, command.text.size(), &options);
}

// Stops at the first report, which comes after 50 ms.
int cancel_at_once(void*, std::size_t done, std::size_t total) { return done < total ? 1 : 0; }

lanecrypt_status hash_cancelled(const Command& command) {
  lanecrypt_options options = options_of(command);
  options.progress = cancel_at_once;
  return run_plain(command, options);
}

lanecrypt_status hash_cancelled_before(const Command& command) {
  static const volatile std::int32_t flag = 1;
  lanecrypt_options options = options_of(command);
  options.cancel = &flag;
  return run_plain(command, options);
}

std::uint64_t wall_clock_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

lanecrypt_status hash_until_deadline(const Command& command) {
  lanecrypt_options options = options_of(command);
  options.deadline_ns = wall_clock_ns() + 30'000'000;
  return run_plain(command, options);
}

lanecrypt_status hash_behind_deadline(const Command& command) {
  lanecrypt_options options = options_of(command);
  options.deadline_ns = 1;
  return run_plain(command, options);
}

lanecrypt_status verify_cancelled(const Command& command) {
  prepare_verify_jobs(command);
  lanecrypt_options options = options_of(command);
  options.progress = cancel_at_once;
  return run_verify(command, options);
}

lanecrypt_status verify_until_deadline(const Command& command) {
  prepare_verify_jobs(command);
  lanecrypt_options options = options_of(command);
  options.deadline_ns = wall_clock_ns() + 60'000'000;
  return run_verify(command, options);
}

lanecrypt_status pbkdf(const Command& command) {
  static std::array<std::uint8_t, LANECRYPT_PBKDF_DIGEST_SIZE> digest;
  static std::array<std::uint8_t, jobs_max * LANECRYPT_PBKDF_DIGEST_SIZE> salts;
  static std::array<std::uint8_t, jobs_max * LANECRYPT_PBKDF_BLOCK_SIZE> blocks;
  for (std::size_t i = 0; i < command.jobs; ++i) {
    fill_secret(&salts[i * LANECRYPT_PBKDF_DIGEST_SIZE], LANECRYPT_PBKDF_DIGEST_SIZE, salt_number);
  }
  fill_secret(digest.data(), digest.size(), digest_number);
  const lanecrypt_status ran = [&] {
    const Failing failing;
    return lanecrypt_pbkdf_hash(digest.data(), salts.data(), command.jobs, blocks.data());
  }();
  explicit_bzero(digest.data(), digest.size());
  explicit_bzero(blocks.data(), blocks.size());
  return ran;
}

// ---- Lines

void say(std::string_view line) {
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
}

std::array<char, 512> line;

// The next line without its end, in a buffer that is used again.
std::string_view next_line() {
  std::size_t size = 0;
  while (size < line.size()) {
    if (read(STDIN_FILENO, &line[size], 1) != 1) _exit(0);
    if (line[size] == '\n') return {line.data(), size};
    ++size;
  }
  _exit(2);
}

// Waits in the middle of a batch for the test to look.
int stop_once(void*, std::size_t done, std::size_t total) {
  static bool stopped = false;
  if (stopped || done == total) return 0;
  stopped = true;
  say("in the batch\n");
  next_line();
  return 1;
}

lanecrypt_status hash_stopped(const Command& command) {
  lanecrypt_options options = options_of(command);
  options.progress = stop_once;
  return run_plain(command, options);
}

struct Named {
  std::string_view name;
  lanecrypt_status (*run)(const Command&);
};

constexpr Named commands[] = {
    {"hash", hash},
    {"hash-mixed", hash_mixed},
    {"hash-salted", hash_salted},
    {"hash-cut", hash_cut},
    {"hash-wrong-jobs", hash_wrong_jobs},
    {"hash-wrong-engine", hash_wrong_engine},
    {"hash-wrong-options", hash_wrong_options},
    {"hash-one", hash_one},
    {"verify", verify},
    {"verify-upgrade", verify_upgrade},
    {"verify-one", verify_one},
    {"verify-cancel", verify_cancelled},
    {"verify-deadline", verify_until_deadline},
    {"cancel", hash_cancelled},
    {"cancel-before", hash_cancelled_before},
    {"deadline", hash_until_deadline},
    {"deadline-before", hash_behind_deadline},
    {"pbkdf", pbkdf},
    {"stop-in-batch", hash_stopped},
};

std::string_view next_word(std::string_view& words) {
  const std::size_t end = std::min(words.find(' '), words.size());
  const std::string_view word = words.substr(0, end);
  words.remove_prefix(std::min(end + 1, words.size()));
  return word;
}

template <typename Number>
void read_number(std::string_view& words, Number& number) {
  const std::string_view word = next_word(words);
  std::from_chars(word.data(), word.data() + word.size(), number);
}

// "NAME JOBS THREADS COST HASH", from the right on all may be left out.
Command parse(std::string_view words) {
  Command command;
  command.name = next_word(words);
  read_number(words, command.jobs);
  read_number(words, command.threads);
  read_number(words, command.cost);
  command.text = words;
  return command;
}

void answer(lanecrypt_status status) {
  if (allocation_to_fail > 0 && !has_failed) return say("enough\n");
  std::array<char, 128> text{};
  const int size = std::snprintf(text.data(), text.size(), "%d %zu %zu %zu\n", static_cast<int>(status),
                                 report.succeeded, report.mismatched, report.failed);
  say({text.data(), static_cast<std::size_t>(size)});
}

void say_where_block_is() {
  static std::array<unsigned char, 512> block;
  std::array<char, 32> text{};
  const auto address = reinterpret_cast<std::uintptr_t>(block.data());
  const int size = std::snprintf(text.data(), text.size(), "%llu\n", static_cast<unsigned long long>(address));
  say({text.data(), static_cast<std::size_t>(size)});
}

void obey(std::string_view words) {
  if (words == "block") return say_where_block_is();
  if (words.starts_with("plant ")) {
    say(plant(words.substr(6)) ? "planted\n" : "cannot be planted here\n");
    return;
  }
  allocation_to_fail = 0;
  if (words.starts_with("fail ")) {
    next_word(words);
    read_number(words, allocation_to_fail);
  }
  const Command command = parse(words);
  for (const Named& each : commands) {
    if (each.name != command.name || command.jobs > jobs_max) continue;
    report = LANECRYPT_REPORT_INIT;
    return answer(each.run(command));
  }
  say("unknown\n");
}

}  // namespace
}  // namespace lanecrypt::test

int main(int count, char** arguments) {
  using namespace lanecrypt::test;
  if (count > 1 && *arguments[1] != '\0') engine = arguments[1];
  say("ready\n");
  for (;;) obey(next_line());
}
