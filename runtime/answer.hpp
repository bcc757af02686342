// Writes answers as JSON text. What an answer says is decided elsewhere; its field names and their order are here.
#ifndef LANECRYPT_RUNTIME_ANSWER_HPP
#define LANECRYPT_RUNTIME_ANSWER_HPP

#include <string_view>

#include "request.hpp"
#include "work.hpp"

namespace lanecrypt::runtime {

// The answer of op hash and op verify, in the arena.
std::string_view write_answer(const Request& request, const Outcome& outcome, Arena& arena);

// The answer of count and mode: the sample's eight fields and no other.
std::string_view write_sample_answer(const Outcome& outcome, Arena& arena);

}  // namespace lanecrypt::runtime

#endif
