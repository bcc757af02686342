// Bounds through the C ABI: every password length 0..80, every setting and hash length 0..64, every struct and output,
// flush against a page that cannot be touched, on either side, with each engine. Inputs cannot be written either.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "guarded.hpp"
#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::size_t longest_password = 80;
constexpr std::size_t longest_text = 64;
const std::string cost_4 = "$2b$04$abcdefghijklmnopqrstu.";
const std::string all_bytes = [] {  // no NUL: the libcrypt engine takes none
  std::string bytes;
  for (std::size_t i = 0; i < longest_password; ++i) bytes += static_cast<char>(0xff - 3 * i);
  return bytes;
}();

struct Options {
  explicit Options(const char* engine) : value(default_options()) {
    value.engine = engine;
    value.cost = LANECRYPT_COST_MIN;
  }
  lanecrypt_options value;
};

// What the password hashes to where nothing is near a border; cut where bcrypt would.
std::string expected_hash(std::string_view password) {
  char hash[LANECRYPT_HASH_SIZE] = "";
  EXPECT_EQ(lanecrypt_hash(password.data(), std::min<std::size_t>(password.size(), 72), cost_4.data(), cost_4.size(),
                           nullptr, hash),
            LANECRYPT_OK);
  return hash;
}

// The expected hashes of all_bytes's beginnings, by their length.
const std::vector<std::string>& expected_hashes() {
  static const std::vector<std::string> hashes = [] {
    std::vector<std::string> all;
    for (std::size_t length = 0; length <= longest_password; ++length)
      all.push_back(expected_hash(all_bytes.substr(0, length)));
    return all;
  }();
  return hashes;
}

std::string with_nul(const std::string& text) { return {text.c_str(), text.size() + 1}; }

// Calls test(options) with each engine that can run here, the engine's name flush too, on both sides.
template <typename Test>
void with_each_engine(Test test) {
  std::size_t engines = 0;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(i, &info), LANECRYPT_OK);
    if (info.state == LANECRYPT_ENGINE_CPU_LACKS) continue;
    ASSERT_EQ(info.state, LANECRYPT_ENGINE_READY) << info.name;
    SCOPED_TRACE(info.name);
    ++engines;
    for (const Guard guard : guards) {
      const Guarded name(with_nul(info.name), guard);
      const Guarded prefix(with_nul("2b"), guard);
      Options options(name.text());
      options.value.prefix = prefix.text();
      const auto flush = GuardedArray<lanecrypt_options>::holding(options.value, guard);
      flush.freeze();
      test(flush.data(), guard);
    }
  }
  EXPECT_GT(engines, 0U);
}

lanecrypt_options truncating(const lanecrypt_options* from) {
  lanecrypt_options options = *from;
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  return options;
}

// The passwords of all lengths, each in a mapping of its own.
std::vector<Guarded> passwords_of_all_lengths(Guard guard) {
  std::vector<Guarded> passwords;
  for (std::size_t length = 0; length <= longest_password; ++length)
    passwords.emplace_back(std::string_view(all_bytes).substr(0, length), guard);
  return passwords;
}

TEST(Bounds, OnePasswordOfEveryLength) {
  with_each_engine([](const lanecrypt_options* options, Guard guard) {
    const lanecrypt_options cutting = truncating(options);
    const Guarded setting(cost_4, guard);
    const Guarded hash(LANECRYPT_HASH_SIZE, guard);
    for (const Guarded& password : passwords_of_all_lengths(guard)) {
      const std::size_t length = password.size();
      const std::string& expected = expected_hashes()[length];
      const bool fits = length <= LANECRYPT_PASSWORD_MAX;
      const lanecrypt_status refused = fits ? LANECRYPT_OK : LANECRYPT_PASSWORD_TOO_LONG;
      EXPECT_EQ(lanecrypt_hash(password.text(), length, setting.text(), 29, options, hash.text()), refused);
      EXPECT_EQ(std::string(hash.text()), fits ? expected : "") << length;
      const Guarded stored(expected, guard);
      EXPECT_EQ(lanecrypt_verify(password.text(), length, stored.text(), 60, options), refused) << length;
      if (fits) continue;
      EXPECT_EQ(lanecrypt_hash(password.text(), length, setting.text(), 29, &cutting, hash.text()), LANECRYPT_OK);
      EXPECT_EQ(std::string(hash.text()), expected) << length;
      EXPECT_EQ(lanecrypt_verify(password.text(), length, stored.text(), 60, &cutting), LANECRYPT_OK) << length;
    }
    EXPECT_TRUE(hash.untouched_around());
  });
}

// All lengths at once, so that they stand in all lanes of full groups; jobs, report and options are flush too.
TEST(Bounds, BatchesOfPasswordsOfEveryLength) {
  with_each_engine([](const lanecrypt_options* from, Guard guard) {
    const auto options = GuardedArray<lanecrypt_options>::holding(truncating(from), guard);
    const std::vector<Guarded> passwords = passwords_of_all_lengths(guard);
    const Guarded setting(cost_4, guard);
    const auto report = GuardedArray<lanecrypt_report>::holding(LANECRYPT_REPORT_INIT, guard);
    const GuardedArray<lanecrypt_hash_job> hashing(passwords.size(), guard);
    const GuardedArray<lanecrypt_verify_job> verifying(passwords.size(), guard);
    std::vector<Guarded> stored;
    for (std::size_t i = 0; i < passwords.size(); ++i) {
      stored.emplace_back(expected_hashes()[i], guard);
      hashing[i].password = passwords[i].text();
      hashing[i].password_length = verifying[i].password_length = i;
      verifying[i].password = passwords[i].text();
      hashing[i].setting = setting.text();
      hashing[i].setting_length = setting.size();
      verifying[i].hash = stored[i].text();
      verifying[i].hash_length = stored[i].size();
      verifying[i].upgrade_cost = i % 8 == 0 ? 5 : 0;
    }
    ASSERT_EQ(lanecrypt_hash_batch(hashing.data(), passwords.size(), sizeof(lanecrypt_hash_job), options.data(),
                                   report.data()),
              LANECRYPT_OK);
    EXPECT_EQ(report->succeeded, passwords.size());
    ASSERT_EQ(lanecrypt_verify_batch(verifying.data(), passwords.size(), sizeof(lanecrypt_verify_job), options.data(),
                                     report.data()),
              LANECRYPT_OK);
    EXPECT_EQ(report->succeeded, passwords.size());
    for (std::size_t i = 0; i < passwords.size(); ++i) {
      EXPECT_EQ(hashing[i].hash, expected_hashes()[i]);
      EXPECT_EQ(std::string(verifying[i].new_hash).substr(0, 7), i % 8 == 0 ? "$2b$05$" : "") << i;
    }
    EXPECT_TRUE(hashing.untouched_around() && verifying.untouched_around() && report.untouched_around());
  });
}

// Texts that are cut at every length: a hash, a setting whose salt goes on, and ones that break off in other ways.
std::vector<std::string> texts() {
  return {expected_hashes()[3] + "more", cost_4 + std::string(longest_text - cost_4.size(), '.'),
          std::string(longest_text, '$'), std::string(longest_text, '\0'), "$2b$04$" + std::string(57, '\xff')};
}

TEST(Bounds, SettingsOfEveryLength) {
  with_each_engine([](const lanecrypt_options* options, Guard guard) {
    const Guarded password(all_bytes.substr(0, 3), guard);
    const Guarded hash(LANECRYPT_HASH_SIZE, guard);
    const GuardedArray<lanecrypt_hash_job> job(1, guard);
    for (const std::string& text : texts()) {
      for (std::size_t length = 0; length <= longest_text; ++length) {
        const Guarded setting(std::string_view(text).substr(0, length), guard);
        const bool right = (length == 29 || length == 60) && text.starts_with(cost_4);
        const lanecrypt_status expected = right ? LANECRYPT_OK : LANECRYPT_INVALID_SETTING;
        EXPECT_EQ(lanecrypt_hash(password.text(), 3, setting.text(), length, options, hash.text()), expected) << length;
        EXPECT_EQ(std::string(hash.text()), right ? expected_hashes()[3] : "");
        job[0] = {password.text(), 3, setting.text(), length, 0, -1, {}};
        ASSERT_EQ(lanecrypt_hash_batch(job.data(), 1, sizeof job[0], options, nullptr), LANECRYPT_OK);
        EXPECT_EQ(job[0].status, expected) << length;
      }
    }
    EXPECT_TRUE(hash.untouched_around() && job.untouched_around());
  });
}

TEST(Bounds, StoredHashesOfEveryLength) {
  with_each_engine([](const lanecrypt_options* options, Guard guard) {
    const Guarded password(all_bytes.substr(0, 3), guard);
    const GuardedArray<lanecrypt_verify_job> job(1, guard);
    for (const std::string& text : texts()) {
      for (std::size_t length = 0; length <= longest_text; ++length) {
        const Guarded stored(std::string_view(text).substr(0, length), guard);
        const bool right = length == 60 && text.substr(0, 60) == expected_hashes()[3];
        const bool canonical = right || (length == 60 && text.starts_with(cost_4));  // a digest of dots is one
        const lanecrypt_status expected = right       ? LANECRYPT_OK
                                          : canonical ? LANECRYPT_MISMATCH
                                                      : LANECRYPT_INVALID_HASH;
        EXPECT_EQ(lanecrypt_verify(password.text(), 3, stored.text(), length, options), expected) << length;
        job[0] = {password.text(), 3, stored.text(), length, 5, -1, -1, {}};
        ASSERT_EQ(lanecrypt_verify_batch(job.data(), 1, sizeof job[0], options, nullptr), LANECRYPT_OK);
        EXPECT_EQ(job[0].status, expected) << length;
        EXPECT_EQ(std::string(job[0].new_hash).size(), right ? 60U : 0U);
      }
    }
    EXPECT_TRUE(job.untouched_around());
  });
}

TEST(Bounds, ParsingOfEveryLength) {
  for (const Guard guard : guards) {
    const GuardedArray<int> needs(1, guard);
    const auto info = GuardedArray<lanecrypt_hash_info>::holding(LANECRYPT_HASH_INFO_INIT, guard);
    const Guarded prefix(with_nul("2b"), guard);
    for (const std::string& text : texts()) {
      for (std::size_t length = 0; length <= longest_text; ++length) {
        const Guarded stored(std::string_view(text).substr(0, length), guard);
        const bool right = length == 60 && text.starts_with("$2b$04$a");
        const lanecrypt_status expected = right ? LANECRYPT_OK : LANECRYPT_INVALID_HASH;
        EXPECT_EQ(lanecrypt_parse_hash(stored.text(), length, info.data()), expected) << length;
        EXPECT_EQ(std::string(info->setting), right ? cost_4 : "");
        EXPECT_EQ(lanecrypt_needs_rehash(stored.text(), length, 5, prefix.text(), needs.data()), expected) << length;
        EXPECT_EQ(needs[0], right);
      }
    }
    EXPECT_TRUE(needs.untouched_around() && info.untouched_around());
  }
}

TEST(Bounds, PrefixesOfEveryLength) {
  for (const Guard guard : guards) {
    const Guarded setting(LANECRYPT_SETTING_SIZE, guard);
    for (const std::string& text : {std::string("2"), std::string(""), std::string("2a"), std::string("2y$10$")}) {
      const Guarded prefix(with_nul(text), guard);
      const bool right = text == "2a";
      EXPECT_EQ(lanecrypt_gensalt(4, prefix.text(), setting.text()), right ? LANECRYPT_OK : LANECRYPT_INVALID_ARGUMENT);
      EXPECT_EQ(std::string(setting.text()).size(), right ? 29U : 0U);
    }
    EXPECT_TRUE(setting.untouched_around());
  }
}

// Structs of the machine, and the array of widths for each capacity, plans of one job to many.
TEST(Bounds, StructsAboutTheMachine) {
  with_each_engine([](const lanecrypt_options* options, Guard guard) {
    const auto engine = GuardedArray<lanecrypt_engine_info>::holding(LANECRYPT_ENGINE_INFO_INIT, guard);
    EXPECT_EQ(lanecrypt_engine(0, engine.data()), LANECRYPT_OK);
    const auto budget = GuardedArray<lanecrypt_thread_budget>::holding(LANECRYPT_THREAD_BUDGET_INIT, guard);
    EXPECT_EQ(lanecrypt_threads(budget.data()), LANECRYPT_OK);
    const auto plan = GuardedArray<lanecrypt_plan_info>::holding(LANECRYPT_PLAN_INFO_INIT, guard);
    for (std::size_t capacity = 0; capacity <= 20; ++capacity) {
      const GuardedArray<std::uint32_t> widths(capacity, guard);
      for (const std::size_t jobs : {0U, 1U, 15U, 100U}) {
        EXPECT_EQ(lanecrypt_plan(jobs, options, widths.data(), capacity, plan.data()), LANECRYPT_OK);
      }
      EXPECT_TRUE(widths.untouched_around());
    }
    EXPECT_TRUE(engine.untouched_around() && budget.untouched_around() && plan.untouched_around());
  });
}

// A caller of an older header has a struct that ends earlier, one of a newer header a longer one: neither is passed.
TEST(Bounds, StructsOfOtherSizes) {
  for (const Guard guard : guards) {
    const Guarded older(offsetof(lanecrypt_plan_info, width_limit), guard);
    auto* const plan = reinterpret_cast<lanecrypt_plan_info*>(older.bytes());
    plan->struct_size = older.size();
    EXPECT_EQ(lanecrypt_plan(20, nullptr, nullptr, 0, plan), LANECRYPT_OK);
    EXPECT_TRUE(older.untouched_around());

    const Guarded newer(sizeof(lanecrypt_report) + 40, guard);
    auto* const report = reinterpret_cast<lanecrypt_report*>(newer.bytes());
    report->struct_size = newer.size();
    const Guarded longer(sizeof(lanecrypt_options) + 24, guard);
    std::memset(longer.bytes(), 0, longer.size());
    auto* const options = reinterpret_cast<lanecrypt_options*>(longer.bytes());
    options->struct_size = longer.size();
    longer.freeze();
    EXPECT_EQ(lanecrypt_hash_batch(nullptr, 0, sizeof(lanecrypt_hash_job), options, report), LANECRYPT_OK);
    EXPECT_EQ(report->struct_size, newer.size());
    EXPECT_TRUE(newer.untouched_around());

    const auto nothing_but_a_size = GuardedArray<std::size_t>::holding(8, guard);
    EXPECT_EQ(lanecrypt_threads(reinterpret_cast<lanecrypt_thread_budget*>(nothing_but_a_size.data())),
              LANECRYPT_INVALID_ARGUMENT);
  }
}

TEST(Bounds, BlocksOfKeys) {
  for (const Guard guard : guards) {
    const Guarded password(std::string_view(all_bytes).substr(0, LANECRYPT_PBKDF_DIGEST_SIZE), guard);
    std::string first;
    for (std::size_t count = 0; count <= 17; ++count) {
      const Guarded salts(std::string(count * LANECRYPT_PBKDF_DIGEST_SIZE, 's'), guard);
      const Guarded blocks(count * LANECRYPT_PBKDF_BLOCK_SIZE, guard);
      ASSERT_EQ(lanecrypt_pbkdf_hash(password.bytes(), salts.bytes(), count, blocks.bytes()), LANECRYPT_OK);
      if (count == 1) first = blocks.view();
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(blocks.view().substr(32 * i, 32), first) << count;
      EXPECT_TRUE(blocks.untouched_around());
      EXPECT_EQ(lanecrypt_pbkdf_hash(nullptr, salts.bytes(), count, blocks.bytes()),
                count == 0 ? LANECRYPT_OK : LANECRYPT_INVALID_ARGUMENT);
    }
  }
}

// The pages do guard: with a length that is a byte too long, or a pointer a byte too early, each call ends the process.
template <typename Call>
bool survives(Call call) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);  // no sanitizer need report what is meant to happen
    call();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Bounds, AByteTooFarIsFound) {
  const lanecrypt_options* const options = nullptr;
  for (const Guard guard : guards) {
    const std::ptrdiff_t too_early = guard == Guard::before ? 1 : 0;
    const Guarded password(all_bytes.substr(0, 8), guard);
    const Guarded stored(expected_hashes()[8].substr(0, 59), guard);
    const Guarded setting(cost_4.substr(0, 28), guard);
    const Guarded out(LANECRYPT_HASH_SIZE - 1, guard);
    const Guarded text(cost_4, guard);
    const Guarded hash(LANECRYPT_HASH_SIZE, guard);
    const auto at = [&](const Guarded& memory) { return memory.text() - too_early; };
    const auto hashes = [&](const char* pw, std::size_t length, const char* set, char* to) {
      return survives([&] { lanecrypt_hash(pw, length, set, 29, options, to); });
    };
    EXPECT_TRUE(hashes(password.text(), 8, text.text(), hash.text()));
    EXPECT_FALSE(hashes(at(password), 9, text.text(), hash.text()));
    EXPECT_FALSE(hashes(password.text(), 8, at(setting), hash.text()));
    EXPECT_FALSE(hashes(password.text(), 8, text.text(), at(out)));
    EXPECT_FALSE(survives([&] { lanecrypt_verify(password.text(), 8, at(stored), 60, options); }));
    EXPECT_FALSE(survives([&] { password.text()[0] = 'x'; }));  // frozen
  }
}

}  // namespace
}  // namespace lanecrypt::test
