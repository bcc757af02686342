// What the library says of itself and of the machine: engines, thread budget, plans; and the texts of hashes and
// settings.
#pragma once

#include <pybind11/pybind11.h>

namespace lanecrypt::python {

// Adds the functions to the module.
void add_machine(pybind11::module_& module);
void add_texts(pybind11::module_& module);

}  // namespace lanecrypt::python
