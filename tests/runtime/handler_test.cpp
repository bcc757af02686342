// What the handler answers: the sample's contract, hash, verify, deadlines, and that nothing secret stays or leaks.
#include "handler.hpp"

#include <lanecrypt/lanecrypt.h>

#include <cstdlib>

#include "handler_fixture.hpp"
#include "limits.hpp"
#include "work.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

std::vector<std::string> keys(const json::object& object) {
  std::vector<std::string> names;
  for (const auto& entry : object) names.emplace_back(entry.key());
  return names;
}

TEST_F(HandlerTest, SampleAnswersItsEightFieldsInOrder) {
  const json::object sample = answer(R"({"count":2,"mode":"sequential"})");
  const std::vector<std::string> fields = {"processed",     "duration_ms",     "mode",           "workers",
                                           "detected_cpus", "avg_ms_per_item", "memory_used_kb", "threads_used"};
  EXPECT_EQ(keys(sample), fields);
  EXPECT_EQ(sample.at("processed").as_int64(), 2);
  EXPECT_EQ(sample.at("mode").as_string(), "sequential");
  EXPECT_EQ(sample.at("workers").as_int64(), 1);
  EXPECT_EQ(sample.at("threads_used").as_int64(), 1);
  EXPECT_TRUE(sample.at("duration_ms").is_int64());
  EXPECT_TRUE(sample.at("avg_ms_per_item").is_double());
  EXPECT_GT(sample.at("memory_used_kb").as_int64(), 0);
  EXPECT_EQ(summary.op, "count");
  EXPECT_EQ(summary.hashes, 2U);
}

TEST_F(HandlerTest, SampleRefusesWithItsOwnMessages) {
  EXPECT_EQ(refusal(R"({"count":0,"mode":"auto"})"), "count must be greater than 0");
  EXPECT_EQ(refusal(R"({"count":-1,"mode":"auto"})"), "count must be greater than 0");
  EXPECT_EQ(refusal(R"({"count":1001,"mode":"auto"})"), "count exceeds maximum of 1000 items");
  EXPECT_EQ(refusal(R"({"count":18446744073709551615,"mode":"auto"})"), "count exceeds maximum of 1000 items");
  EXPECT_EQ(refusal(R"({"count":18446744073709551616,"mode":"auto"})"), "count exceeds maximum of 1000 items");
  EXPECT_EQ(refusal(R"({"count":-9223372036854775809,"mode":"auto"})"), "count must be greater than 0");
  EXPECT_EQ(refusal(R"({"count":-0,"mode":"auto"})"), "count must be greater than 0");
  for (const char* count : {"12.9", "12.0", "1e2", "-0.0", "-1.5", "1E99", "\"5\"", "true", "null", "[]"}) {
    EXPECT_EQ(refusal(R"({"mode":"auto","count":)" + std::string(count) + "}"), "count must be an integer") << count;
  }
  EXPECT_NE(refusal(R"({"count":5})").find("mode"), std::string::npos);
  EXPECT_EQ(refusal(R"({"count":5,"mode":3})"), "mode must be a string");
}

TEST_F(HandlerTest, SampleIgnoresTheCeilingOfEvents) {
  config.max_cost = 4;
  EXPECT_EQ(answer(R"({"count":1,"mode":"auto"})").at("processed").as_int64(), 1);
}

TEST_F(HandlerTest, ModeIsAnsweredResolved) {
  config.worker_count = "2";
  EXPECT_EQ(answer(hash_event("")).at("mode").as_string(), "parallel");
  EXPECT_EQ(answer(hash_event("", R"(,"mode":"turbo")")).at("mode").as_string(), "parallel");
  EXPECT_EQ(answer(hash_event("", R"(,"mode":"sequential")")).at("workers").as_int64(), 1);
  config.worker_count = "1";
  EXPECT_EQ(answer(hash_event("", R"(,"mode":"auto")")).at("mode").as_string(), "sequential");
  const json::object parallel = answer(hash_event("", R"(,"mode":"parallel")"));
  EXPECT_EQ(parallel.at("mode").as_string(), "parallel");
  EXPECT_EQ(parallel.at("workers").as_int64(), 1);
}

TEST(Workers, WorkerCountIsHeldToItsRange) {
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  ASSERT_EQ(lanecrypt_threads(&budget), LANECRYPT_OK);
  const std::uint32_t most = std::max(6U, budget.visible_cores);
  const auto workers = [](std::string_view text) { return workers_of_process(text).threads; };
  EXPECT_EQ(workers("3"), 3U);
  EXPECT_EQ(workers("+3"), 3U);
  EXPECT_EQ(workers("0"), 1U);
  EXPECT_EQ(workers("999"), most);
  EXPECT_EQ(workers("99999999999999999999999"), most);
  for (const char* none : {"", "many", "-1", "2.5", " 2", "2 ", "0x2", "+", "++2", "+-2", "+ 2"})
    EXPECT_EQ(workers(none), budget.threads) << none;
  EXPECT_EQ(choose_workers(workers_of_process("5"), Mode::sequential).threads, 1U);
}

TEST(Workers, DetectedAreTheProcessorsThatCanBeUsed) {
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  ASSERT_EQ(lanecrypt_threads(&budget), LANECRYPT_OK);
  const std::uint32_t detected = choose_workers(workers_of_process("5"), Mode::sequential).detected;
  ASSERT_EQ(setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128", 1), 0);
  const Workers small = choose_workers(workers_of_process(""), Mode::parallel);
  ASSERT_EQ(unsetenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 0);
  EXPECT_EQ(small.threads, 1U);
  EXPECT_EQ(small.detected, detected);
  for (const std::uint32_t bound : {budget.visible_cores, budget.affinity, budget.cgroup}) {
    EXPECT_TRUE(bound == 0 || detected <= bound);
  }
}

TEST_F(HandlerTest, HashAnswersItsFieldsInOrder) {
  const json::object all = answer(hash_event(R"({"id":"u1","password":"a"})"));
  const std::vector<std::string> fields = {
      "op",      "processed",     "failed",          "items",          "duration_ms",  "mode",
      "workers", "detected_cpus", "avg_ms_per_item", "memory_used_kb", "threads_used", "engine"};
  EXPECT_EQ(keys(all), fields);
  EXPECT_EQ(all.at("op").as_string(), "hash");
}

TEST_F(HandlerTest, HashesWithASettingAreKnown) {
  const json::object only =
      item(hash_event(R"({"id":"a","password":"U*U","setting":"$2a$05$CCCCCCCCCCCCCCCCCCCCC."})", ""));
  EXPECT_EQ(only.at("hash").as_string(), std::string(uu_hash));
  const json::object whole = item(hash_event(R"({"password":"U*U","setting":")" + std::string(uu_hash) + "\"}", ""));
  EXPECT_EQ(whole.at("hash").as_string(), std::string(uu_hash));
  EXPECT_FALSE(whole.contains("id"));
}

TEST_F(HandlerTest, NewHashesTakeCostAndPrefix) {
  json::object all = answer(hash_event(R"({"password":"a"},{"password":"a","cost":5})", R"(,"cost":4,"prefix":"2y")"));
  const auto hash = [&all](std::size_t at) {
    return std::string(all["items"].as_array().at(at).at("hash").as_string());
  };
  EXPECT_TRUE(hash(0).starts_with("$2y$04$"));
  EXPECT_TRUE(hash(1).starts_with("$2y$05$"));
  EXPECT_EQ(lanecrypt_verify("a", 1, hash(0).data(), 60, nullptr), LANECRYPT_OK);
  EXPECT_EQ(lanecrypt_verify("b", 1, hash(1).data(), 60, nullptr), LANECRYPT_MISMATCH);
}

TEST_F(HandlerTest, TheDefaultCostObeysALowCeiling) {
  config.max_cost = 5;
  const json::object only = item(hash_event(R"({"password":"a"})", ""));
  EXPECT_TRUE(only.at("hash").as_string().starts_with("$2b$05$"));
}

TEST_F(HandlerTest, Base64CarriesAnyBytes) {
  EXPECT_EQ(item(hash_event(R"({"password_base64":"UGFzc3cAcmQxMjM=","setting":"$2b$05$CCCCCCCCCCCCCCCCCCCCC."})", ""))
                .at("hash")
                .as_string(),
            "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VHy/kzL4sCcX3Ib3wN5rNGiRt.TpfxS");
}

TEST_F(HandlerTest, LongPasswordsAreCutOnlyWhenAsked) {
  const std::string one = R"({"password":")" + std::string(73, 'x') + R"("})";
  EXPECT_EQ(code(hash_event(one)), "password_too_long");
  EXPECT_EQ(code(hash_event(one, R"(,"cost":4,"long_passwords":"refuse")")), "password_too_long");
  EXPECT_EQ(code(hash_event(one, R"(,"cost":4,"long_passwords":"truncate")")), "");
}

TEST_F(HandlerTest, VerifyTellsMatchFromMismatch) {
  const std::string hash = std::string(uu_hash);
  json::object all =
      answer(verify_event(R"({"id":1,"password":"U*U","hash":")" + hash + R"("},{"id":2,"password":"U*V","hash":")" +
                              hash + R"("},{"id":3,"password":"U*U","hash":null})",
                          R"(,"cost":4)"));
  EXPECT_EQ(json::serialize(all["items"]), R"([{"id":1,"match":true},{"id":2,"match":false},{"id":3,"match":false}])");
  EXPECT_EQ(all.at("failed").as_int64(), 0);
  EXPECT_EQ(summary.hashes, 3U);
}

TEST_F(HandlerTest, UpgradesAnswerANewHash) {
  const std::string one = R"({"password":"U*U","hash":")" + std::string(uu_hash) + "\"}";
  const json::object upgraded = item(verify_event(one, R"(,"upgrade_to":{"cost":6},"prefix":"2y")"));
  EXPECT_TRUE(upgraded.at("match").as_bool());
  const std::string hash(upgraded.at("new_hash").as_string());
  EXPECT_TRUE(hash.starts_with("$2y$06$")) << hash;
  EXPECT_EQ(lanecrypt_verify("U*U", 3, hash.data(), hash.size(), nullptr), LANECRYPT_OK);
  EXPECT_FALSE(item(verify_event(one)).contains("new_hash"));
}

TEST_F(HandlerTest, IdsComeBackAsTheyWereWritten) {
  for (const char* id :
       {"1.5", "1.50", "1e3", "-0", "-0.0", "123456789012345678901234567890", "18446744073709551615",
        "-9223372036854775808", "null", "false", R"("é\u0001\"\\")", R"({"a":[1,{"b":2.50}],"c":""})"}) {
    const std::string text = answer_text(hash_event(R"({"password":"a","id":)" + std::string(id) + "}"));
    EXPECT_NE(text.find("[{\"id\":" + std::string(id) + ",\"hash\":"), std::string::npos) << id << " in " << text;
  }
}

TEST_F(HandlerTest, OneBadItemFailsNoOther) {
  json::object all = answer(hash_event(R"({"id":1,"password":"a"},7,{"id":2},{"id":3,"password":"b"})"));
  const json::array& items = all["items"].as_array();
  ASSERT_EQ(items.size(), 4U);
  EXPECT_TRUE(items.at(0).as_object().contains("hash"));
  EXPECT_EQ(json::serialize(items.at(1)), R"({"error":{"code":"invalid_item","message":"an item must be an object"}})");
  EXPECT_EQ(items.at(2).at("error").at("code").as_string(), "invalid_item");
  EXPECT_EQ(items.at(3).at("id").as_int64(), 3);
  EXPECT_TRUE(items.at(3).as_object().contains("hash"));
  EXPECT_EQ(all.at("processed").as_int64(), 4);
  EXPECT_EQ(all.at("failed").as_int64(), 2);
}

TEST_F(HandlerTest, BehindBadItemsEveryAnswerIsItsOwn) {
  json::object all = answer(hash_event(
      R"({"id":0},{"id":4,"password":"a","cost":4},{"id":0},{"id":5,"password":"a","cost":5},7,{"id":6,"password":"a","cost":6})"));
  const json::array& items = all["items"].as_array();
  ASSERT_EQ(items.size(), 6U);
  for (const std::size_t at : {1U, 3U, 5U}) {
    const std::string cost = std::to_string(items.at(at).at("id").as_int64());
    EXPECT_TRUE(std::string(items.at(at).at("hash").as_string()).starts_with("$2b$0" + cost)) << at;
  }
}

TEST_F(HandlerTest, NoItemsMeansProcessedZero) {
  for (const std::string& event : {hash_event(""), verify_event(""), std::string(R"({"op":"hash"})")}) {
    json::object all = answer(event);
    EXPECT_EQ(all.at("processed").as_int64(), 0);
    EXPECT_TRUE(all["items"].as_array().empty());
    EXPECT_FALSE(all.at("engine").as_string().empty());
  }
}

TEST_F(HandlerTest, APastDeadlineIsToldPerItem) {
  for (const std::uint64_t deadline : {std::uint64_t{1}, now_ms() - 1, now_ms() + config.reserve_ms / 2}) {
    context.deadline_unix_ms = deadline;
    EXPECT_EQ(code(hash_event(R"({"password":"a"})")), "deadline") << deadline;
    EXPECT_EQ(code(verify_event(R"({"password":"a","hash":")" + std::string(uu_hash) + "\"}")), "deadline");
    EXPECT_EQ(answer(R"({"count":3,"mode":"auto"})").at("processed").as_int64(), 0);
  }
}

TEST_F(HandlerTest, ADeadlineLeavesFinishedItemsWhole) {
  std::string items;
  for (int i = 0; i < 5'000; ++i) items += R"({"password":"a"},)";
  items.pop_back();
  std::vector<std::string> hashes;
  // Minutes of work, of which each round may take longer: a slow machine finishes some in a later one.
  for (std::uint64_t time_ms = 200; hashes.empty() && time_ms < 20'000; time_ms *= 4) {
    context.deadline_unix_ms = now_ms() + config.reserve_ms + time_ms;
    json::object all = answer(hash_event(items, R"(,"cost":9)"));
    std::size_t late = 0;
    for (const json::value& each : all["items"].as_array()) {
      const json::value* hash = each.as_object().if_contains("hash");
      if (hash != nullptr) {
        hashes.emplace_back(hash->as_string());
      } else {
        ++late;
        EXPECT_EQ(each.at("error").at("code").as_string(), "deadline");
      }
    }
    EXPECT_GT(late, 0U);
    EXPECT_EQ(late + hashes.size(), 5'000U);
    EXPECT_EQ(all.at("failed").as_int64(), static_cast<std::int64_t>(late));
  }
  ASSERT_FALSE(hashes.empty());
  for (const std::string& hash : hashes) EXPECT_EQ(hash.size(), 60U);
  EXPECT_EQ(lanecrypt_verify("a", 1, hashes.back().data(), hashes.back().size(), nullptr), LANECRYPT_OK);
}

TEST_F(HandlerTest, ARefusedRequestKeepsItsOp) {
  refusal(verify_event("", R"(,"Cost":4)"));
  EXPECT_EQ(summary.op, "verify");
  refusal(hash_event("", R"(,"cost":99)"));
  EXPECT_EQ(summary.op, "hash");
  refusal(R"({"op":"x"})");
  EXPECT_EQ(summary.op, "none");
}

TEST_F(HandlerTest, AnIdMayHaveAThousandFields) {
  std::string fields;
  for (int i = 0; i < 1'000; ++i) fields += std::string(i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  const auto event = [](const std::string& id) { return hash_event(R"({"password":"a","id":{)" + id + "}}"); };
  EXPECT_NE(answer_text(event(fields)).find("[{\"id\":{" + fields + "},\"hash\":"), std::string::npos);
  EXPECT_EQ(refusal(event(fields + ",\"z\":0")), "an object of the event has more than 1000 fields");
}

TEST_F(HandlerTest, AbsurdDeadlinesAreNone) {
  context.deadline_unix_ms = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(code(hash_event(R"({"password":"a"})")), "");
}

TEST_F(HandlerTest, TheCancelFlagIsToldPerItem) {
  const volatile std::int32_t cancelled = 1;
  context.cancel = &cancelled;
  EXPECT_EQ(code(hash_event(R"({"password":"a"})")), "cancelled");
}

TEST_F(HandlerTest, NoMessageHoldsAWordOfTheEvent) {
  const std::string secret = "correct-horse-battery-staple";
  const std::string long_secret = secret + secret + secret;
  for (const std::string& event :
       {R"({")" + secret + R"(":1})", R"({"op":")" + secret + R"("})", "[\"" + secret + "\"]", secret,
        R"({"op":"hash","mode":")" + secret + R"(","items":{}})", R"({"op":"hash",")" + secret + R"(":1})",
        R"({"op":"hash","prefix":")" + secret + R"("})", hash_event("\"" + secret + "\""),
        hash_event(R"({"password":["b"],")" + secret + R"(":1})"),
        hash_event(R"({"password_base64":")" + secret + "\"}"),
        hash_event(R"({"password":"a","setting":")" + secret + "\"}"),
        verify_event(R"({"password":"a","hash":")" + secret + "\"}"),
        hash_event(R"({"password":")" + long_secret + "\"}")}) {
    EXPECT_EQ(answer_text(event).find(secret), std::string::npos) << event;
  }
}

TEST_F(HandlerTest, AnswersStayUnderSixMiB) {
  const auto event = [](std::size_t id_bytes) {
    std::string items;
    for (std::size_t i = 0; i < max_items; ++i) items += R"({"id":")" + std::string(id_bytes, 'i') + R"("},)";
    items.pop_back();
    return hash_event(items);
  };
  const std::string full = answer_text(event(500));
  EXPECT_LT(full.size(), max_answer_bytes);
  EXPECT_NE(full.find("password or password_base64 is missing"), std::string::npos);
  const std::string brief = answer_text(event(540));
  EXPECT_LT(brief.size(), max_answer_bytes);
  EXPECT_NE(brief.find(R"("error":{"code":"invalid_item"}})"), std::string::npos);
  EXPECT_NE(refusal(event(560)).find("items"), std::string::npos);
}

TEST(ItemAnswer, EveryStatusFitsItsBound) {
  for (std::int32_t status = 0; status <= LANECRYPT_INTERNAL; ++status) {
    const std::string_view code = lanecrypt_status_name(status);
    const std::string_view text = lanecrypt_status_text(status);
    constexpr std::string_view around = R"(,{"id":,"match":true,"upgrade_error":{"code":"","message":""}})";
    EXPECT_LE(around.size() + code.size() + text.size(), max_item_answer_bytes) << code;
    EXPECT_EQ(text.find_first_of("\"\\\n"), std::string_view::npos) << "needs no escapes: " << text;
  }
}

TEST_F(HandlerTest, LimitsOfSizeAndNumber) {
  EXPECT_EQ(refusal(std::string(max_event_bytes + 1, ' ')), "the event is larger than 6 MiB");
  std::string padded = hash_event(R"({"password":"a"})");
  padded.resize(max_event_bytes, ' ');
  EXPECT_EQ(code(padded), "");
  std::string items;
  for (std::size_t i = 0; i < max_items; ++i) items += "0,";
  EXPECT_EQ(
      answer(hash_event(items + "0").replace(hash_event(items + "0").rfind(",0]"), 2, "")).at("failed").as_int64(),
      static_cast<std::int64_t>(max_items));
  EXPECT_EQ(refusal(hash_event(items + "0")), "items has more than 10000 items");
}

TEST_F(HandlerTest, AnEventThatIsBuiltToBeDearIsAnError) {
  std::string zeros;
  for (int i = 0; i < 3'000'000; ++i) zeros += "0,";
  const std::string text = answer_text(hash_event(R"({"password":"a","id":[)" + zeros + "0]}"));
  EXPECT_EQ(text, "ERROR OutOfMemory: the event needs more memory than one invocation may take");
}

TEST_F(HandlerTest, TheArenaIsCleanAfterTheWipe) {
  Arena arena;
  const std::string secret = "wiped-after-the-invocation";
  const std::string event = hash_event(R"({"id":")" + secret + R"(","password":")" + secret + "\"}");
  const HandlerResult result = Handler(config).handle(event, context, arena);
  ASSERT_NE(result.answer.find(secret), std::string_view::npos);
  // The first chunk stays mapped over a wipe, so this may still be read.
  const char* answer_bytes = result.answer.data();
  const std::size_t size = result.answer.size();
  arena.wipe();
  for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(answer_bytes[i], '\0') << i;
}

TEST(HandlerCheck, UnknownEnginesAreAnInitError) {
  HandlerConfig config;
  EXPECT_FALSE(check_engine(config));
  config.engine = std::string(engine_name({}));
  EXPECT_FALSE(check_engine(config));
  config.engine = "warp";
  const auto error = check_engine(config);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.value_or(HandlerError{}).type, "InvalidEngine");
}

TEST_F(HandlerTest, AForcedEngineIsAnswered) {
  for (std::size_t index = 0; index < lanecrypt_engine_count(); ++index) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    ASSERT_EQ(lanecrypt_engine(index, &info), LANECRYPT_OK);
    if (info.state == LANECRYPT_ENGINE_CPU_LACKS) continue;
    ASSERT_EQ(info.state, LANECRYPT_ENGINE_READY) << info.name;
    config.engine = info.name;
    EXPECT_EQ(answer(hash_event(R"({"password":"a"})")).at("engine").as_string(), info.name);
  }
}

}  // namespace
}  // namespace lanecrypt::runtime
