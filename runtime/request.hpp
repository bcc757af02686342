// Request: one batch in plain words, whatever event it came in. Reading it from a JSON object is here, because every
// event source carries such an object somewhere; running it is work.hpp's, answering it answer.hpp's.
#ifndef LANECRYPT_RUNTIME_REQUEST_HPP
#define LANECRYPT_RUNTIME_REQUEST_HPP

#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "arena.hpp"
#include "json.hpp"
#include "limits.hpp"

namespace lanecrypt::runtime {

// Thrown for a request that is wrong as a whole. The message is static or lives in the arena, names the field and its
// rule, and holds no text of the event: a field's name may be a password that slipped.
struct InvalidRequest {
  std::string_view message;
  bool too_large = false;  // it asks for more than fits: HTTP has a status of its own for that
};

enum class Op { hash, verify };
enum class Mode { automatic, parallel, sequential };

struct Item {
  std::size_t id_at = 0;     // where its id's JSON text is in Request::ids
  std::size_t id_size = 0;   // 0: it has none
  std::string_view problem;  // not empty: why it is an invalid_item; the rest then means nothing
  std::string_view password;
  std::string_view stored;  // hash: the setting to use; verify: the hash to check
  bool has_stored = false;  // hash: false draws a salt; verify: false is the unknown user
  std::uint32_t cost = 0;   // 0: the request's
};

// Where an answer must fit.
struct AnswerLimit {
  std::size_t bytes;
  bool quoted = false;  // the answer goes into a JSON string, where quotation marks and backslashes are doubled
};

struct Request {
  Op op = Op::hash;
  Mode mode = Mode::automatic;
  std::uint32_t cost = 0;        // 0: the default
  const char* prefix = nullptr;  // nullptr: the default
  bool truncate = false;
  std::uint32_t upgrade_cost = 0;  // 0: no upgrades
  std::uint32_t max_cost;
  AnswerLimit limit{max_answer_bytes};
  std::pmr::string ids;  // the JSON texts of all ids, one after the other
  std::pmr::vector<Item> items;

  Request(Arena& arena, std::uint32_t ceiling) : max_cost(ceiling), ids(&arena), items(&arena) {}
};

// {"op":…,"items":[…],…} is read in three steps, in this order. What is wrong throws InvalidRequest. implied: the op of
// a request whose place says it already; it may then be left out, and may not be the other.
Op read_op(const boost::json::object& object, std::optional<Op> implied = std::nullopt);

// Everything but op and items, by the rules of request.op.
void read_options(const boost::json::object& object, Arena& arena, Request& request);

// Appends the items of one array; the limits count over the whole request. Items that are wrong are kept with their
// problem.
void append_items(const boost::json::value& items, const JsonTree& tree, Arena& arena, Request& request);
void append_item(const boost::json::value& item, const JsonTree& tree, Arena& arena, Request& request);

// The longest that the answers of all items can be, ids included, where errors are written without their sentences.
std::size_t longest_items(const Request& request);

std::string_view op_name(Op op);

// For sources that read fields of their own.
void refuse_unknown_fields(const boost::json::object& object, std::initializer_list<std::string_view> known,
                           std::string_view message);
Mode read_mode(const boost::json::value& value);

}  // namespace lanecrypt::runtime

#endif
