// The rules of request and item fields, one by one.
#include "request.hpp"

#include "handler_fixture.hpp"
#include "json.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

constexpr std::string_view cost_rule = " must be an integer from 4 to 14 (the ceiling is LANECRYPT_MAX_COST)";

TEST_F(HandlerTest, OnlyAnObjectIsARequest) {
  for (const char* event : {"[]", "\"hash\"", "17", "1.5", "null", "true"}) {
    EXPECT_EQ(refusal(event), "the event must be a JSON object, or an array of SQS or Kinesis records") << event;
  }
}

TEST_F(HandlerTest, OpIsHashOrVerify) {
  EXPECT_NE(refusal("{}").find("op is missing"), std::string::npos);
  for (const char* op : {"\"HASH\"", "\"\"", "1", "null", "[\"hash\"]"}) {
    EXPECT_EQ(refusal(R"({"op":)" + std::string(op) + "}"), R"(op must be "hash" or "verify")") << op;
  }
}

TEST_F(HandlerTest, RequestCostsAreIntegersInRange) {
  for (const char* cost : {"12.9", "12.0", "\"12\"", "true", "4294967300", "18446744073709551615", "3", "0", "-4", "15",
                           "1e1", "null", "99999999999999999999999"}) {
    EXPECT_EQ(refusal(hash_event("", R"(,"cost":)" + std::string(cost))), "cost" + std::string(cost_rule)) << cost;
    EXPECT_EQ(refusal(verify_event("", R"(,"upgrade_to":{"cost":)" + std::string(cost) + "}")),
              "upgrade_to.cost" + std::string(cost_rule));
  }
  config.max_cost = 5;
  EXPECT_NE(refusal(hash_event("", R"(,"cost":6)")).find("from 4 to 5"), std::string::npos);
}

TEST_F(HandlerTest, ItemCostsAreIntegersInRange) {
  for (const char* cost : {"12.0", "\"12\"", "true", "4294967300", "3", "0", "-4", "32", "null"}) {
    EXPECT_EQ(code(hash_event(R"({"password":"a","cost":)" + std::string(cost) + "}")), "invalid_item") << cost;
  }
  EXPECT_EQ(code(hash_event(R"({"password":"a","cost":15})")), "cost_too_high");
  EXPECT_EQ(code(hash_event(R"({"password":"a","cost":31})")), "cost_too_high");
  config.max_cost = 4;
  EXPECT_EQ(code(hash_event(R"({"password":"a","cost":5})")), "cost_too_high");
}

TEST_F(HandlerTest, UnknownFieldsAreRefusedAtEveryLevel) {
  EXPECT_NE(refusal(hash_event("", R"(,"Cost":4)")).find("unknown field"), std::string::npos);
  EXPECT_NE(refusal(hash_event("", R"(,"upgrade_to":{"cost":5})")).find("unknown field"), std::string::npos);
  EXPECT_NE(refusal(verify_event("", R"(,"upgrade_to":{"cost":5,"prefix":"2b"})")).find("unknown field"),
            std::string::npos);
  for (const char* field : {R"("hash":null)", R"("mode":"auto")", R"("prefix":"2b")", R"("":0)"}) {
    EXPECT_EQ(code(hash_event(R"({"password":"a",)" + std::string(field) + "}")), "invalid_item") << field;
  }
  for (const char* field : {R"("setting":"x")", R"("cost":4)"}) {
    EXPECT_EQ(code(verify_event(R"({"password":"a","hash":null,)" + std::string(field) + "}")), "invalid_item")
        << field;
  }
}

TEST_F(HandlerTest, TheSampleIgnoresWhatItDoesNotKnow) {
  for (const char* field : {R"("note":"x")", R"("Count":7)", R"("":null)", R"("id":[1])"}) {
    EXPECT_EQ(answer(R"({"count":1,"mode":"auto",)" + std::string(field) + "}").at("processed").as_int64(), 1) << field;
  }
}

TEST_F(HandlerTest, CountAndItemsAreTwoRequests) {
  for (const char* field : {"op", "items", "cost", "prefix", "long_passwords", "upgrade_to"}) {
    EXPECT_EQ(refusal(R"({"count":1,"mode":"auto",")" + std::string(field) + R"(":null})"),
              "count goes with mode only: op, items and their options make another request")
        << field;
  }
}

TEST_F(HandlerTest, ItemsMayComeFromManyArrays) {
  Arena arena;
  JsonTree tree(arena);
  std::string some = "[";
  for (std::size_t i = 0; i < max_items / 2; ++i) some += "0,";
  some.back() = ']';
  ASSERT_EQ(JsonReader("it", arena).read(some, tree), "");
  Request request(arena, config.max_cost);
  append_items(tree.root, tree, arena, request);
  append_items(tree.root, tree, arena, request);
  EXPECT_EQ(request.items.size(), max_items);
  JsonTree one(arena);
  ASSERT_EQ(JsonReader("it", arena).read("[0]", one), "");
  EXPECT_THROW(append_items(one.root, one, arena, request), InvalidRequest);
}

TEST_F(HandlerTest, UpgradeToNeedsACost) {
  EXPECT_EQ(refusal(verify_event("", R"(,"upgrade_to":{})")), "upgrade_to.cost is missing");
  EXPECT_EQ(refusal(verify_event("", R"(,"upgrade_to":12)")), "upgrade_to must be an object with a cost");
}

TEST_F(HandlerTest, TextFieldsTakeTheirWordsOnly) {
  for (const char* prefix : {"\"2x\"", "\"$2b$\"", "\"\"", "2", "null"}) {
    EXPECT_EQ(refusal(hash_event("", R"(,"prefix":)" + std::string(prefix))), R"(prefix must be "2b", "2a" or "2y")");
  }
  for (const char* rule : {"true", "\"cut\"", "null"}) {
    EXPECT_EQ(refusal(hash_event("", R"(,"long_passwords":)" + std::string(rule))),
              R"(long_passwords must be "refuse" or "truncate")");
  }
  EXPECT_EQ(refusal(hash_event("", R"(,"mode":null)")), "mode must be a string");
  for (const char* items : {"{}", "null", "\"\"", "0"}) {
    EXPECT_EQ(refusal(R"({"op":"hash","items":)" + std::string(items) + "}"), "items must be an array") << items;
  }
}

TEST_F(HandlerTest, APasswordStandsInOneFormOnly) {
  for (const char* item :
       {"{}", R"({"id":1})", R"({"password":"a","password_base64":"YQ=="})", R"({"password":null})",
        R"({"password":1})", R"({"password":["a"]})", R"({"password_base64":1})", R"({"password_base64":"YQ"})",
        R"({"password_base64":"_-8="})", R"({"password_base64":"YR=="})"}) {
    EXPECT_EQ(code(hash_event(item)), "invalid_item") << item;
  }
  EXPECT_EQ(code(hash_event(R"({"password":""})")), "");
  EXPECT_EQ(code(hash_event(R"({"password_base64":""})")), "");
}

TEST_F(HandlerTest, SettingsAndHashesAreText) {
  for (const char* setting : {"null", "1", "[]"}) {
    EXPECT_EQ(code(hash_event(R"({"password":"a","setting":)" + std::string(setting) + "}")), "invalid_item");
  }
  EXPECT_EQ(code(hash_event(R"({"password":"a","cost":4,"setting":"$2b$04$......................"})")), "invalid_item");
  EXPECT_EQ(code(hash_event(R"({"password":"a","setting":""})")), "invalid_setting");
  EXPECT_EQ(code(hash_event(R"({"password":"a","setting":"nino"})")), "invalid_setting");
  EXPECT_EQ(code(hash_event(R"({"password":"a","setting":"$2b$31$......................"})")), "cost_too_high");
  EXPECT_EQ(code(verify_event(R"({"password":"a"})")), "invalid_item");
  EXPECT_EQ(code(verify_event(R"({"password":"a","hash":7})")), "invalid_item");
  EXPECT_EQ(code(verify_event(R"({"password":"a","hash":""})")), "invalid_hash");
}

TEST_F(HandlerTest, AnInvalidItemWithoutAnObjectHasNoId) {
  for (const char* item_text : {"null", "1.5", "\"x\"", "[]"}) {
    EXPECT_EQ(boost::json::serialize(item(hash_event(item_text))),
              R"({"error":{"code":"invalid_item","message":"an item must be an object"}})");
  }
}

}  // namespace
}  // namespace lanecrypt::runtime
