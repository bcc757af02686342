// From the event as Python objects, which is how Lambda's Python runtime hands it over, back to JSON text in the arena.
// Python's json.dumps would leave the passwords in a str that nobody can wipe.
#ifndef LANECRYPT_PYTHON_LIBLAMBDA_EVENT_TEXT_HPP
#define LANECRYPT_PYTHON_LIBLAMBDA_EVENT_TEXT_HPP

#include <pybind11/pybind11.h>

#include <string_view>

#include "arena.hpp"

namespace lanecrypt::liblambda {

// dict (with str keys), list, tuple, str, int, float, bool and None, and their subclasses by their value; no code of
// theirs is run. What JSON cannot say (nan, lone surrogates, a nesting without end) becomes text that the handler's
// parser refuses with its own words. Throws runtime::InvalidRequest for other types and for too much text. Needs the
// GIL.
std::string_view write_event(pybind11::handle event, runtime::Arena& arena);

}  // namespace lanecrypt::liblambda

#endif
