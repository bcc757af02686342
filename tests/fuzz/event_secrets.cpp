// See the header. Requests stand in events as objects, as texts and as base64 of texts; an id, whatever is in it, is
// echoed.
#include "event_secrets.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <optional>

namespace lanecrypt::fuzz {
namespace {

namespace json = boost::json;

constexpr std::size_t shortest = 3;
constexpr std::string_view rare = "~!@#%^&*|<>?`";               // in no fixed text of an answer
constexpr std::string_view structural = "{}[]:,\"\\\b\f\n\r\t";  // could be put together by an answer's structure

bool is_rare(char c) { return rare.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80; }
bool is_structural(char c) { return structural.find(c) != std::string_view::npos; }

// RFC 4648 with padding, as far as it goes: what the handler would refuse may be taken here.
std::string decode(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::size_t pending = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = digits.find(text[i]);
    if (digit == std::string_view::npos) break;
    pending = pending << 6 | digit;
    if (i % 4 != 0) bytes += static_cast<char>(pending >> (6 - i % 4 * 2) & 0xff);
  }
  return bytes;
}

}  // namespace

bool parse_json(std::string_view text, json::value& value) {
  json::parse_options options;
  options.max_depth = 64;
  json::error_code code;
  value = json::parse({text.data(), text.size()}, code, {}, options);
  return !code;
}

bool EventSecrets::walk_nested(std::string_view text) {
  json::value nested;
  if (!text.starts_with('{') || !parse_json(text, nested)) return false;
  walk(nested, {}, false);
  return true;
}

void EventSecrets::walk_text(std::string_view text, std::string_view key, bool echoed) {
  const auto keep = [this](std::string_view other) { other_texts_.append(other).append(1, '\n'); };
  if (echoed) return keep(text);
  if (key == "password") {
    passwords_.emplace_back(text);
  } else if (key == "password_base64") {
    passwords_.push_back(decode(text));
  } else if ((key != "body" && key != "data") || (!walk_nested(text) && !walk_nested(decode(text)))) {
    keep(text);
  }
}

void EventSecrets::walk(const json::value& value, std::string_view key, bool echoed) {
  if (const json::string* text = value.if_string()) return walk_text({text->data(), text->size()}, key, echoed);
  if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) walk(element, key, echoed);
  } else if (const json::object* object = value.if_object()) {
    for (const json::key_value_pair& entry : *object) {
      const std::string_view name{entry.key().data(), entry.key().size()};
      other_texts_.append(name).append(1, '\n');
      walk(entry.value(), name, echoed || name == "id");
    }
  }
}

bool EventSecrets::is_telling(std::string_view password) const {
  return password.size() >= shortest && std::any_of(password.begin(), password.end(), is_rare) &&
         std::none_of(password.begin(), password.end(), is_structural) &&
         other_texts_.find(password) == std::string::npos;
}

bool EventSecrets::any_in(std::string_view text) const {
  return std::any_of(passwords_.begin(), passwords_.end(), [&](const std::string& password) {
    return text.find(password) != std::string_view::npos && is_telling(password);
  });
}

}  // namespace lanecrypt::fuzz
