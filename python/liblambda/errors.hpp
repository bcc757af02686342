// Exceptions. Lambda's Python runtime takes the name of an exception's class for the error's type, so there is one
// class for each HandlerError::type, made by that name.
#ifndef LANECRYPT_PYTHON_LIBLAMBDA_ERRORS_HPP
#define LANECRYPT_PYTHON_LIBLAMBDA_ERRORS_HPP

#include <pybind11/pybind11.h>

#include "handler.hpp"

namespace lanecrypt::liblambda {

// Sets the Python error for one that has no class in the module yet: those of an import. Only Python's C API is used,
// for pybind11 is not set up then, and would turn whatever is raised inside its own set-up into an ImportError.
void set_import_error(const runtime::HandlerError& error);

class ErrorClasses {
 public:
  // Adds Error and the types that an invocation can end in to the module.
  explicit ErrorClasses(pybind11::module_& module);

  [[noreturn]] void raise(const runtime::HandlerError& error) const;

 private:
  pybind11::object base_;
  pybind11::dict classes_;  // by type; never changed after construction
};

}  // namespace lanecrypt::liblambda

#endif
