// The rules of a request's fields. Field names and their rules are written here and nowhere else.
#include "request.hpp"

#include <lanecrypt/lanecrypt.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <charconv>
#include <optional>

#include "base64.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

std::string_view text_of(const json::value& value, std::string_view message) {
  const json::string* text = value.if_string();
  if (text == nullptr) throw InvalidRequest{message};
  return view(*text);
}

// An integer written as one. Other numbers are doubles in the tree and 64-bit unsigned ones are out of every range.
std::uint32_t integer_of(const json::value& value, std::uint32_t least, std::uint32_t most, std::string_view message) {
  const std::int64_t* number = value.if_int64();
  if (number == nullptr || *number < least || *number > most) throw InvalidRequest{message};
  return static_cast<std::uint32_t>(*number);
}

std::string_view cost_message(std::string_view field, std::uint32_t most, Arena& arena) {
  std::array<char, 4> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), most).ptr;
  const std::string_view number{digits.data(), static_cast<std::size_t>(end - digits.data())};
  return arena.join({field, " must be an integer from 4 to ", number, " (the ceiling is LANECRYPT_MAX_COST)"});
}

std::uint32_t request_cost(const json::value& value, std::string_view field, std::uint32_t max_cost, Arena& arena) {
  return integer_of(value, LANECRYPT_COST_MIN, max_cost, cost_message(field, max_cost, arena));
}

const char* read_prefix(const json::value& value) {
  constexpr std::string_view rule = R"(prefix must be "2b", "2a" or "2y")";
  const std::string_view text = text_of(value, rule);
  for (const char* prefix : {"2b", "2a", "2y"}) {
    if (text == prefix) return prefix;
  }
  throw InvalidRequest{rule};
}

bool read_long_passwords(const json::value& value) {
  constexpr std::string_view rule = R"(long_passwords must be "refuse" or "truncate")";
  const std::string_view text = text_of(value, rule);
  if (text != "refuse" && text != "truncate") throw InvalidRequest{rule};
  return text == "truncate";
}

std::uint32_t read_upgrade(const json::value& value, std::uint32_t max_cost, Arena& arena) {
  const json::object* object = value.if_object();
  if (object == nullptr) throw InvalidRequest{"upgrade_to must be an object with a cost"};
  refuse_unknown_fields(*object, {"cost"}, "upgrade_to has an unknown field; it takes cost only");
  const json::value* cost = object->if_contains("cost");
  if (cost == nullptr) throw InvalidRequest{"upgrade_to.cost is missing"};
  return request_cost(*cost, "upgrade_to.cost", max_cost, arena);
}

std::string_view read_password(const json::object& object, Arena& arena) {
  const json::value* plain = object.if_contains("password");
  const json::value* encoded = object.if_contains("password_base64");
  if (plain != nullptr && encoded != nullptr) throw InvalidRequest{"password and password_base64 exclude each other"};
  if (plain != nullptr) return text_of(*plain, "password must be a string");
  if (encoded == nullptr) throw InvalidRequest{"password or password_base64 is missing"};
  constexpr std::string_view rule = "password_base64 must be a string of padded standard base64";
  const std::optional<std::string_view> bytes = decode_base64(text_of(*encoded, rule), arena);
  if (!bytes) throw InvalidRequest{rule};
  return *bytes;
}

void read_hash_fields(const json::object& object, Item& item) {
  refuse_unknown_fields(object, {"id", "password", "password_base64", "setting", "cost"},
                        "the item has an unknown field; it takes id, password or password_base64, setting, cost");
  if (const json::value* setting = object.if_contains("setting")) {
    item.stored = text_of(*setting, "setting must be a string");
    item.has_stored = true;
  }
  if (const json::value* cost = object.if_contains("cost")) {
    if (item.has_stored) throw InvalidRequest{"cost and setting exclude each other in an item"};
    item.cost = integer_of(*cost, LANECRYPT_COST_MIN, LANECRYPT_COST_MAX, "cost must be an integer from 4 to 31");
  }
}

void read_verify_fields(const json::object& object, Item& item) {
  refuse_unknown_fields(object, {"id", "password", "password_base64", "hash"},
                        "the item has an unknown field; it takes id, password or password_base64, hash");
  const json::value* hash = object.if_contains("hash");
  if (hash == nullptr) throw InvalidRequest{"hash is missing; null stands for an unknown user"};
  if (hash->is_null()) return;
  item.stored = text_of(*hash, "hash must be a string or null");
  item.has_stored = true;
}

void read_id(const json::object& object, const JsonTree& tree, Request& request, Item& item) {
  const json::value* id = object.if_contains("id");
  if (id == nullptr) return;
  item.id_at = request.ids.size();
  append_json(request.ids, *id, tree);
  item.id_size = request.ids.size() - item.id_at;
}

Item read_item(const json::value& value, const JsonTree& tree, Arena& arena, Request& request) {
  Item item;
  const json::object* object = value.if_object();
  if (object == nullptr) {
    item.problem = "an item must be an object";
    return item;
  }
  read_id(*object, tree, request, item);
  try {
    request.op == Op::hash ? read_hash_fields(*object, item) : read_verify_fields(*object, item);
    item.password = read_password(*object, arena);
  } catch (const InvalidRequest& wrong) {
    item.problem = wrong.message;
  }
  return item;
}

// Known before anything is computed, so that no invocation is spent on an answer that nobody would take.
void refuse_long_answer(const Request& request, Arena& arena) {
  if (longest_items(request) + max_answer_frame_bytes <= request.limit.bytes) return;
  std::pmr::string& kib = arena.new_text();
  append_integer(kib, request.limit.bytes >> 10);
  throw InvalidRequest{
      arena.join({"items are so many, or have ids so long, that the answer could exceed ", kib, " KiB"}), true};
}

}  // namespace

void refuse_unknown_fields(const json::object& object, std::initializer_list<std::string_view> known,
                           std::string_view message) {
  for (const json::key_value_pair& entry : object) {
    const std::string_view name{entry.key().data(), entry.key().size()};
    if (std::find(known.begin(), known.end(), name) == known.end()) throw InvalidRequest{message};
  }
}

Mode read_mode(const json::value& value) {
  const std::string_view text = text_of(value, "mode must be a string");
  if (text == "parallel") return Mode::parallel;
  return text == "sequential" ? Mode::sequential : Mode::automatic;  // unknown modes mean auto
}

std::string_view op_name(Op op) { return op == Op::hash ? "hash" : "verify"; }

Op read_op(const json::object& object, std::optional<Op> implied) {
  constexpr std::string_view rule = R"(op must be "hash" or "verify")";
  const json::value* value = object.if_contains("op");
  if (value == nullptr) {
    if (implied) return *implied;
    throw InvalidRequest{R"(op is missing: it must be "hash" or "verify" (or give count and mode))"};
  }
  const std::string_view text = text_of(*value, rule);
  for (const Op op : {Op::hash, Op::verify}) {
    if (text != op_name(op)) continue;
    if (implied && *implied != op) throw InvalidRequest{"op is not the one that the path names"};
    return op;
  }
  throw InvalidRequest{rule};
}

void read_options(const json::object& object, Arena& arena, Request& request) {
  if (request.op == Op::hash) {
    refuse_unknown_fields(object, {"op", "items", "cost", "prefix", "mode", "long_passwords"},
                          "the request has an unknown field; hash takes items, cost, prefix, mode, long_passwords");
  } else {
    refuse_unknown_fields(
        object, {"op", "items", "cost", "prefix", "mode", "long_passwords", "upgrade_to"},
        "the request has an unknown field; verify takes items, cost, prefix, mode, long_passwords, upgrade_to");
  }
  const auto field = [&object](const char* name) { return object.if_contains(name); };
  if (const json::value* cost = field("cost")) request.cost = request_cost(*cost, "cost", request.max_cost, arena);
  if (const json::value* prefix = field("prefix")) request.prefix = read_prefix(*prefix);
  if (const json::value* mode = field("mode")) request.mode = read_mode(*mode);
  if (const json::value* rule = field("long_passwords")) request.truncate = read_long_passwords(*rule);
  if (const json::value* to = field("upgrade_to")) request.upgrade_cost = read_upgrade(*to, request.max_cost, arena);
}

void append_items(const json::value& items, const JsonTree& tree, Arena& arena, Request& request) {
  const json::array* array = items.if_array();
  if (array == nullptr) throw InvalidRequest{"items must be an array"};
  if (array->size() > max_items - request.items.size()) throw InvalidRequest{"items has more than 10000 items", true};
  static_assert(max_items == 10'000, "the message above names the limit");
  request.items.reserve(request.items.size() + array->size());
  for (const json::value& element : *array) append_item(element, tree, arena, request);
  refuse_long_answer(request, arena);
}

void append_item(const json::value& item, const JsonTree& tree, Arena& arena, Request& request) {
  request.items.push_back(read_item(item, tree, arena, request));
}

std::size_t longest_items(const Request& request) {
  std::size_t item = request.op == Op::hash ? brief_hash_bytes : brief_verify_bytes;
  if (request.upgrade_cost != 0) item = brief_upgrade_bytes;
  const std::size_t plain = request.ids.size() + request.items.size() * item;
  return request.limit.quoted ? plain + request.ids.size() + request.items.size() * item_quotes : plain;
}

}  // namespace lanecrypt::runtime
