// Records of SQS and Kinesis, from event source mappings and from Pipes, and batches of a Distributed Map.
#include <algorithm>
#include <string>
#include <vector>

#include "handler_fixture.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i > bytes.size() ? '=' : digits[bits >> (18 - 6 * i) & 63];
    }
  }
  return out;
}

// Takes what it is given, but for the indexes that it was told to fail.
class Kept final : public Destination {
 public:
  void deliver(std::string_view text, std::pmr::vector<std::uint8_t>& undelivered) const override {
    ++calls;
    results = json::parse(std::string(text)).as_array();
    EXPECT_EQ(results.size(), undelivered.size());
    for (const std::size_t index : failing) undelivered.at(index) = 1;
  }

  std::vector<std::size_t> failing;
  mutable json::array results;
  mutable int calls = 0;
};

class RecordsTest : public HandlerTest {
 protected:
  RecordsTest() { context.destination = &kept; }

  static json::object sqs(std::string_view id, std::string_view body) {
    return {{"messageId", id}, {"body", body}, {"eventSource", "aws:sqs"}, {"eventSourceARN", "arn:aws:sqs:x:1:q"}};
  }

  static json::object fifo(std::string_view id, std::string_view group, std::string_view body) {
    json::object record = sqs(id, body);
    record["eventSourceARN"] = "arn:aws:sqs:x:1:q.fifo";
    record["attributes"] = {{"MessageGroupId", group}};
    return record;
  }

  static json::object kinesis(std::string_view sequence, std::string_view body) {
    return {{"kinesis", {{"partitionKey", "p"}, {"sequenceNumber", sequence}, {"data", base64(body)}}},
            {"eventSource", "aws:kinesis"},
            {"eventSourceARN", "arn:aws:kinesis:x:1:stream/s"}};
  }

  // As Pipes have it.
  static json::object flat(std::string_view sequence, std::string_view body) {
    json::object record = kinesis(sequence, body);
    const json::object fields = record["kinesis"].as_object();
    record.erase("kinesis");
    record.insert(fields.begin(), fields.end());
    return record;
  }

  std::vector<std::string> failures(const json::array& records) {
    std::vector<std::string> ids;
    const json::object sent = answer(json::serialize(json::object{{"Records", records}}));
    for (const json::value& each : sent.at("batchItemFailures").as_array()) {
      ids.emplace_back(each.at("itemIdentifier").as_string());
    }
    return ids;
  }

  [[nodiscard]] std::vector<std::string> delivered() const {
    std::vector<std::string> ids;
    for (const json::value& each : kept.results) ids.emplace_back(each.at("record").as_string());
    return ids;
  }

  json::array pipe(const json::array& records) {
    const std::string text = answer_text(json::serialize(records));
    EXPECT_TRUE(text.starts_with('[')) << text.substr(0, 300);
    return json::parse(text).as_array();
  }

  Kept kept;
};

using Ids = std::vector<std::string>;

constexpr std::string_view good = R"({"id":1,"password":"a","cost":4})";

TEST_F(RecordsTest, ExactlyTheMessagesThatFailedComeAgain) {
  EXPECT_EQ(failures({sqs("a", good), sqs("b", "no json"), sqs("c", good), sqs("d", R"({"id":1})"),
                      sqs("e", R"({"password":"a","cost":31})"), sqs("f", good)}),
            (Ids{"b", "d", "e"}));
  EXPECT_EQ(delivered(), (Ids{"a", "c", "f"}));
  EXPECT_EQ(kept.calls, 1);
  EXPECT_EQ(summary.items, 6U);
  EXPECT_EQ(summary.failed, 3U);
  EXPECT_EQ(summary.hashes, 3U);
  EXPECT_EQ(summary.first_failure, "invalid_request");
}

TEST_F(RecordsTest, ResultsSayWhoseTheyAre) {
  EXPECT_EQ(failures({fifo("a", "g", good)}), Ids{});
  const json::object result = kept.results.at(0).as_object();
  EXPECT_EQ(result.at("record").as_string(), "a");
  EXPECT_EQ(result.at("source").as_string(), "aws:sqs");
  EXPECT_EQ(result.at("group").as_string(), "g");
  EXPECT_EQ(result.at("arn").as_string(), "arn:aws:sqs:x:1:q.fifo");
  EXPECT_EQ(result.at("answer").at("id").as_int64(), 1);
  EXPECT_TRUE(std::string(result.at("answer").at("hash").as_string()).starts_with("$2b$04$"));
}

TEST_F(RecordsTest, ABodyIsARequestOrAnItem) {
  const std::string stored(uu_hash);
  EXPECT_EQ(failures({sqs("a", R"({"password":"U*U","hash":")" + stored + R"("})"),
                      sqs("b", R"({"password":"x","hash":null})"),
                      sqs("c", R"({"op":"hash","cost":4,"items":[{"id":1,"password":"a"},{"id":2}]})"),
                      sqs("d", R"({"op":"verify","items":[{"password":"U*U","hash":")" + stored + R"("}]})"),
                      sqs("e", R"({"op":"hash"})"), sqs("f", R"({"op":"hash","cost":99})"), sqs("g", R"({"items":[]})"),
                      sqs("h", R"({"count":1,"mode":"auto"})")}),
            (Ids{"f", "g", "h"}));
  EXPECT_TRUE(kept.results.at(0).at("answer").at("match").as_bool());
  EXPECT_FALSE(kept.results.at(1).at("answer").at("match").as_bool());
  const json::object request = kept.results.at(2).at("answer").as_object();
  EXPECT_EQ(request.at("processed").as_int64(), 2);
  EXPECT_EQ(request.at("failed").as_int64(), 1);
  EXPECT_EQ(request.at("items").at(1).at("error").at("code").as_string(), "invalid_item");
  EXPECT_TRUE(kept.results.at(3).at("answer").at("items").at(0).at("match").as_bool());
  EXPECT_EQ(kept.results.at(4).at("answer").at("processed").as_int64(), 0);
  EXPECT_EQ(summary.op, "mixed");
}

TEST_F(RecordsTest, RecordsOfManyKindsGetTheirOwnAnswers) {
  json::array records;
  for (int i = 0; i < 60; ++i) {
    const json::object verify = {{"id", i}, {"password", "U*U"}, {"hash", uu_hash}};
    const json::object hash = {
        {"op", "hash"},
        {"prefix", i % 2 == 0 ? "2b" : "2y"},
        {"cost", 4 + i % 3},
        {"items", {{{"id", i}, {"password", "a"}}, {{"id", nullptr}, {"password", "b"}, {"cost", 5}}}}};
    records.push_back(sqs(std::to_string(i), json::serialize(i % 5 == 4 ? verify : hash)));
  }
  EXPECT_EQ(failures(records), Ids{});
  for (std::size_t i = 0; i < 60; ++i) {
    const json::object result = kept.results.at(i).at("answer").as_object();
    if (i % 5 == 4) {
      EXPECT_EQ(result.at("id").as_int64(), i);
      EXPECT_TRUE(result.at("match").as_bool());
      continue;
    }
    EXPECT_EQ(result.at("items").at(0).at("id").as_int64(), i);
    const std::string start = std::string(i % 2 == 0 ? "$2b$0" : "$2y$0");
    const auto hash = [&result](std::size_t at) {
      return std::string(result.at("items").at(at).at("hash").as_string());
    };
    EXPECT_TRUE(hash(0).starts_with(start + std::to_string(4 + i % 3) + "$")) << hash(0);
    EXPECT_TRUE(hash(1).starts_with(start + "5$")) << hash(1);
  }
}

TEST_F(RecordsTest, EachHasItsOwnRuleForLongPasswords) {
  const std::string items = R"("items":[{"password":")" + std::string(73, 'p') + R"("}]})";
  const std::string refuses = R"({"op":"hash","cost":4,)" + items;
  const std::string cuts = R"({"op":"hash","cost":4,"long_passwords":"truncate",)" + items;
  for (const bool cuts_first : {true, false}) {
    EXPECT_EQ(failures({sqs("a", cuts_first ? cuts : refuses), sqs("b", cuts_first ? refuses : cuts)}), Ids{});
    const auto item = [&](std::size_t at) { return kept.results.at(at).at("answer").at("items").at(0).as_object(); };
    EXPECT_TRUE(item(cuts_first ? 0 : 1).contains("hash"));
    EXPECT_EQ(item(cuts_first ? 1 : 0).at("error").at("code").as_string(), "password_too_long");
  }
}

TEST_F(RecordsTest, CostsShareABatch) {
  config.worker_count = "1";
  EXPECT_EQ(failures({sqs("a", R"({"password":"a","cost":4})"), sqs("b", R"({"password":"a","cost":5})"),
                      sqs("c", R"({"op":"hash","cost":6,"items":[{"password":"a"}]})")}),
            Ids{});
  EXPECT_EQ(summary.batches, 1U);
  EXPECT_EQ(failures({sqs("a", good), sqs("b", R"({"password":"a","hash":null})")}), Ids{});
  EXPECT_EQ(summary.batches, 2U);
}

TEST_F(RecordsTest, AGroupOfAFifoQueueStopsAtItsFirstFailure) {
  EXPECT_EQ(failures({fifo("a1", "A", good), fifo("b1", "B", "x"), fifo("a2", "A", good), fifo("b2", "B", good),
                      fifo("c1", "C", good), fifo("a3", "A", R"({"id":1})"), fifo("a4", "A", good)}),
            (Ids{"b1", "b2", "a3", "a4"}));
  EXPECT_EQ(delivered(), (Ids{"a1", "a2", "c1"}));
}

TEST_F(RecordsTest, AFairQueueHasGroupsAndNoOrder) {
  json::object first = sqs("a", "x");
  first["attributes"] = {{"MessageGroupId", "g"}};
  json::object second = sqs("b", good);
  second["attributes"] = {{"MessageGroupId", "g"}};
  EXPECT_EQ(failures({first, second}), Ids{"a"});
}

TEST_F(RecordsTest, AStreamIsReadAgainFromItsLowestFailure) {
  EXPECT_EQ(failures({kinesis("98", good), kinesis("99", "x"), kinesis("100", "y"), kinesis("101", good)}), Ids{"99"});
  EXPECT_EQ(delivered(), Ids{"98"}) << "what comes again is not delivered";
  EXPECT_EQ(failures({kinesis("100", "x"), kinesis("99", good)}), Ids{"99"}) << "numbers, not texts";
  EXPECT_EQ(failures({kinesis("1", good)}), Ids{});
}

TEST_F(RecordsTest, WhatCouldNotBeDeliveredComesAgain) {
  kept.failing = {1};
  EXPECT_EQ(failures({sqs("a", "x"), sqs("b", good), sqs("c", good), sqs("d", good)}), (Ids{"a", "c"}));
  EXPECT_EQ(failures({fifo("a", "A", good), fifo("b", "A", good), fifo("c", "A", good), fifo("d", "B", good)}),
            (Ids{"b", "c"}));
  EXPECT_EQ(failures({kinesis("1", good), kinesis("2", good), kinesis("3", good)}), Ids{"2"});
}

TEST_F(RecordsTest, NothingToDeliverIsNotDelivered) {
  EXPECT_EQ(failures({sqs("a", "x")}), Ids{"a"});
  EXPECT_EQ(failures({}), Ids{});
  EXPECT_EQ(kept.calls, 0);
}

TEST_F(RecordsTest, WithoutADestinationTheEventFailsBeforeWork) {
  context.destination = nullptr;
  for (const json::object& record : {sqs("a", good), kinesis("1", good)}) {
    const std::string text = answer_text(json::serialize(json::object{{"Records", {record}}}));
    EXPECT_TRUE(text.starts_with("ERROR NoDestination: no_destination: ")) << text;
    EXPECT_NE(text.find("Pipe"), std::string::npos);
    EXPECT_NE(text.find("Python handler"), std::string::npos);
    EXPECT_EQ(summary.hashes, 0U);
  }
}

TEST_F(RecordsTest, RecordsWithoutABody) {
  json::object none = sqs("a", "");
  none.erase("body");
  json::object number = sqs("b", "");
  number["body"] = 7;
  EXPECT_EQ(failures({none, number, sqs("c", ""), sqs("d", good)}), (Ids{"a", "b", "c"}));
  json::object data = kinesis("2", "");
  data["kinesis"].as_object()["data"] = "*";
  EXPECT_EQ(failures({kinesis("1", good), data}), Ids{"2"});
  data["kinesis"].as_object().erase("data");
  EXPECT_EQ(failures({kinesis("1", good), data}), Ids{"2"});
}

TEST_F(RecordsTest, EventsThatNobodyCouldReportOn) {
  json::object nameless = sqs("", good);
  EXPECT_EQ(refusal(json::serialize(json::object{{"Records", {sqs("a", good), nameless}}})),
            "Records[1] must have a messageId or a kinesis.sequenceNumber");
  nameless.erase("messageId");
  EXPECT_NE(refusal(json::serialize(json::object{{"Records", {nameless}}})).find("messageId"), std::string::npos);
  EXPECT_EQ(refusal(json::serialize(json::object{{"Records", {sqs("a", good), kinesis("1", good)}}})),
            "Records[1] has another eventSource than Records[0]");
  for (const char* other : {"aws:s3", "aws:dynamodb", "", "aws:sns"}) {
    json::object record = sqs("a", good);
    record["eventSource"] = other;
    EXPECT_EQ(refusal(json::serialize(json::object{{"Records", {record}}})),
              "Records[0] must have the eventSource aws:sqs or aws:kinesis");
  }
  EXPECT_EQ(refusal(R"({"Records":7})"), "Records must be an array");
  EXPECT_TRUE(refusal(R"({"Records":[],"Items":[]})").starts_with("the event looks like two sources"));
}

TEST_F(RecordsTest, TenThousandRecords) {
  json::array records;
  for (std::size_t i = 0; i < max_items; ++i) {
    const std::string id = std::to_string(1'000'000 + i);
    records.push_back(sqs(id, i == 4711 ? "poison" : R"({"id":)" + id + R"(,"password":"a","hash":"no hash"})"));
  }
  const std::vector<std::string> failed = failures(records);
  EXPECT_EQ(failed.size(), max_items) << "each of them, in order";
  EXPECT_TRUE(std::is_sorted(failed.begin(), failed.end()));
  records.push_back(sqs("one more", good));
  EXPECT_EQ(refusal(json::serialize(json::object{{"Records", records}})), "Records has more than 10000 records");
}

TEST_F(RecordsTest, TheLimitOfItemsIsTheEvents) {
  std::string many = R"({"op":"verify","items":[)";
  for (std::size_t i = 0; i < max_items - 1; ++i) many += "{},";
  many.back() = ']';
  EXPECT_EQ(failures({sqs("a", many + "}"), sqs("b", R"({"op":"verify","items":[{},{}]})"), sqs("c", good)}), Ids{"b"});
  EXPECT_EQ(delivered(), (Ids{"a", "c"}));
}

TEST_F(RecordsTest, UnfinishedRecordsComeAgain) {
  context.deadline_unix_ms = now_ms() - 1000;
  EXPECT_EQ(failures({sqs("a", good), sqs("b", R"({"op":"hash","cost":4,"items":[{"password":"a"}]})")}),
            (Ids{"a", "b"}));
  EXPECT_EQ(summary.first_failure, "deadline");
  EXPECT_EQ(kept.calls, 0);
  const std::string text = answer_text(json::serialize(json::array{flat("1", good)}));
  EXPECT_TRUE(text.starts_with("ERROR Unfinished: ")) << text;
}

TEST_F(RecordsTest, APipeGetsAResultForEachRecordInOrder) {
  context.destination = nullptr;
  const json::array results = pipe({flat("1", good), flat("2", "x"), flat("3", R"({"password":"a","hash":null})"),
                                    flat("4", R"({"op":"hash","items":[]})"), flat("5", R"({"id":[5]})")});
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results.at(0).at("record").as_string(), "1");
  EXPECT_EQ(results.at(0).at("id").as_int64(), 1);
  EXPECT_TRUE(results.at(0).as_object().contains("hash"));
  EXPECT_EQ(results.at(1).at("error").at("code").as_string(), "invalid_request");
  EXPECT_EQ(results.at(1).at("error").at("message").as_string(), "the record is not valid JSON in UTF-8");
  EXPECT_FALSE(results.at(2).at("match").as_bool());
  EXPECT_EQ(results.at(3).at("processed").as_int64(), 0);
  EXPECT_EQ(results.at(4).at("id").at(0).as_int64(), 5);
  EXPECT_EQ(results.at(4).at("error").at("code").as_string(), "invalid_item");
  EXPECT_EQ(summary.source, "pipe");
  EXPECT_EQ(pipe({sqs("a", good)}).at(0).at("record").as_string(), "a");
}

TEST_F(RecordsTest, APipeOfSomethingElse) {
  EXPECT_NE(refusal(json::serialize(json::array{sqs("a", good), json::object{{"password", "a"}}})).find("eventSource"),
            std::string::npos);
  json::object nameless = sqs("a", good);
  nameless["messageId"] = R"(x","hash":"forged)";
  EXPECT_FALSE(pipe({nameless}).at(0).as_object().contains("record"));
}

TEST_F(RecordsTest, ManySmallRecordsFitTheArena) {
  json::array records;
  for (std::size_t i = 0; i < max_items; ++i)
    records.push_back(flat(std::to_string(i), R"({"password":"a","hash":"x"})"));
  Arena arena;
  const std::string event = json::serialize(records);
  const HandlerResult result = Handler(config).handle(event, context, arena);
  ASSERT_FALSE(result.error) << result.error->message;
  EXPECT_LT(result.answer.size(), max_answer_bytes);
  EXPECT_LT(arena.mapped_bytes(), max_arena_bytes / 2);
}

TEST_F(RecordsTest, ADistributedMapIsAnsweredInOrder) {
  const json::object sent = answer(R"({"Items":[{"id":1,"password":"a"},{"id":2},{"id":3,"password":"a","cost":5}],)"
                                   R"("BatchInput":{"cost":4,"prefix":"2y"}})");
  EXPECT_EQ(sent.at("op").as_string(), "hash");
  EXPECT_EQ(sent.at("failed").as_int64(), 1);
  EXPECT_TRUE(std::string(sent.at("items").at(0).at("hash").as_string()).starts_with("$2y$04$"));
  EXPECT_EQ(sent.at("items").at(1).at("error").at("code").as_string(), "invalid_item");
  EXPECT_TRUE(std::string(sent.at("items").at(2).at("hash").as_string()).starts_with("$2y$05$"));
  EXPECT_EQ(summary.source, "map");
  const json::object verified =
      answer(R"({"BatchInput":{"op":"verify"},"Items":[{"password":"U*U","hash":")" + std::string(uu_hash) + R"("}]})");
  EXPECT_TRUE(verified.at("items").at(0).at("match").as_bool());
  EXPECT_EQ(answer(R"({"Items":[]})").at("processed").as_int64(), 0);
}

TEST_F(RecordsTest, BatchesOfAMapThatAreWrong) {
  EXPECT_EQ(refusal(R"({"Items":{}})"), "items must be an array");
  EXPECT_EQ(refusal(R"({"Items":[],"BatchInput":[]})"), "BatchInput must be an object");
  EXPECT_NE(refusal(R"({"Items":[],"BatchInput":{"items":[]}})").find("Items"), std::string::npos);
  EXPECT_NE(refusal(R"({"Items":[],"BatchInput":{"cost":31}})").find("cost"), std::string::npos);
  EXPECT_NE(refusal(R"({"Items":[],"Batchinput":{}})").find("unknown field"), std::string::npos);
}

TEST_F(RecordsTest, AMapsAnswerFitsAStatesOutput) {
  const auto event = [](std::size_t count, std::string_view one) {
    std::string text = R"({"BatchInput":{"op":"verify"},"Items":[)";
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + std::string(one);
    return text + "]}";
  };
  const std::string brief = answer_text(event(5000, "{}"));
  EXPECT_LE(brief.size(), max_state_answer_bytes);
  EXPECT_EQ(json::parse(brief).at("failed").as_int64(), 5000);
  EXPECT_EQ(brief.find("message"), std::string::npos);
  const std::string with_id = R"({"id":")" + std::string(300, 'i') + R"("})";
  EXPECT_NE(refusal(event(1000, with_id)).find("254 KiB"), std::string::npos);
  EXPECT_NE(answer_text(event(500, with_id)).find("message"), std::string::npos);
}

TEST_F(RecordsTest, NoPasswordInAnyRefusal) {
  for (const char* body : {R"({"password":"s3cret","s3cret":1})", R"(s3cret)", R"({"op":"s3cret"})", R"("s3cret")"}) {
    EXPECT_EQ(answer_text(json::serialize(json::array{sqs("a", body)})).find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace lanecrypt::runtime
