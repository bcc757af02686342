// A guard for PyInit functions: the modules are for the main interpreter. pybind11 3 hangs where it is initialised in a
// second interpreter of Python 3.9 or 3.11, so the question must be asked before any of pybind11's code runs:
//
//   PYBIND11_MODULE(NAME_of_main, module, pybind11::mod_gil_not_used()) { … }
//   extern "C" PYBIND11_EXPORT PyObject* PyInit_NAME() {
//     return lanecrypt::python::in_main_interpreter("NAME") ? PyInit_NAME_of_main() : nullptr;
//   }
//
// The module's __name__ is the one that it was imported by, whatever pybind11 was told.
#ifndef LANECRYPT_PYTHON_MAIN_INTERPRETER_HPP
#define LANECRYPT_PYTHON_MAIN_INTERPRETER_HPP

#include <Python.h>

namespace lanecrypt::python {

// False, with an ImportError set, in a subinterpreter. To be called with the GIL.
inline bool in_main_interpreter(const char* module) {
  if (PyInterpreterState_Get() == PyInterpreterState_Main()) return true;
  PyErr_Format(PyExc_ImportError, "%s can be imported in the main interpreter only, not in a subinterpreter", module);
  return false;
}

}  // namespace lanecrypt::python

#endif
