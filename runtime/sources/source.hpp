// Event sources: each kind of event has one file in this folder and one row in source.cpp's table. A source knows how
// its event is told from others, where the request stands in it, and what its answer looks like.
#ifndef LANECRYPT_RUNTIME_SOURCES_SOURCE_HPP
#define LANECRYPT_RUNTIME_SOURCES_SOURCE_HPP

#include <boost/json/object.hpp>
#include <string_view>

#include "../json.hpp"
#include "../work.hpp"

namespace lanecrypt::runtime {

struct Source {
  bool (*takes)(const boost::json::object& event);
  // Returns the answer, in the arena. Throws InvalidRequest and BatchFailed.
  std::string_view (*answer)(const boost::json::object& event, const JsonTree& tree, Call& call);
};

// The first source of the table that takes the event. There is always one: the last takes everything.
const Source& source_of(const boost::json::object& event);

extern const Source sample_source;  // {"count":…,"mode":…}
extern const Source plain_source;   // {"op":…,"items":[…]}

}  // namespace lanecrypt::runtime

#endif
