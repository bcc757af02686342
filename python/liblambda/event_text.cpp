// A walk over the event that appends as it goes. Depth and size are bounded here, because Python's objects, unlike
// text, may contain themselves.
#include "event_text.hpp"

#include <pybind11/critical_section.h>

#include <memory>

#include "json.hpp"
#include "limits.hpp"
#include "request.hpp"

namespace lanecrypt::liblambda {
namespace {

namespace py = pybind11;

using runtime::InvalidRequest;

constexpr std::string_view no_json = "the event must be made of dict, list, str, int, float, bool and None";

// A surrogate gives three bytes that are no UTF-8: the parser refuses it like the bytes of a client.
void append_utf8(std::pmr::string& out, Py_UCS4 code) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xc0 | code >> 6), tail(0)};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xe0 | code >> 12), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xf0 | code >> 18), tail(12), tail(6), tail(0)};
  }
}

class EventWriter {
 public:
  explicit EventWriter(runtime::Arena& arena) : out_(arena.new_text()), utf8_(arena.new_text()) {}

  void append(PyObject* value, std::size_t depth);

  [[nodiscard]] std::string_view text() const { return out_; }

 private:
  void append_text(PyObject* text);
  void append_integer(PyObject* number);
  void append_float(PyObject* number);
  void append_object(PyObject* dict, std::size_t depth);
  void append_array(PyObject* sequence, std::size_t depth);

  std::pmr::string& out_;
  std::pmr::string& utf8_;  // of one str at a time
};

// Not by PyUnicode_AsUTF8, which would leave a second copy of the text inside the str.
void EventWriter::append_text(PyObject* text) {
  const Py_ssize_t length = PyUnicode_GET_LENGTH(text);
  if (static_cast<std::size_t>(length) > runtime::max_body_bytes) throw InvalidRequest{runtime::event_too_large};
  if (PyUnicode_IS_COMPACT_ASCII(text)) {
    const auto* letters = static_cast<const char*>(PyUnicode_DATA(text));
    return runtime::append_string(out_, {letters, static_cast<std::size_t>(length)});
  }
  const int kind = PyUnicode_KIND(text);
  const void* data = PyUnicode_DATA(text);
  utf8_.clear();
  for (Py_ssize_t at = 0; at < length; ++at) append_utf8(utf8_, PyUnicode_READ(kind, data, at));
  runtime::append_string(out_, utf8_);
}

void EventWriter::append_integer(PyObject* number) {
  int overflow = 0;
  const std::int64_t value = PyLong_AsLongLongAndOverflow(number, &overflow);
  if (overflow == 0) {
    if (value < 0) out_ += '-';
    const auto bits = static_cast<std::uint64_t>(value);
    return runtime::append_integer(out_, value < 0 ? 0 - bits : bits);
  }
  // int's own, and not a subclass's. It fails over 4300 digits, as Python's JSON parsers do.
  const auto digits = py::reinterpret_steal<py::object>(PyLong_Type.tp_repr(number));
  if (!digits) {
    PyErr_Clear();
    throw InvalidRequest{no_json};
  }
  out_ += std::string_view{static_cast<const char*>(PyUnicode_DATA(digits.ptr())),
                           static_cast<std::size_t>(PyUnicode_GET_LENGTH(digits.ptr()))};
}

// 12.0 keeps its point, so it is refused where an integer is asked for; inf and nan are words that are no JSON.
void EventWriter::append_float(PyObject* number) {
  const std::unique_ptr<char, decltype(&PyMem_Free)> text(
      PyOS_double_to_string(PyFloat_AS_DOUBLE(number), 'r', 0, Py_DTSF_ADD_DOT_0, nullptr), PyMem_Free);
  if (!text) throw py::error_already_set();
  out_ += text.get();
}

// Values are held while they are read: without a GIL another thread may drop them from the dict or list.
void EventWriter::append_object(PyObject* dict, std::size_t depth) {
  const py::scoped_critical_section lock(dict);
  out_ += '{';
  PyObject* name = nullptr;
  PyObject* value = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &name, &value) != 0;) {
    if (PyUnicode_Check(name) == 0) throw InvalidRequest{no_json};
    const auto held_name = py::reinterpret_borrow<py::object>(name);
    const auto held = py::reinterpret_borrow<py::object>(value);
    if (out_.back() != '{') out_ += ',';
    append_text(name);
    out_ += ':';
    append(value, depth);
  }
  out_ += '}';
}

void EventWriter::append_array(PyObject* sequence, std::size_t depth) {
  const py::scoped_critical_section lock(sequence);
  out_ += '[';
  for (Py_ssize_t at = 0; at < PySequence_Fast_GET_SIZE(sequence); ++at) {
    const auto held = py::reinterpret_borrow<py::object>(PySequence_Fast_GET_ITEM(sequence, at));
    if (at != 0) out_ += ',';
    append(held.ptr(), depth);
  }
  out_ += ']';
}

void EventWriter::append(PyObject* value, std::size_t depth) {
  if (out_.size() > runtime::max_body_bytes) throw InvalidRequest{runtime::event_too_large};
  if (value == Py_None) {
    out_ += "null";
  } else if (PyBool_Check(value)) {
    out_ += value == Py_True ? "true" : "false";
  } else if (PyUnicode_Check(value)) {
    append_text(value);
  } else if (PyLong_Check(value)) {
    append_integer(value);
  } else if (PyFloat_Check(value)) {
    append_float(value);
  } else if (!PyDict_Check(value) && !PyList_Check(value) && !PyTuple_Check(value)) {
    throw InvalidRequest{no_json};
  } else if (depth > runtime::max_json_depth) {
    out_ += "[]";  // one level too deep for the parser, whatever is inside
  } else if (PyDict_Check(value)) {
    append_object(value, depth + 1);
  } else {
    append_array(value, depth + 1);
  }
}

}  // namespace

std::string_view write_event(py::handle event, runtime::Arena& arena) {
  EventWriter writer(arena);
  writer.append(event.ptr(), 0);
  return writer.text();
}

}  // namespace lanecrypt::liblambda
