#include <lanecrypt/lanecrypt.h>
#include <pybind11/pybind11.h>

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) { module.def("version", &lanecrypt_version); }
