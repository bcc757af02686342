// Statuses, the version, salts, stored hashes.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "jobs.hpp"

namespace lanecrypt::test {
namespace {

TEST(StatusText, EachHasANameAndASentence) {
  std::set<std::string> names;
  for (std::int32_t status = LANECRYPT_OK; status <= LANECRYPT_INTERNAL; ++status) {
    names.insert(lanecrypt_status_name(status));
    EXPECT_GT(std::string(lanecrypt_status_text(status)).size(), 10U);
  }
  EXPECT_EQ(names, (std::set<std::string>{"ok", "mismatch", "password_too_long", "invalid_setting", "invalid_hash",
                                          "cost_too_high", "deadline", "cancelled", "invalid_argument", "unsupported",
                                          "busy", "out_of_memory", "no_entropy", "internal"}));
  EXPECT_STREQ(lanecrypt_status_name(LANECRYPT_PASSWORD_TOO_LONG), "password_too_long");
  EXPECT_STREQ(lanecrypt_status_name(LANECRYPT_NO_ENTROPY), "no_entropy");
  for (const std::int32_t none : {-1, 14, 1000, INT32_MIN, INT32_MAX}) {
    EXPECT_STREQ(lanecrypt_status_name(none), "unknown");
    EXPECT_NE(lanecrypt_status_text(none), nullptr);
  }
}

TEST(Gensalt, EveryCostAndPrefix) {
  for (const char* prefix : {"2a", "2b", "2y"}) {
    for (std::uint32_t cost = 4; cost <= 31; ++cost) {
      char setting[LANECRYPT_SETTING_SIZE];
      ASSERT_EQ(lanecrypt_gensalt(cost, prefix, setting), LANECRYPT_OK);
      char head[8];
      std::snprintf(head, sizeof head, "$%s$%02u$", prefix, cost);
      EXPECT_EQ(std::string(setting).substr(0, 7), head);
      EXPECT_EQ(std::string(setting).size(), 29U);
    }
  }
}

TEST(Gensalt, DefaultsAndErrors) {
  char setting[LANECRYPT_SETTING_SIZE];
  ASSERT_EQ(lanecrypt_gensalt(0, nullptr, setting), LANECRYPT_OK);
  EXPECT_EQ(std::string(setting).substr(0, 7), "$2b$12$");
  for (const std::uint32_t cost : {3U, 32U, 1000U}) {
    setting[0] = '?';
    EXPECT_EQ(lanecrypt_gensalt(cost, nullptr, setting), LANECRYPT_INVALID_ARGUMENT);
    EXPECT_TRUE(all_zero(setting));
  }
  for (const char* prefix : {"2x", "2", "", "2b$", "b"}) {
    EXPECT_EQ(lanecrypt_gensalt(10, prefix, setting), LANECRYPT_INVALID_ARGUMENT) << prefix;
  }
}

TEST(Gensalt, NeverTheSameTwice) {
  std::set<std::string> salts;
  for (int i = 0; i < 1000; ++i) {
    char setting[LANECRYPT_SETTING_SIZE];
    ASSERT_EQ(lanecrypt_gensalt(4, "2b", setting), LANECRYPT_OK);
    salts.insert(setting);
  }
  EXPECT_EQ(salts.size(), 1000U);
}

TEST(ParseHash, SaysWhatTheHashSays) {
  lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
  ASSERT_EQ(lanecrypt_parse_hash(known_hash.data(), known_hash.size(), &info), LANECRYPT_OK);
  EXPECT_EQ(info.cost, 5U);
  EXPECT_STREQ(info.prefix, "2b");
  EXPECT_EQ(info.setting, known_setting);
  EXPECT_EQ(lanecrypt_parse_hash(known_hash.data(), 59, &info), LANECRYPT_INVALID_HASH);
  EXPECT_EQ(info.cost, 0U);
  EXPECT_STREQ(info.prefix, "");
}

TEST(NeedsRehash, ThroughTheAbi) {
  int needs = -1;
  ASSERT_EQ(lanecrypt_needs_rehash(known_hash.data(), 60, 5, "2b", &needs), LANECRYPT_OK);
  EXPECT_EQ(needs, 0);
  ASSERT_EQ(lanecrypt_needs_rehash(known_hash.data(), 60, 6, "2b", &needs), LANECRYPT_OK);
  EXPECT_EQ(needs, 1);
  ASSERT_EQ(lanecrypt_needs_rehash(known_hash.data(), 60, 0, nullptr, &needs), LANECRYPT_OK);
  EXPECT_EQ(needs, 1);
  EXPECT_EQ(lanecrypt_needs_rehash(known_hash.data(), 59, 6, "2b", &needs), LANECRYPT_INVALID_HASH);
  EXPECT_EQ(needs, 0);
  EXPECT_EQ(lanecrypt_needs_rehash(known_hash.data(), 60, 32, "2b", &needs), LANECRYPT_INVALID_ARGUMENT);
  EXPECT_EQ(lanecrypt_needs_rehash(known_hash.data(), 60, 10, "2x", &needs), LANECRYPT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace lanecrypt::test
