// Event sources: each kind of event has one file in this folder and one row in source.cpp's table. A source knows how
// its event is told from others, where the request stands in it, and what its answer looks like.
#ifndef LANECRYPT_RUNTIME_SOURCES_SOURCE_HPP
#define LANECRYPT_RUNTIME_SOURCES_SOURCE_HPP

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "../json.hpp"
#include "../work.hpp"

namespace lanecrypt::runtime {

struct Source {
  std::string_view name;  // for the log
  bool (*takes)(const boost::json::value& event);
  // Returns the answer, in the arena. Throws InvalidRequest, BatchFailed and HandlerError.
  std::string_view (*answer)(const boost::json::value& event, const JsonTree& tree, Call& call);
};

// The one source that takes the event. Throws InvalidRequest where none does, or more than one.
const Source& source_of(const boost::json::value& event);

extern const Source sample_source;   // {"count":…,"mode":…}
extern const Source plain_source;    // {"op":…,"items":[…]}: every object that is no other source's
extern const Source http_source;     // API Gateway, Function URL, load balancer
extern const Source records_source;  // {"Records":[…]} of SQS or Kinesis
extern const Source pipe_source;     // [record, …]: a Pipe's enrichment
extern const Source map_source;      // {"Items":[…],"BatchInput":{…}}: a Distributed Map

// The answer to a request that stands somewhere in an event: count and mode, or op and items. implied: the op
// that its place names.
std::string_view answer_request(const boost::json::object& object, const JsonTree& tree, AnswerLimit limit,
                                std::optional<Op> implied, Call& call);

// {"count":…,"mode":…} alone.
std::string_view answer_sample(const boost::json::object& event, const JsonTree& tree, Call& call);

// The field of an object, if it has it and it is of that kind; else nullptr, or an empty text.
const boost::json::object* object_field(const boost::json::object& object, std::string_view name);
std::string_view text_field(const boost::json::object& object, std::string_view name);

}  // namespace lanecrypt::runtime

#endif
