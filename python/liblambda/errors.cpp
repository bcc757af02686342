// Classes are made by name and not by template: their names are the handler's strings.
#include "errors.hpp"

#include <string>

namespace lanecrypt::liblambda {
namespace {

namespace py = pybind11;

// A new reference, or null with a Python error.
PyObject* new_class(std::string_view type, PyObject* base) {
  return PyErr_NewException(("liblambda." + std::string(type)).c_str(), base, nullptr);
}

void set_error(PyObject* type, std::string_view message) {
  PyObject* text = PyUnicode_FromStringAndSize(message.data(), static_cast<Py_ssize_t>(message.size()));
  if (text == nullptr) return;
  PyErr_SetObject(type, text);
  Py_DECREF(text);
}

py::object checked(PyObject* made) {
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

}  // namespace

void set_import_error(const runtime::HandlerError& error) {
  PyObject* type = new_class(error.type, PyExc_RuntimeError);
  if (type == nullptr) return;
  set_error(type, error.message);
  Py_DECREF(type);
}

ErrorClasses::ErrorClasses(py::module_& module) : base_(checked(new_class("Error", PyExc_Exception))) {
  module.attr("Error") = base_;
  for (const char* type : {"InvalidRequest", "NoDestination", "Unfinished", "OutOfMemory", "BatchFailed", "Internal"}) {
    classes_[type] = checked(new_class(type, base_.ptr()));
    module.attr(type) = classes_[type];
  }
}

// A type without a class in the module still gets its name.
void ErrorClasses::raise(const runtime::HandlerError& error) const {
  const py::str type(error.type.data(), error.type.size());
  const py::object found =
      classes_.contains(type) ? py::object(classes_[type]) : checked(new_class(error.type, base_.ptr()));
  set_error(found.ptr(), error.message);
  throw py::error_already_set();
}

}  // namespace lanecrypt::liblambda
