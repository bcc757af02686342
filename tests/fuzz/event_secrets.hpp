// The passwords of an event, wherever they stand in it, and whether a text has one of them. For the handler's target:
// what the handler says must not.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lanecrypt::fuzz {

// JSON as strict as RFC 8259; false, with value null, where the text is none.
bool parse_json(std::string_view text, boost::json::value& value);

class EventSecrets {
 public:
  explicit EventSecrets(const boost::json::value& event) { walk(event, {}, false); }

  // Is one of the passwords in the text? Only of those is it asked that could not be there for another reason: they
  // have a character that no fixed text of the handler has, none of JSON's own, and stand nowhere else in the event.
  [[nodiscard]] bool any_in(std::string_view text) const;

  [[nodiscard]] std::size_t size() const { return passwords_.size(); }

 private:
  void walk(const boost::json::value& value, std::string_view key, bool echoed);
  void walk_text(std::string_view text, std::string_view key, bool echoed);
  bool walk_nested(std::string_view text);
  [[nodiscard]] bool is_telling(std::string_view password) const;

  std::vector<std::string> passwords_;
  std::string other_texts_;  // all other strings of the event: ids and their like come back
};

}  // namespace lanecrypt::fuzz
