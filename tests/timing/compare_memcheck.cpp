// Run under valgrind: no branch and no address depends on a digest where it is compared. The texts that are compared
// are undefined to memcheck, which reports the first jump or address that is taken from one, and the verdict, which is
// published, is made defined again. First the comparison alone, for every length and position; then all of a
// verification through the C ABI, from the engine's last step on. With an argument a careless comparison is in the
// product's place, and must be reported. What comes before, parsing the stored hash and Blowfish, is not promised.
#include <lanecrypt/lanecrypt.h>
#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine.hpp"

namespace lanecrypt {

// The linker (--wrap) sends the product's calls of constant_time_equal to watched_equal.
bool product_equal(const void*, const void*, std::size_t) noexcept
    __asm__("__real__ZN9lanecrypt19constant_time_equalEPKvS1_m");
bool watched_equal(const void*, const void*, std::size_t) noexcept
    __asm__("__wrap__ZN9lanecrypt19constant_time_equalEPKvS1_m");

namespace {

using Compare = bool (*)(const void*, const void*, std::size_t) noexcept;

bool early_exit(const void* a, const void* b, std::size_t size) noexcept {
  const auto* left = static_cast<const std::uint8_t*>(a);
  const auto* right = static_cast<const std::uint8_t*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return false;
  }
  return true;
}

// No branch, but a load from an address that depends on the texts.
bool by_table(const void* a, const void* b, std::size_t size) noexcept {
  static const std::array<volatile bool, 256> differs = [] {
    std::array<volatile bool, 256> table{};
    for (std::size_t i = 1; i < table.size(); ++i) table[i] = true;
    return table;
  }();
  const auto* left = static_cast<const std::uint8_t*>(a);
  const auto* right = static_cast<const std::uint8_t*>(b);
  unsigned difference = 0;
  for (std::size_t i = 0; i < size; ++i) {
    difference |= static_cast<unsigned>(differs[static_cast<std::size_t>(left[i] ^ right[i])]);
  }
  return difference == 0;
}

bool by_memcmp(const void* a, const void* b, std::size_t size) noexcept { return std::memcmp(a, b, size) == 0; }

Compare compare = product_equal;
unsigned comparisons = 0;

bool tainting = false;  // not while the self-test looks at known answers, which are no secrets

// portable, whose hashes are undefined from the moment that they are written.
bool finish(void* scratch, std::span<const Job> jobs) noexcept {
  const bool made = portable_engine.finish(scratch, jobs);
  if (!tainting) return made;
  for (const Job& job : jobs) (void)VALGRIND_MAKE_MEM_UNDEFINED(job.hash, hash_length);
  return made;
}

Engine make_tainted() {
  Engine engine = portable_engine;
  engine.name = "tainted";
  engine.finish = finish;
  return engine;
}

const Engine tainted = make_tainted();
const Engine* const rows[] = {&tainted};

unsigned wrong = 0;

void expect(bool right, const char* what, std::size_t where) {
  if (right) return;
  ++wrong;
  std::printf("wrong: %s, %zu\n", what, where);
}

// Every length, and in each every place of one difference, which is another bit each time.
void compare_everywhere() {
  constexpr std::size_t longest = 72;
  std::array<char, longest> left{};
  for (std::size_t length = 0; length <= longest; ++length) {
    for (std::size_t at = 0; at <= length; ++at) {
      std::array<char, longest> right = left;
      if (at < length) right[at] = static_cast<char>(1 << (length + at) % 8);
      expect(watched_equal(left.data(), right.data(), length) == (at == length), "a comparison", 100 * length + at);
    }
  }
}

lanecrypt_verify_job job_of(std::string_view password, const std::string* hash) {
  lanecrypt_verify_job job{};
  job.password = password.data();
  job.password_length = password.size();
  if (hash != nullptr) job.hash = hash->data(), job.hash_length = hash->size();
  return job;
}

// A match, a difference in every character of the digest, and all that is computed without being compared.
void verify_everywhere() {
  constexpr std::string_view password = "password";
  const std::string long_password(73, 'p');
  std::array<char, LANECRYPT_HASH_SIZE> hash{};
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.threads = 1;
  options.cost = 4;
  options.equal_time = 1;
  expect(lanecrypt_hash(password.data(), password.size(), "$2b$04$abcdefghijklmnopqrstuu", LANECRYPT_SETTING_LENGTH,
                        &options, hash.data()) == LANECRYPT_OK,
         "a hash", 0);
  const std::string stored(hash.data(), LANECRYPT_HASH_LENGTH);
  std::vector<std::string> others;
  for (std::size_t at = setting_length; at < hash_length; ++at) {
    others.push_back(stored);
    others.back()[at] = stored[at] == 'u' ? 'e' : 'u';  // canonical at the end too
  }
  const std::string malformed = "$2b$04$";
  std::vector<lanecrypt_verify_job> jobs{job_of(password, &stored), job_of(password, nullptr),
                                         job_of(password, &malformed), job_of(long_password, &stored)};
  const std::array expected = {LANECRYPT_OK, LANECRYPT_MISMATCH, LANECRYPT_INVALID_HASH, LANECRYPT_PASSWORD_TOO_LONG};
  for (const std::string& other : others) jobs.push_back(job_of(password, &other));
  lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
  expect(lanecrypt_engine(0, &info) == LANECRYPT_OK && info.state == LANECRYPT_ENGINE_READY, "the self-test", 0);
  tainting = true;
  const unsigned before = comparisons;
  expect(lanecrypt_verify_batch(jobs.data(), jobs.size(), sizeof jobs[0], &options, nullptr) == LANECRYPT_OK,
         "the batch", 0);
  expect(lanecrypt_verify(password.data(), password.size(), stored.data(), stored.size(), &options) == LANECRYPT_OK,
         "a single match", 0);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const int answer = i < expected.size() ? expected[i] : static_cast<int>(LANECRYPT_MISMATCH);
    expect(jobs[i].status == answer, "the answer of job", i);
  }
  expect(comparisons - before == jobs.size() + 1, "the number of comparisons", comparisons - before);
}

Compare named(std::string_view name) {
  if (name == "early-exit") return early_exit;
  if (name == "table") return by_table;
  return name == "memcmp" ? by_memcmp : nullptr;
}

}  // namespace

bool watched_equal(const void* a, const void* b, std::size_t size) noexcept {
  ++comparisons;
  (void)VALGRIND_MAKE_MEM_UNDEFINED(a, size);
  (void)VALGRIND_MAKE_MEM_UNDEFINED(b, size);
  bool equal = compare(a, b, size);
  (void)VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof equal);
  // The stored hash is the caller's again. The recomputed one stays undefined: nothing may look at it any more.
  if (a != b) (void)VALGRIND_MAKE_MEM_DEFINED(a, size);
  return equal;
}

std::span<const Engine* const> engine_table() noexcept { return rows; }

int run(const char* planted) {
  if (RUNNING_ON_VALGRIND == 0) return std::printf("this says something under valgrind only\n"), 2;
  if (planted != nullptr) compare = named(planted);
  if (compare == nullptr) return std::printf("usage: [early-exit | table | memcmp]\n"), 2;
  compare_everywhere();
  const auto alone = VALGRIND_COUNT_ERRORS;
  verify_everywhere();
  const unsigned through_abi = VALGRIND_COUNT_ERRORS - alone;
  std::printf("%u comparisons, %u wrong answers; errors of memcheck: %u alone, %u through the ABI\n", comparisons,
              wrong, alone, through_abi);
  if (wrong != 0) return 1;
  const bool found = planted == nullptr ? alone + through_abi == 0 : alone > 0 && through_abi > 0;
  return found ? 0 : 1;
}

}  // namespace lanecrypt

int main(int argc, char** argv) { return lanecrypt::run(argc > 1 ? argv[1] : nullptr); }
