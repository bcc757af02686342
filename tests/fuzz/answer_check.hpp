// Whether an answer is one to its event: JSON of the shape that the event's source has, with each item in its place and
// either a whole hash, a verdict or an error. Passwords are event_secrets.hpp's matter.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace lanecrypt::fuzz {

// Ends the process where it is not. source is the handler's name for it (InvocationSummary::source).
void check_answer(const boost::json::value& event, std::string_view source, std::string_view answer);

// What a destination is handed: an array with an answer for each of count records.
void check_results(std::string_view results, std::size_t count);

}  // namespace lanecrypt::fuzz
