// The parser's handler (what it accepts beyond the grammar is decided here) and the writer. No iostream, and
// no doubles to text: they would cost a quarter and a tenth of the bootstrap's size.
#include "json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>

#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

// Feeds what the parser finds to Boost's value_stack. Counts keys: an object keeps the last of two equal keys, so a
// tree with fewer entries than keys were read had a duplicate somewhere.
struct TreeBuilder {
  using error_code = json::error_code;
  using view = json::string_view;

  static constexpr std::size_t max_object_size = max_object_fields;
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value_stack stack;
  std::pmr::vector<std::string_view>* number_texts = nullptr;
  std::size_t keys = 0;

  explicit TreeBuilder(Arena& arena) : stack(&arena) {}

  void begin(Arena& arena, JsonTree& tree) {
    stack.reset(&arena);
    number_texts = &tree.number_texts;
    keys = 0;
  }

  static bool on_document_begin(error_code&) { return true; }
  static bool on_document_end(error_code&) { return true; }
  static bool on_object_begin(error_code&) { return true; }
  static bool on_array_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code&) {
    stack.push_object(count);
    return true;
  }
  bool on_array_end(std::size_t count, error_code&) {
    stack.push_array(count);
    return true;
  }
  bool on_key_part(view part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(view last, std::size_t, error_code&) {
    ++keys;
    stack.push_key(last);
    return true;
  }
  bool on_string_part(view part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(view last, std::size_t, error_code&) {
    stack.push_string(last);
    return true;
  }
  static bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t value, view text, error_code& code) {
    if (value == 0 && text.front() == '-') return on_double(0.0, text, code);  // an id of -0 is not 0
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, view, error_code&) {
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double, view text, error_code&) {
    stack.push_double(static_cast<double>(number_texts->size()));
    number_texts->emplace_back(text.data(), text.size());
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack.push_null();
    return true;
  }
  static bool on_comment_part(view, error_code&) { return true; }
  static bool on_comment(view, error_code&) { return true; }
};

// Object entries in a tree. Recursion ends at max_json_depth.
std::size_t entries(const json::value& value) {  // NOLINT(misc-no-recursion)
  std::size_t count = 0;
  if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) count += entries(element);
  } else if (const json::object* object = value.if_object()) {
    count = object->size();
    for (const json::key_value_pair& entry : *object) count += entries(entry.value());
  }
  return count;
}

template <typename Number>
void append_number(std::pmr::string& out, Number value) {
  std::array<char, 24> digits{};  // 20 digits of 2^64 and a sign
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_escape(std::pmr::string& out, char letter) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(letter);
  out += "\\u00";
  out += hex[code >> 4];
  out += hex[code & 15];
}

}  // namespace

struct JsonReader::Parser {
  // Boost's parser says "nothing parsed" by its own address, which is also the end of a text that lies right before it.
  char apart = 0;
  json::basic_parser<TreeBuilder> parser;

  explicit Parser(Arena& arena) : parser(strict(), arena) {}

  static json::parse_options strict() {
    json::parse_options options;
    options.max_depth = max_json_depth;
    return options;
  }
};

JsonReader::JsonReader(std::string_view subject, Arena& arena)
    : subject_(subject),
      arena_(arena),
      parser_(new(static_cast<std::pmr::memory_resource&>(arena).allocate(sizeof(Parser), alignof(Parser)))
                  Parser(arena)) {}

JsonReader::~JsonReader() { parser_->~Parser(); }

std::string_view JsonReader::sentence(std::string_view before, std::string_view after) {
  return arena_.join({before, subject_, after});
}

std::string_view JsonReader::read(std::string_view text, JsonTree& tree) {
  json::basic_parser<TreeBuilder>& parser = parser_->parser;
  json::error_code code;
  parser.reset();
  parser.handler().begin(arena_, tree);
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  static_assert(max_json_depth == 16 && max_object_fields == 1'000, "the sentences name the limits");
  if (code == json::error::too_deep) return sentence("", " nests deeper than 16 levels");
  if (code == json::error::object_too_large) return sentence("an object of ", " has more than 1000 fields");
  if (code == json::error::exponent_overflow) return sentence("a number of ", " has an exponent that is out of range");
  if (code) return sentence("", " is not valid JSON in UTF-8");
  if (read < text.size()) return sentence("", " goes on after its JSON value");
  tree.root = parser.handler().stack.release();
  if (entries(tree.root) != parser.handler().keys) return sentence("a key appears twice in one object of ", "");
  return {};
}

void append_string(std::pmr::string& out, std::string_view text) {
  out += '"';
  for (const char letter : text) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == '"' || letter == '\\') {
      append_escape(out, letter);
    } else {
      out += letter;
    }
  }
  out += '"';
}

std::size_t quoted_size(std::string_view text) {
  const auto doubled = [](char letter) { return letter == '"' || letter == '\\'; };
  return text.size() + 2 + static_cast<std::size_t>(std::count_if(text.begin(), text.end(), doubled));
}

void append_integer(std::pmr::string& out, std::uint64_t value) { append_number(out, value); }

void append_thousandths(std::pmr::string& out, std::uint64_t thousandths) {
  append_number(out, thousandths / 1000);
  out += '.';
  for (std::uint64_t place = 100; place != 0; place /= 10) {
    out += static_cast<char>('0' + thousandths / place % 10);
  }
}

void append_name(std::pmr::string& out, std::string_view name) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
  append_string(out, name);
  out += ':';
}

void append_field(std::pmr::string& out, std::string_view name, std::uint64_t value) {
  append_name(out, name);
  append_integer(out, value);
}

void append_field(std::pmr::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  append_string(out, text);
}

void append_json(std::pmr::string& out, const json::value& value, const JsonTree& tree) {  // NOLINT(misc-no-recursion)
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      append_number(out, value.get_int64());
      return;
    case json::kind::uint64:
      append_number(out, value.get_uint64());
      return;
    case json::kind::double_:
      out += tree.number_text(value);
      return;
    case json::kind::string:
      append_string(out, {value.get_string().data(), value.get_string().size()});
      return;
    case json::kind::array:
    case json::kind::object:
      break;
  }
  if (const json::array* array = value.if_array()) {
    out += '[';
    for (const json::value& element : *array) {
      if (&element != array->begin()) out += ',';
      append_json(out, element, tree);
    }
    out += ']';
    return;
  }
  out += '{';
  for (const json::key_value_pair& entry : value.get_object()) {
    append_name(out, {entry.key().data(), entry.key().size()});
    append_json(out, entry.value(), tree);
  }
  out += '}';
}

}  // namespace lanecrypt::runtime
