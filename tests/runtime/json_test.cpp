// What counts as JSON here, what is written, and base64's strictness.
#include "json.hpp"

#include <gtest/gtest.h>

#include "base64.hpp"

namespace lanecrypt::runtime {
namespace {

std::string problem(std::string_view text) {
  Arena arena;
  JsonTree tree(arena);
  return std::string(JsonReader("the event", arena).read(text, tree));
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

TEST(Json, TakesWhatTheRfcTakes) {
  for (const char* text : {"{}", " {\"a\" : [1, -2, 3.5e-7, true, null, \"\\ud83d\\ude00\"]}\n", R"("\u0000")", "0"}) {
    EXPECT_EQ(problem(text), "") << text;
  }
}

TEST(Json, RefusesEverythingElse) {
  for (const char* text :
       {"",      " ",     "{",   "{]",       "[1,]",      "{\"a\":1,}", "[01]",           "[.5]", "[1.]", "[+1]",
        "[NaN]", "[0x1]", "'a'", "[\"\t\"]", R"(["\x"])", "/**/{}",     "\xef\xbb\xbf{}", "tru",  "nul",  "\"a"}) {
    EXPECT_EQ(problem(text), "the event is not valid JSON in UTF-8") << text;
  }
  EXPECT_EQ(problem("{} {}"), "the event goes on after its JSON value");
  EXPECT_EQ(problem("1 2"), "the event goes on after its JSON value");
}

TEST(Json, RefusesWhatIsNoText) {
  for (const char* text :
       {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\ud800x")", "\"\xff\"", "\"\xc0\x80\"",
        "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xe2\x82\"", R"({"\ud800":1})"}) {
    EXPECT_EQ(problem(text), "the event is not valid JSON in UTF-8") << text;
  }
}

TEST(Json, SixteenLevels) {
  EXPECT_EQ(problem(nested(16)), "");
  EXPECT_EQ(problem(nested(17)), "the event nests deeper than 16 levels");
}

TEST(Json, DuplicateKeysAnywhere) {
  constexpr const char* twice = "a key appears twice in one object of the event";
  EXPECT_EQ(problem(R"({"a":1,"a":1})"), twice);
  EXPECT_EQ(problem(R"({"a":1,"\u0061":2})"), twice);
  EXPECT_EQ(problem(R"([{"x":[{"b":1,"c":2,"b":3}]}])"), twice);
  EXPECT_EQ(problem(R"({"a":{"x":1,"x":2},"a":1})"), twice);
  EXPECT_EQ(problem(R"({"a":{"a":1},"b":{"a":1}})"), "");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(problem(many + "\"z\":0}"), "");
  EXPECT_EQ(problem(many + "\"k57\":0}"), twice);
}

TEST(Json, AThousandFields) {
  const auto object = [](int fields) {
    std::string text = "{";
    for (int i = 0; i < fields; ++i) text.append(i == 0 ? "\"k" : ",\"k").append(std::to_string(i)).append("\":0");
    return text + "}";
  };
  constexpr const char* too_many = "an object of the event has more than 1000 fields";
  EXPECT_EQ(problem(object(1000)), "");
  EXPECT_EQ(problem(object(1001)), too_many);
  EXPECT_EQ(problem(std::string("[{\"a\":").append(object(1001)).append("}]")), too_many);
  EXPECT_EQ(problem(std::string("[").append(object(1000)).append(",").append(object(1000)).append("]")), "");
}

TEST(Json, ExponentsFitTheParser) {
  EXPECT_EQ(problem("[1e2147483647,1e-2147483647,0e5]"), "");
  for (const char* text : {"1e2147483648", "[1e99999999999]", "[-1.5E+99999999999]", R"({"id":1e-99999999999})"}) {
    EXPECT_EQ(problem(text), "a number of the event has an exponent that is out of range") << text;
  }
}

TEST(Json, TextsMayLieRightBeforeTheParser) {
  for (std::size_t size = 2; size < 80; ++size) {
    Arena arena;
    std::string object(size, ' ');
    object.front() = '{';
    object.back() = '}';
    const std::string_view text = arena.keep(object);
    JsonTree tree(arena);
    EXPECT_EQ(JsonReader("it", arena).read(text, tree), "") << size;
  }
}

TEST(Json, NumbersKeepTheirText) {
  Arena arena;
  JsonTree tree(arena);
  const std::string_view text = R"([1.50,-0,12345678901234567890123,1E+2,-7,18446744073709551615,0.1e-999])";
  ASSERT_EQ(JsonReader("the event", arena).read(text, tree), "");
  std::pmr::string out;
  append_json(out, tree.root, tree);
  EXPECT_EQ(out, text);
}

TEST(Json, WritesStringsWithTheEscapesTheyNeed) {
  std::pmr::string out;
  append_string(out, std::string_view("a\"\\\n\r\t\b\x01\x1f/\x7f\0é", 14));
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\r\\t\\u0008\\u0001\\u001f/\x7f\\u0000é\"");
}

TEST(Json, AQuotedTextIsAsLongAsItWasMeasured) {
  for (const std::string_view text : {"", "plain", R"("quoted")", R"(back\slash)", R"({"id":"a\"b"})"}) {
    std::pmr::string written;
    append_string(written, text);
    EXPECT_EQ(quoted_size(text), written.size()) << text;
  }
}

TEST(Json, WritesThousandths) {
  const auto text = [](std::uint64_t value) {
    std::pmr::string out;
    append_thousandths(out, value);
    return std::string(out);
  };
  EXPECT_EQ(text(0), "0.000");
  EXPECT_EQ(text(7), "0.007");
  EXPECT_EQ(text(1234567), "1234.567");
  EXPECT_EQ(text(50), "0.050");
}

TEST(Base64, DecodesWhatAnEncoderWrites) {
  Arena arena;
  EXPECT_EQ(decode_base64("", arena), "");
  EXPECT_EQ(decode_base64("Zg==", arena), "f");
  EXPECT_EQ(decode_base64("Zm8=", arena), "fo");
  EXPECT_EQ(decode_base64("Zm9vYmFy", arena), "foobar");
  EXPECT_EQ(decode_base64("+/8=", arena), "\xfb\xff");
  EXPECT_EQ(decode_base64("AAAA", arena), std::string_view("\0\0\0", 3));
}

TEST(Base64, RefusesEverythingElse) {
  Arena arena;
  for (const char* text : {"Zg", "Zg=", "Z===", "====", "=", "Zh==", "Zm9=", "Zm8=Zg==", "Zg==\n", "Zm9v\n",
                           "_-8=", "Zm 8", "Zg=v", "Zm9vZ", "\xc3\xa9==", "Z"}) {
    EXPECT_FALSE(decode_base64(text, arena)) << text;
  }
}

TEST(Base64, ItsAlphabetIsTheStandardOne) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Arena arena;
  for (int code = 0; code < 256; ++code) {
    const auto letter = static_cast<char>(code);
    EXPECT_EQ(decode_base64(std::string("Zm9") + letter, arena).has_value(),
              alphabet.find(letter) != std::string_view::npos)
        << code;
  }
}

}  // namespace
}  // namespace lanecrypt::runtime
