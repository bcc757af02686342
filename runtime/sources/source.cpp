// The one table of event sources.
#include "source.hpp"

#include <array>

namespace lanecrypt::runtime {

const Source& source_of(const boost::json::value& event) {
  static constexpr std::array<const Source*, 6> sources = {&http_source, &records_source, &pipe_source,
                                                           &map_source,  &sample_source,  &plain_source};
  const Source* found = nullptr;
  for (const Source* source : sources) {
    if (!source->takes(event)) continue;
    if (found != nullptr)
      throw InvalidRequest{
          "the event looks like two sources: of requestContext, Records, Items, and op, items or count, only one may "
          "be "
          "there"};
    found = source;
  }
  if (found != nullptr) return *found;
  if (event.is_object()) return plain_source;
  throw InvalidRequest{"the event must be a JSON object, or an array of SQS or Kinesis records"};
}

const boost::json::object* object_field(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr ? nullptr : value->if_object();
}

std::string_view text_field(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains({name.data(), name.size()});
  const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

}  // namespace lanecrypt::runtime
