// See the header.
#include "call_jobs.hpp"

#include <algorithm>

#include "grammar.hpp"

namespace lanecrypt::fuzz {
namespace {

constexpr char password[] = "pw";  // of the known hashes

// Where a known text begins: the password, three hashes, a setting of cost 31.
const char* known_text(CallArena& arena, std::size_t number) {
  constexpr std::size_t hashes_at = sizeof password;
  return reinterpret_cast<const char*>(arena.texts()) +
         (number == 0 ? 0 : hashes_at + (number - 1) * LANECRYPT_HASH_SIZE);
}

Text choose_password(CallArena& arena, Choices& choices) {
  static constexpr std::size_t lengths[] = {2, 2, 0, 1, 8, 71, 72, 73, 80, 255, 2000};
  if (choices.one_in(2)) return {known_text(arena, 0), 2};
  const std::size_t length = choices.of(lengths);
  const bool absent = choices.one_in(8);
  return {absent ? nullptr : arena.text(choices, length), length};
}

lanecrypt_status password_status(const void* data, std::size_t length, const Asked& asked) {
  if (data == nullptr && length > 0) return LANECRYPT_INVALID_ARGUMENT;
  return length > 72 && asked.options.long_passwords == 0 ? LANECRYPT_PASSWORD_TOO_LONG : LANECRYPT_OK;
}

lanecrypt_status cost_status(unsigned cost, const Asked& asked) {
  if (!in_range(cost, 4, 31)) return LANECRYPT_INVALID_ARGUMENT;
  return cost > asked.max_cost() ? LANECRYPT_COST_TOO_HIGH : LANECRYPT_OK;
}

// A job that was computed, or would have been but for what may end or refuse it.
bool is_end_of_computed(lanecrypt_status status, const Asked& asked) {
  const bool stopped = status == LANECRYPT_DEADLINE || status == LANECRYPT_CANCELLED;
  const bool refused = status == LANECRYPT_UNSUPPORTED || status == LANECRYPT_INTERNAL;
  return status == LANECRYPT_OK || (stopped && asked.may_stop) || (refused && asked.fussy);
}

bool is_whole(const char (&hash)[LANECRYPT_HASH_SIZE]) { return is_hash({hash, 60}) && hash[60] == '\0'; }

// Is a hash what the first 72 bytes of a password give with its own setting?
bool is_hash_of(const void* data, std::size_t length, const char* hash) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.max_cost = 31;
  options.threads = 1;
  char again[LANECRYPT_HASH_SIZE];
  const std::size_t used = std::min<std::size_t>(length, LANECRYPT_PASSWORD_MAX);
  lanecrypt_hash(data, used, hash, LANECRYPT_HASH_LENGTH, &options, again);
  return view(again, LANECRYPT_HASH_LENGTH) == view(hash, LANECRYPT_HASH_LENGTH);
}

void check_upgrade(const lanecrypt_verify_job& job, const Asked& asked) {
  const unsigned cost = job.upgrade_cost == 0 ? asked.options.upgrade_cost : job.upgrade_cost;
  const char variant = asked.options.prefix == nullptr ? 'b' : asked.options.prefix[1];
  const bool due = job.status == LANECRYPT_OK && cost != 0 && is_below({job.hash, 60}, cost, variant);
  if (!due) return check(is_zero(job.new_hash) && job.upgrade_status == LANECRYPT_OK, "no upgrade was due");
  check(is_end_of_computed(job.upgrade_status, asked), "an upgrade's status");
  if (job.upgrade_status != LANECRYPT_OK) return check(is_zero(job.new_hash), "an upgrade that failed leaves no hash");
  check(is_whole(job.new_hash) && job.new_hash[2] == variant, "a new hash is whole and of the prefix");
  check(cost_of(view(job.new_hash, 60)) == std::max(cost, cost_of(view(job.hash, 60))), "an upgrade is never cheaper");
}

}  // namespace

// Names, prefixes, hashes of the password and settings, each with its NUL, for the beginning of the texts.
const std::string& known_texts() {
  static const std::string texts = [] {
    std::string all = std::string(password) + '\0';
    for (const char* setting :
         {"$2x$04$CCCCCCCCCCCCCCCCCCCCC.", "$2a$05$abcdefghijklmnopqrstuu", "$2b$12$.............../.....O"}) {
      char hash[LANECRYPT_HASH_SIZE];
      check(lanecrypt_hash(password, 2, setting, 29, nullptr, hash) == LANECRYPT_OK, "the known hashes are made");
      all.append(hash, sizeof hash);
    }
    return all + "$2y$31$zVHmKQtGGQob.b/Nc7l9NO" + '\0';
  }();
  return texts;
}

// A text of a setting's or hash's length, or near it.
Text choose_text(CallArena& arena, Choices& choices) {
  static constexpr std::size_t lengths[] = {60, 60, 29, 29, 0, 28, 30, 59, 61, 1000};
  const std::size_t length = choices.of(lengths);
  const unsigned kind = choices.below(8);
  if (kind == 0) return {nullptr, length};
  if (kind < 6)
    return {known_text(arena, 1 + choices.below(4)), length == 60 || kind < 4 ? std::min<std::size_t>(length, 61) : 29};
  return {arena.text(choices, length), length};
}

// Before anything is computed; OK means that the job is.
lanecrypt_status expected_of(const lanecrypt_hash_job& job, const Asked& asked) {
  const lanecrypt_status status = password_status(job.password, job.password_length, asked);
  if (status != LANECRYPT_OK) return status;
  if (job.setting == nullptr) return cost_status(job.cost == 0 ? asked.cost() : job.cost, asked);
  const std::string_view setting = view(job.setting, job.setting_length);
  if (!is_setting(setting) && !is_hash(setting)) return LANECRYPT_INVALID_SETTING;
  return cost_status(cost_of(setting), asked);
}

lanecrypt_status expected_of(const lanecrypt_verify_job& job, const Asked& asked) {
  lanecrypt_status status = job.upgrade_cost == 0 ? LANECRYPT_OK : cost_status(job.upgrade_cost, asked);
  if (status == LANECRYPT_OK) status = password_status(job.password, job.password_length, asked);
  if (status != LANECRYPT_OK || job.hash == nullptr) return status;
  const std::string_view stored = view(job.hash, job.hash_length);
  return is_hash(stored) ? cost_status(cost_of(stored), asked) : LANECRYPT_INVALID_HASH;
}

bool is_zero(const char (&hash)[LANECRYPT_HASH_SIZE]) {
  return std::all_of(hash, hash + LANECRYPT_HASH_SIZE, [](char c) { return c == '\0'; });
}

void check_job(const lanecrypt_hash_job& job, const Asked& asked, lanecrypt_status expected) {
  check(expected == LANECRYPT_OK ? is_end_of_computed(job.status, asked) : job.status == expected,
        "a hash job's status");
  check(job.status == LANECRYPT_OK ? is_whole(job.hash) : is_zero(job.hash), "a hash is whole or zero");
  if (job.status != LANECRYPT_OK) return;
  if (job.password_length != 2)
    check(is_hash_of(job.password, job.password_length, job.hash), "a hash is its password's");
  if (job.setting == nullptr) return;
  check(view(job.hash, 28) == view(job.setting, 28), "a hash begins with its setting");
}

void check_job(const lanecrypt_verify_job& job, const Asked& asked, lanecrypt_status expected) {
  const bool verdict = job.status == LANECRYPT_OK || job.status == LANECRYPT_MISMATCH;
  check(expected == LANECRYPT_OK ? verdict || is_end_of_computed(job.status, asked) : job.status == expected,
        "a verify job's status");
  if (verdict && expected == LANECRYPT_OK)
    check((job.status == LANECRYPT_OK) ==
              (job.hash != nullptr && is_hash_of(job.password, job.password_length, job.hash)),
          "a verdict is right");
  check_upgrade(job, asked);
}

// All that a job has when the call as a whole failed.
bool is_empty(const lanecrypt_hash_job& job, lanecrypt_status status) {
  return job.status == status && is_zero(job.hash);
}

bool is_empty(const lanecrypt_verify_job& job, lanecrypt_status status) {
  return job.status == status && job.upgrade_status == LANECRYPT_OK && is_zero(job.new_hash);
}

void choose_job(CallArena& arena, Choices& choices, lanecrypt_hash_job& job) {
  const Text secret = choose_password(arena, choices);
  const Text setting = choose_text(arena, choices);
  job.password = secret.data, job.password_length = secret.length;
  job.setting = static_cast<const char*>(setting.data), job.setting_length = setting.length;
  job.cost = some_cost(choices);
}

void choose_job(CallArena& arena, Choices& choices, lanecrypt_verify_job& job) {
  const Text secret = choose_password(arena, choices);
  const Text stored = choose_text(arena, choices);
  job.password = secret.data, job.password_length = secret.length;
  job.hash = static_cast<const char*>(stored.data), job.hash_length = stored.length;
  job.upgrade_cost = choices.one_in(2) ? some_cost(choices) : 0;
}

void outputs_of(CallArena& arena, const lanecrypt_hash_job& job) {
  arena.output(&job.status, sizeof job.status);
  arena.output(job.hash, sizeof job.hash);
}

void outputs_of(CallArena& arena, const lanecrypt_verify_job& job) {
  arena.output(&job.status, sizeof job.status);
  arena.output(&job.upgrade_status, sizeof job.upgrade_status);
  arena.output(job.new_hash, sizeof job.new_hash);
}

}  // namespace lanecrypt::fuzz
