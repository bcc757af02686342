// HTTP events of all flavours: routes, bodies, statuses, and that none of them fails the invocation.
#include <string>

#include "handler_fixture.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

constexpr std::string_view hash_body = R"({"items":[{"id":1,"password":"a"}],"cost":4})";

class HttpTest : public HandlerTest {
 protected:
  // Of the HTTP API and Function URLs.
  static json::object v2(std::string_view method, std::string_view path, std::string_view body = "") {
    return {{"version", "2.0"},
            {"rawPath", path},
            {"headers", {{"content-type", "application/json"}}},
            {"requestContext", {{"http", {{"method", method}, {"path", path}}}, {"stage", "$default"}}},
            {"body", body},
            {"isBase64Encoded", false}};
  }

  static json::object v1(std::string_view method, std::string_view path, std::string_view body = "") {
    return {{"resource", "/{proxy+}"},
            {"path", path},
            {"httpMethod", method},
            {"headers", {{"Content-Type", "application/json; charset=UTF-8"}}},
            {"multiValueHeaders", {{"Content-Type", json::array{"application/json"}}}},
            {"requestContext", {{"stage", "prod"}, {"path", "/prod/hash"}}},
            {"body", body},
            {"isBase64Encoded", false}};
  }

  static json::object balancer(std::string_view method, std::string_view path, std::string_view body = "") {
    return {
        {"requestContext", {{"elb", {{"targetGroupArn", "arn"}}}}}, {"httpMethod", method}, {"path", path},
        {"headers", {{"content-type", "application/json"}}},        {"body", body},         {"isBase64Encoded", false}};
  }

  json::object send(const json::object& event) { return answer(json::serialize(event)); }

  std::int64_t status(const json::object& event) {
    const json::object sent = send(event);
    EXPECT_EQ(summary.http_status, sent.at("statusCode").as_int64());
    return sent.at("statusCode").as_int64();
  }

  static json::object body_of(const json::object& sent) {
    return json::parse(std::string(sent.at("body").as_string())).as_object();
  }

  // The message of a refusal, which must have the status.
  std::string message(const json::object& event, int expected) {
    const json::object sent = send(event);
    EXPECT_EQ(sent.at("statusCode").as_int64(), expected) << json::serialize(sent);
    return std::string(body_of(sent).at("error").at("message").as_string());
  }
};

TEST_F(HttpTest, EveryFlavourHashes) {
  for (const json::object& event :
       {v2("POST", "/hash", hash_body), v1("POST", "/hash", hash_body), balancer("POST", "/hash", hash_body)}) {
    const json::object sent = send(event);
    EXPECT_EQ(sent.at("statusCode").as_int64(), 200);
    EXPECT_EQ(sent.at("headers").at("content-type").as_string(), "application/json");
    EXPECT_EQ(sent.at("headers").at("cache-control").as_string(), "no-store");
    EXPECT_FALSE(sent.at("isBase64Encoded").as_bool());
    EXPECT_EQ(sent.contains("statusDescription"), event.at("requestContext").as_object().contains("elb"));
    const json::object body = body_of(sent);
    EXPECT_EQ(body.at("op").as_string(), "hash");
    EXPECT_TRUE(std::string(body.at("items").at(0).at("hash").as_string()).starts_with("$2b$04$"));
    EXPECT_EQ(summary.source, "http");
    EXPECT_EQ(summary.hashes, 1U);
  }
}

TEST_F(HttpTest, VerifyAndWholeRequests) {
  const std::string items = R"("items":[{"password":"U*U","hash":")" + std::string(uu_hash) + R"("}])";
  EXPECT_TRUE(body_of(send(v2("POST", "/verify", "{" + items + "}"))).at("items").at(0).at("match").as_bool());
  EXPECT_TRUE(
      body_of(send(v2("POST", "/", R"({"op":"verify",)" + items + "}"))).at("items").at(0).at("match").as_bool());
  EXPECT_EQ(body_of(send(v2("POST", "/", R"({"count":2,"mode":"auto"})"))).at("processed").as_int64(), 2);
  EXPECT_EQ(message(v2("POST", "/", "{" + items + "}"), 400),
            R"(op is missing: it must be "hash" or "verify" (or give count and mode))");
  EXPECT_EQ(message(v2("POST", "/verify", R"({"op":"hash","items":[]})"), 400),
            "op is not the one that the path names");
  EXPECT_EQ(status(v2("POST", "/hash", R"({"op":"hash","items":[]})")), 200);
  EXPECT_NE(message(v2("POST", "/hash", R"({"count":2,"mode":"auto"})"), 400).find("unknown field"), std::string::npos);
}

TEST_F(HttpTest, PathsMayHaveAnythingBefore) {
  for (const char* path : {"/hash", "/prod/hash", "/a/b/hash"}) EXPECT_EQ(status(v1("POST", path, hash_body)), 200);
  json::object staged = v2("POST", "/prod", R"({"op":"hash"})");
  staged["requestContext"].as_object()["stage"] = "prod";
  EXPECT_EQ(status(staged), 200);
  staged["rawPath"] = "/prodhash";
  EXPECT_EQ(status(staged), 404);
  for (const char* path : {"/hashes", "/hash/x", "/Hash", "hash?"}) EXPECT_EQ(status(v2("POST", path, hash_body)), 404);
}

TEST_F(HttpTest, Health) {
  const json::object sent = send(v1("GET", "/health"));
  EXPECT_EQ(sent.at("statusCode").as_int64(), 200);
  EXPECT_EQ(body_of(sent).at("status").as_string(), "ok");
  EXPECT_FALSE(body_of(sent).at("engine").as_string().empty());
  EXPECT_EQ(send(balancer("HEAD", "/health")).at("body").as_string(), "");
  EXPECT_EQ(summary.hashes, 0U);
}

TEST_F(HttpTest, OtherMethodsAreToldWhatIsAllowed) {
  for (const char* path : {"/", "/hash", "/verify"}) {
    for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "post"}) {
      const json::object sent = send(v2(method, path, hash_body));
      EXPECT_EQ(sent.at("statusCode").as_int64(), 405) << method << path;
      EXPECT_EQ(sent.at("headers").at("allow").as_string(), "POST");
    }
  }
  EXPECT_EQ(send(v2("POST", "/health")).at("headers").at("allow").as_string(), "GET, HEAD");
}

TEST_F(HttpTest, MediaTypes) {
  const auto typed = [this](const char* type) {
    json::object event = v2("POST", "/hash", hash_body);
    event["headers"] = {{"CONTENT-type", type}};
    return status(event);
  };
  for (const char* type : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                           "application/json ; charset=\"UTF-8\"", "application/vnd.api+json", ""}) {
    EXPECT_EQ(typed(type), 200) << type;
  }
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1",
                           "application/jsonx", "json", "application/+json", "multipart/form-data; boundary=x"}) {
    EXPECT_EQ(typed(type), 415) << type;
  }
  json::object bare = v2("POST", "/hash", hash_body);
  bare.erase("headers");
  EXPECT_EQ(status(bare), 200);
}

TEST_F(HttpTest, Base64Bodies) {
  json::object event = v2("POST", "/hash", "eyJpdGVtcyI6W3sicGFzc3dvcmQiOiJhIn1dLCJjb3N0Ijo0fQ==");
  event["isBase64Encoded"] = true;
  EXPECT_EQ(body_of(send(event)).at("processed").as_int64(), 1);
  event["body"] = "{}";
  EXPECT_EQ(message(event, 400), "isBase64Encoded is set and the body is not base64");
}

TEST_F(HttpTest, BodiesThatAreNoRequest) {
  EXPECT_EQ(message(v2("POST", "/hash", ""), 400), "the body is empty: it must be a JSON object");
  EXPECT_EQ(message(v2("POST", "/hash", "{"), 400), "the body is not valid JSON in UTF-8");
  EXPECT_EQ(message(v2("POST", "/hash", "[]"), 400), "the body must be a JSON object");
  EXPECT_EQ(message(v2("POST", "/hash", R"({"cost":3})"), 400),
            "cost must be an integer from 4 to 14 (the ceiling is LANECRYPT_MAX_COST)");
  EXPECT_EQ(message(v2("POST", "/hash", R"({"a":1,"a":2})"), 400), "a key appears twice in one object of the body");
  json::object missing = v2("POST", "/hash");
  missing["body"] = nullptr;
  EXPECT_EQ(message(missing, 400), "the body is empty: it must be a JSON object");
  missing.erase("body");
  EXPECT_EQ(message(missing, 400), "the body is empty: it must be a JSON object");
}

TEST_F(HttpTest, ListsOfHeadersAreAnsweredByLists) {
  json::object event = balancer("POST", "/hash", hash_body);
  event.erase("headers");
  event["multiValueHeaders"] = {{"Content-Type", json::array{"text/plain", "application/json"}}};
  const json::object sent = send(event);
  EXPECT_EQ(sent.at("statusDescription").as_string(), "200 OK");
  EXPECT_EQ(sent.at("multiValueHeaders").at("content-type").at(0).as_string(), "application/json");
  EXPECT_FALSE(sent.contains("headers"));
  event["httpMethod"] = "PUT";
  EXPECT_EQ(send(event).at("multiValueHeaders").at("allow").at(0).as_string(), "POST");
}

std::string items(std::size_t count) {
  std::string text = R"({"cost":4,"items":[)";
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "{}" : ",{}";
  return text + "]}";
}

TEST_F(HttpTest, WhatIsTooLarge) {
  EXPECT_NE(message(v2("POST", "/hash", items(max_items + 1)), 413).find("10000"), std::string::npos);
  EXPECT_EQ(status(v2("POST", "/hash", items(max_items))), 200);
  EXPECT_NE(message(balancer("POST", "/hash", items(max_items + 1)), 413).find("10000"), std::string::npos);
  const json::object sent = send(balancer("POST", "/hash", items(max_items)));
  EXPECT_LE(json::serialize(sent).size(), max_balancer_answer_bytes);
  std::string ids = R"({"cost":4,"items":[)";
  for (int i = 0; i < 1000; ++i) ids += R"({"id":")" + std::string(950, 'i') + R"("},)";
  ids.back() = ']';
  EXPECT_NE(message(balancer("POST", "/hash", ids + "}"), 413).find("975 KiB"), std::string::npos);
  EXPECT_EQ(status(v2("POST", "/hash", ids + "}")), 200);
}

TEST_F(HttpTest, AnswersAreCountedAsTheyAreQuoted) {
  std::string quotes = R"({"cost":4,"items":[)";
  for (int i = 0; i < 1000; ++i) quotes += R"({"id":")" + std::string(std::size_t{2} * 250, '\\') + R"("},)";
  quotes.back() = ']';
  EXPECT_EQ(status(balancer("POST", "/hash", quotes + "}")), 413);
}

TEST_F(HttpTest, SixMiBOfBrackets) {
  json::object event = v2("POST", "/hash");
  event["body"] = std::string(max_event_bytes - json::serialize(event).size() - 100, '[');
  EXPECT_EQ(message(event, 400), "the body nests deeper than 16 levels");
}

TEST_F(HttpTest, AnEventJustOverTheLimitIs413) {
  json::object event = v2("POST", "/hash");
  event["body"] = std::string(max_event_bytes, ' ');
  EXPECT_EQ(message(event, 413), event_too_large);
  EXPECT_EQ(refusal(R"({"op":"hash","items":[]})" + std::string(max_event_bytes, ' ')), event_too_large);
  EXPECT_EQ(refusal(std::string(max_event_bytes + 1, '[')), event_too_large);
}

TEST_F(HttpTest, ABodyThatIsBuiltToBeDearIs413) {
  json::object event = v2("POST", "/hash");
  std::string dear = "[0";
  while (dear.size() < max_event_bytes - 2000) dear += ",0";
  event["body"] = dear + "]";
  EXPECT_EQ(status(event), 413);
  event.erase("headers");
  event["multiValueHeaders"] = json::object{};
  EXPECT_TRUE(send(event).contains("multiValueHeaders"));
}

TEST_F(HttpTest, FaultsOfOursSayNothingOfThemselves) {
  config.engine = "none";
  const json::object sent = send(v2("POST", "/hash", hash_body));
  EXPECT_EQ(sent.at("statusCode").as_int64(), 500);
  EXPECT_EQ(json::serialize(body_of(sent)),
            R"({"error":{"code":"internal","message":"an internal error; the function's log has more"}})");
}

TEST_F(HttpTest, AnEventOfTwoSourcesIsRefused) {
  for (const char* other : {"Records", "Items", "op", "items", "count"}) {
    json::object event = v2("POST", "/hash", hash_body);
    event[other] = json::array{};
    EXPECT_TRUE(refusal(json::serialize(event)).starts_with("the event looks like two sources")) << other;
  }
}

TEST_F(HttpTest, NoPasswordInAnyRefusal) {
  for (const char* body : {R"({"items":[{"password":"s3cret"}],"s3cret":1})", R"({"op":"s3cret"})", R"("s3cret")",
                           R"({"cost":"s3cret"})", R"({"s3cret)"}) {
    EXPECT_EQ(answer_text(json::serialize(v2("POST", "/hash", body))).find("s3cret"), std::string::npos) << body;
  }
}

}  // namespace
}  // namespace lanecrypt::runtime
