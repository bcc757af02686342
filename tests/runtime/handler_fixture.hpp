// A handler with its arena, and its answers as trees. For tests only.
#ifndef LANECRYPT_TESTS_RUNTIME_HANDLER_FIXTURE_HPP
#define LANECRYPT_TESTS_RUNTIME_HANDLER_FIXTURE_HPP

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "handler.hpp"

namespace lanecrypt::runtime {

class HandlerTest : public testing::Test {
 protected:
  // The answer as text, or "ERROR type: message".
  std::string answer_text(std::string_view event) {
    Arena arena;
    const HandlerResult result = Handler(config).handle(event, context, arena);
    summary = result.summary;
    if (!result.error) return std::string(result.answer);
    return "ERROR " + std::string(result.error->type) + ": " + std::string(result.error->message);
  }

  boost::json::object answer(std::string_view event) {
    const std::string text = answer_text(event);
    EXPECT_FALSE(text.starts_with("ERROR")) << text;
    return text.starts_with("ERROR") ? boost::json::object{} : boost::json::parse(text).as_object();
  }

  // The message of an event that must be refused as a whole.
  std::string refusal(std::string_view event) {
    constexpr std::string_view start = "ERROR InvalidRequest: ";
    const std::string text = answer_text(event);
    EXPECT_TRUE(text.starts_with(start)) << text;
    return text.starts_with(start) ? text.substr(start.size()) : text;
  }

  // The only item of the answer.
  boost::json::object item(std::string_view event) {
    boost::json::object whole = answer(event);
    EXPECT_EQ(whole["items"].as_array().size(), 1U);
    return whole["items"].as_array().at(0).as_object();
  }

  // The error code of the only item: "" where it has none.
  std::string code(std::string_view event) {
    const boost::json::object only = item(event);
    const boost::json::value* error = only.if_contains("error");
    return error == nullptr ? std::string() : std::string(error->at("code").as_string());
  }

  static std::uint64_t now_ms() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
  }

  HandlerConfig config;
  InvocationContext context;
  InvocationSummary summary;
};

inline std::string hash_event(std::string_view items, std::string_view more = R"(,"cost":4)") {
  return R"({"op":"hash","items":[)" + std::string(items) + "]" + std::string(more) + "}";
}

inline std::string verify_event(std::string_view items, std::string_view more = "") {
  return R"({"op":"verify","items":[)" + std::string(items) + "]" + std::string(more) + "}";
}

// The password "U*U" at cost 5, published with crypt_blowfish.
inline constexpr std::string_view uu_hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

}  // namespace lanecrypt::runtime

#endif
