// No password, key word or key schedule is anywhere in a process behind a call of the library: its memory, all stacks
// and all registers are searched while it waits. Every engine, through the static library and the shared one.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "child_process.hpp"
#include "engines.hpp"
#include "process_scan.hpp"
#include "reference_bcrypt.hpp"
#include "secrets.hpp"

namespace lanecrypt::test {
namespace {

struct Library {
  const char* name;
  const char* program;
  bool has_libcrypt;
};
// For the names of tests.
void PrintTo(const Library& library, std::ostream* out) { *out << library.name; }

constexpr Library libraries[] = {{"static", LANECRYPT_CHILD_STATIC, LANECRYPT_CHILD_ORACLE != 0},
                                 {"shared", LANECRYPT_CHILD_SHARED, false}};

std::string setting_of(const char* format, unsigned cost) {
  std::array<char, setting_length + 1> text{};
  std::snprintf(text.data(), text.size(), format, cost);  // NOLINT: one %02u
  return text.data();
}

std::string long_secret() { return make_secret(long_bytes, long_number); }
std::string short_secret() { return make_secret(short_bytes, short_number); }
std::string hash_of_long(unsigned cost) {
  return ReferenceBcrypt::hash(long_secret().substr(0, password_max), *Setting::parse(setting_of(long_salt, cost)));
}

// Iterations after which a batch that is stopped 50 ms after its begin may be, and some more.
constexpr std::uint64_t iterations_until_stopped = 1024;

// All of both passwords. The cost of a setting changes no step of the schedule, only their number.
const Needles& all_needles() {
  static const Needles needles = [] {
    Needles all;
    add_password(all, "the long password", long_secret());
    add_password(all, "the short password", short_secret());
    const ReferenceBcrypt first(long_secret().substr(0, password_max), *Setting::parse(setting_of(long_salt, 4)));
    const ReferenceBcrypt second(short_secret(), *Setting::parse(setting_of(short_salt, 4)));
    all.add_lanes("key words", first.key(), second.key());
    all.add_lanes("P of the salted schedule", first.tables().p, second.tables().p);
    add_schedules(all, "the long password", long_secret(), setting_of(long_salt, 4), iterations_until_stopped);
    add_schedules(all, "the short password", short_secret(), setting_of(short_salt, 4), 64);
    add_pbkdf(all, make_secret(64, digest_number), make_secret(64, salt_number));
    return all;
  }();
  return needles;
}

std::string describe(const Scanned& scanned) {
  std::string text;
  for (const Find& find : scanned.finds) text += find.needle + " in " + find.place + "\n";
  return text;
}

class Secrets : public testing::TestWithParam<std::tuple<Library, std::string>> {
 protected:
  void SetUp() override {
#if LANECRYPT_SANITIZED
    GTEST_SKIP() << "a sanitizer keeps freed blocks and stack frames";
#endif
  }

  const Library& library() const { return std::get<0>(GetParam()); }
  const std::string& engine() const { return std::get<1>(GetParam()); }

  // Gives the child a command, which must answer as expected ("" for anything), and looks at all of it. Its answer.
  std::string expect_nothing_left(ChildProcess& child, const std::string& command, const std::string& expected,
                                  const Needles& needles = all_needles()) {
    const std::string answer = child.ask(command);
    EXPECT_TRUE(expected.empty() || answer == expected) << command << ": " << answer;
    const Scanned scanned = scan_process(child.id(), needles);
    EXPECT_GT(scanned.bytes, 100'000U);
    EXPECT_GT(scanned.registers, 500 * scanned.threads);
    EXPECT_TRUE(scanned.finds.empty()) << "behind: " << command << '\n' << describe(scanned);
    return answer;
  }
};

std::string all_succeed(unsigned jobs) { return "0 " + std::to_string(jobs) + " 0 0"; }

// For soak runs: every number of jobs up to two groups and more, on 1 to 4 threads, of three costs, through each call.
TEST_P(Secrets, NothingIsLeftBehindAnything) {
  if (std::getenv("LANECRYPT_TEST_ALL") == nullptr) GTEST_SKIP() << "takes minutes: LANECRYPT_TEST_ALL=1";
  ChildProcess child(library().program, engine());
  for (const char* const call : {"hash ", "hash-mixed ", "hash-salted ", "hash-cut ", "cancel-before ", "deadline ",
                                 "verify ", "verify-upgrade ", "pbkdf "}) {
    for (unsigned jobs = 1; jobs <= 24; ++jobs) {
      for (unsigned threads = 1; threads <= 4; ++threads) {
        const std::string command = call + std::to_string(jobs) + " " + std::to_string(threads);
        expect_nothing_left(child, command + (call == std::string("deadline ") ? " 11" : " 4"), "");
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(Secrets, NothingIsLeftBehindHashing) {
  ChildProcess child(library().program, engine());
  for (unsigned jobs = 1; jobs <= 11; ++jobs) {
    expect_nothing_left(child, "hash " + std::to_string(jobs) + " 1 4", all_succeed(jobs));
  }
  expect_nothing_left(child, "hash 40 2 4", all_succeed(40));
  expect_nothing_left(child, "hash 64 4 4", all_succeed(64));
  expect_nothing_left(child, "hash-mixed 48 3 4", all_succeed(48));
  expect_nothing_left(child, "hash-salted 20 2 4", all_succeed(20));
  expect_nothing_left(child, "hash-cut 20 2 4", all_succeed(20));
  expect_nothing_left(child, "hash-one 1 1 4", "0 0 0 0");
}

TEST_P(Secrets, NothingIsLeftBehindErrors) {
  ChildProcess child(library().program, engine());
  expect_nothing_left(child, "hash-wrong-jobs 40 2 4", "0 10 0 30");
  expect_nothing_left(child, "hash-wrong-engine 20 2 4", "9 0 0 20");
  expect_nothing_left(child, "hash-wrong-options 20 2 4", "8 0 0 20");
  expect_nothing_left(child, "verify 20 2 4 $2b$04$no hash", "0 0 0 20");
  expect_nothing_left(child, "verify-one 1 1 4 $2b$04$no hash", "4 0 0 0");
}

// Each of a call's allocations fails once. An upgrade's are made when there are hashes already.
TEST_P(Secrets, NothingIsLeftBehindAnAllocationThatFails) {
  ChildProcess child(library().program, engine());
  const std::string verify = "verify-upgrade 20 2 4 " + hash_of_long(4);
  for (const std::string& call :
       {std::string("hash 1 1 4"), std::string("hash 20 2 4"), verify, std::string("pbkdf 3")}) {
    int refused = 0;
    for (int nth = 1;; ++nth) {
      const std::string command = "fail " + std::to_string(nth) + " " + call;
      const std::string answer = expect_nothing_left(child, command, "");
      if (answer == "enough") break;
      refused += answer.starts_with("11 ");
      ASSERT_LT(nth, 1000);
    }
    EXPECT_GE(refused, call.starts_with("pbkdf") ? 1 : 4) << call;
  }
}

TEST_P(Secrets, NothingIsLeftBehindAMatch) {
  ChildProcess child(library().program, engine());
  expect_nothing_left(child, "verify 1 1 4 " + hash_of_long(4), all_succeed(1));
  expect_nothing_left(child, "verify 40 2 4 " + hash_of_long(4), all_succeed(40));
  expect_nothing_left(child, "verify-upgrade 20 2 4 " + hash_of_long(4), all_succeed(20));
  expect_nothing_left(child, "verify-one 1 1 4 " + hash_of_long(4), "0 0 0 0");
}

// The hash that was computed and did not match tells the password to whoever guesses, as the stored one does.
TEST_P(Secrets, NothingIsLeftBehindAMismatch) {
  Needles needles = all_needles();
  add_digest(needles, "the recomputed hash", hash_of_long(4));
  std::string other = ReferenceBcrypt::hash("other", *Setting::parse(setting_of(long_salt, 4)));
  ChildProcess child(library().program, engine());
  expect_nothing_left(child, "verify 1 1 4 " + other, "0 0 1 0", needles);
  expect_nothing_left(child, "verify 40 2 4 " + other, "0 0 40 0", needles);
  expect_nothing_left(child, "verify-one 1 1 4 " + other, "1 0 0 0", needles);
  Needles dummy = all_needles();
  const Setting no_salt = Setting::make('b', 4, Salt{});
  add_digest(dummy, "the dummy's hash", ReferenceBcrypt::hash(long_secret().substr(0, password_max), no_salt));
  expect_nothing_left(child, "verify 1 1 4", "0 0 1 0", dummy);
  expect_nothing_left(child, "verify 40 2 4", "0 0 40 0", dummy);
  expect_nothing_left(child, "verify-one 1 1 4", "1 0 0 0", dummy);
}

TEST_P(Secrets, NothingIsLeftBehindCancelAndDeadline) {
  ChildProcess child(library().program, engine());
  expect_nothing_left(child, "cancel-before 20 2 11", "0 0 0 20");
  expect_nothing_left(child, "deadline-before 20 2 11", "0 0 0 20");
  for (const char* const how : {"cancel ", "deadline "}) {
    for (const char* const jobs : {"40 1 11", "60 3 11"}) {
      expect_nothing_left(child, std::string(how) + jobs, "");
      EXPECT_EQ(child.ask("hash 1 1 4"), all_succeed(1)) << "the child goes on";
    }
  }
}

// Some hashes are computed and compared by then, others never are.
TEST_P(Secrets, NothingIsLeftBehindAVerificationThatIsStopped) {
  Needles needles = all_needles();
  add_digest(needles, "the recomputed hash", hash_of_long(8));
  const std::string other = ReferenceBcrypt::hash("other", *Setting::parse(setting_of(long_salt, 8)));
  ChildProcess child(library().program, engine());
  for (const char* const how : {"verify-cancel ", "verify-deadline "}) {
    for (const char* const jobs : {"200 1 8 ", "250 2 8 "})
      expect_nothing_left(child, how + (jobs + other), "", needles);
  }
}

TEST_P(Secrets, NothingIsLeftBehindPbkdf) {
  ChildProcess child(library().program, engine());
  for (unsigned blocks = 1; blocks <= 9; ++blocks) {
    expect_nothing_left(child, "pbkdf " + std::to_string(blocks), "0 0 0 0");
  }
}

// ---- What the tests above would find

TEST_P(Secrets, KeyWordsAreFoundInTheMiddleOfABatch) {
  ChildProcess child(library().program, engine());
  ASSERT_EQ(child.ask("stop-in-batch 40 2 11"), "in the batch");
  const std::string found = describe(scan_process(child.id(), all_needles()));
  EXPECT_NE(found.find("the long password"), std::string::npos) << found;
  EXPECT_NE(found.find("key words"), std::string::npos) << found;
  EXPECT_TRUE(child.ask("").starts_with("0 "));
  EXPECT_EQ(describe(scan_process(child.id(), all_needles())), "");
}

std::vector<std::tuple<Library, std::string>> every_engine() {
  std::vector<std::tuple<Library, std::string>> all;
  for (const Library& library : libraries) {
    for (const Engine* engine : engines_here()) {
      if (engine->takes_nul || library.has_libcrypt) all.emplace_back(library, engine->name);
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Engines, Secrets, testing::ValuesIn(every_engine()), [](const auto& info) {
  return std::get<0>(info.param).name + ("_" + std::get<1>(info.param));
});

// ---- Core files

// The one file of a folder, or "" where the system writes cores elsewhere or not at all.
std::string core_in(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) return entry.path();
  return "";
}

class SecretsInCores : public testing::Test {
 protected:
  void SetUp() override {
#if LANECRYPT_SANITIZED
    GTEST_SKIP() << "a sanitizer keeps freed blocks and stack frames";
#endif
    std::string name = testing::TempDir() + "lanecrypt-cores-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) GTEST_SKIP() << "no folder for core files";
    folder_ = name;
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // What is found in the core of a child that was given these commands.
  std::string found_behind(std::initializer_list<const char*> commands) {
    ChildProcess child(LANECRYPT_CHILD_SHARED, "", folder_);
    for (const char* const command : commands) EXPECT_NE(child.ask(command), "unknown");
    child.abort();
    const std::string core = core_in(folder_);
    if (core.empty()) return "no core";
    const Scanned scanned = scan_file(core, all_needles());
    EXPECT_GT(scanned.bytes, 100'000U);
    std::filesystem::remove(core);
    return describe(scanned);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(SecretsInCores, ACoreOfAProcessBehindItsBatchesHoldsNothing) {
  const std::string found = found_behind({"hash 40 2 4", "hash-one 1 1 4", "verify 20 2 4", "cancel 40 2 11"});
  if (found == "no core") GTEST_SKIP() << "no core file is written here (RLIMIT_CORE, core_pattern)";
  EXPECT_EQ(found, "");
  EXPECT_NE(found_behind({"plant heap"}).find("the long password"), std::string::npos);
  EXPECT_NE(found_behind({"plant thread-stack"}).find("the long password"), std::string::npos);
}

// ---- Copies that a program keeps on purpose

class PlantedSecrets : public testing::TestWithParam<const char*> {};

TEST_P(PlantedSecrets, AreFound) {
#if LANECRYPT_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps freed blocks and stack frames";
#endif
  ChildProcess child(LANECRYPT_CHILD_STATIC, "");
  ASSERT_EQ(describe(scan_process(child.id(), all_needles())), "");
  const std::string answer = child.ask(std::string("plant ") + GetParam());
  if (answer == "cannot be planted here") GTEST_SKIP() << "this processor has no such register";
  const std::string found = describe(scan_process(child.id(), all_needles()));
  EXPECT_NE(found.find("the long password"), std::string::npos) << found;
}

INSTANTIATE_TEST_SUITE_P(Places, PlantedSecrets,
                         testing::Values("heap", "global", "words", "stack", "thread-stack", "register",
                                         "vector-register", "upper-half-register", "upper-register"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

std::string bytes_of(std::span<const std::uint32_t> words) {
  return {reinterpret_cast<const char*>(words.data()), words.size_bytes()};
}

// What engines make of passwords, laid out as they do: the test writes it into the child.
TEST(PlantedSchedules, AreFound) {
#if LANECRYPT_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps freed blocks and stack frames";
#endif
  ReferenceBcrypt first(long_secret().substr(0, password_max), *Setting::parse(setting_of(long_salt, 4)));
  const ReferenceBcrypt second(short_secret(), *Setting::parse(setting_of(short_salt, 4)));
  std::vector<std::uint32_t> side_by_side;
  for (unsigned i = 0; i < p_words; ++i) {
    side_by_side.insert(side_by_side.end(), {first.key()[i], first.key()[i], second.key()[i], second.key()[i]});
  }
  std::vector<std::string> plants = {bytes_of(first.key()),
                                     bytes_of(std::span(second.key()).subspan(4, 2)),
                                     bytes_of(side_by_side),
                                     bytes_of(first.tables().p),
                                     bytes_of(std::span(second.tables().s[3]).last(2)),
                                     make_secret(64, digest_number).substr(20, 8)};
  first.iterate(512);
  plants.push_back(bytes_of(std::span(first.tables().p).first(2)));
  plants.push_back(bytes_of(std::span(first.tables().s[1]).first(2)));
  ChildProcess child(LANECRYPT_CHILD_STATIC, "");
  for (std::size_t i = 0; i < plants.size(); ++i) {
    child.poke(plants[i]);
    EXPECT_NE(describe(scan_process(child.id(), all_needles())), "") << i;
    child.poke(std::string(plants[i].size(), '\0'));
    EXPECT_EQ(describe(scan_process(child.id(), all_needles())), "") << i;
  }
}

}  // namespace
}  // namespace lanecrypt::test
