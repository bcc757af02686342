// Strict JSON in (Boost.JSON's parser into a tree in the arena), and JSON text out. It knows nothing of requests.
#ifndef LANECRYPT_RUNTIME_JSON_HPP
#define LANECRYPT_RUNTIME_JSON_HPP

#include <boost/json/value.hpp>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "arena.hpp"

namespace lanecrypt::runtime {

// A parsed event. Integers of 64 bits are in the tree as they are. Every other number (1.5, 12.0, 1e3, thirty digits)
// stands in the tree as a double that is an index into number_texts: no field takes such a number, and an id that is
// one must be echoed as it was written. Texts are views of the event; everything else lives in the arena.
struct JsonTree {
  boost::json::value root;
  std::pmr::vector<std::string_view> number_texts;

  explicit JsonTree(Arena& arena) : root(&arena), number_texts(&arena) {}

  // Of a number that is a double in this tree: how it was written.
  [[nodiscard]] std::string_view number_text(const boost::json::value& value) const {
    return number_texts[static_cast<std::size_t>(value.get_double())];
  }
};

// Parses texts, one after the other. Refused: whatever is not RFC 8259 JSON, more than max_json_depth levels, more than
// max_object_fields in an object, invalid UTF-8, lone surrogates, a key that appears twice in an object, and a number
// whose exponent does not fit the parser's 32 bits (1e99999999999; 1e999 is taken, as a text).
class JsonReader {
 public:
  // subject is what the sentences call the text: "the event", "the body".
  JsonReader(std::string_view subject, Arena& arena);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  JsonReader(JsonReader&&) = delete;
  JsonReader& operator=(JsonReader&&) = delete;

  // Fills tree, which must be of the same arena. Returns what is wrong as a sentence without a word of the text in it,
  // or an empty view.
  std::string_view read(std::string_view text, JsonTree& tree);

 private:
  struct Parser;

  [[nodiscard]] std::string_view sentence(std::string_view before, std::string_view after);

  std::string_view subject_;
  Arena& arena_;
  Parser* parser_;  // in the arena; one for all texts, because its buffers come back only with the arena's wipe
};

// Appends a value of a tree, numbers as they were written.
void append_json(std::pmr::string& out, const boost::json::value& value, const JsonTree& tree);

// Appends a JSON string with its quotes; text must be UTF-8.
void append_string(std::pmr::string& out, std::string_view text);

// The bytes that append_string writes, if text has no control characters (as JSON on one line has none).
std::size_t quoted_size(std::string_view text);

void append_integer(std::pmr::string& out, std::uint64_t value);

// Appends 1234567 as 1234.567: microseconds as milliseconds. Always three digits after the point, so that a client's
// parser makes it a fraction, and never an exponent.
void append_thousandths(std::pmr::string& out, std::uint64_t thousandths);

// Appends "name": and, unless it is the first in its object, a comma before.
void append_name(std::pmr::string& out, std::string_view name);

void append_field(std::pmr::string& out, std::string_view name, std::uint64_t value);
void append_field(std::pmr::string& out, std::string_view name, std::string_view text);

}  // namespace lanecrypt::runtime

#endif
