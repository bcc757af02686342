// See the header.
#include "object_items.hpp"

#include <string.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace py = pybind11;

namespace lanecrypt::python {
namespace {

constexpr std::size_t block_bytes = 65536;

// A buffer that an object lends, given back at the end of the scope.
class Lent {
 public:
  explicit Lent(py::handle object) noexcept
      : held_(PyObject_GetBuffer(object.ptr(), &view_, PyBUF_ND | PyBUF_FORMAT) == 0) {}
  ~Lent() {
    if (held_) PyBuffer_Release(&view_);
  }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  bool held() const noexcept { return held_; }
  bool single_bytes() const noexcept {
    const char* const format = view_.format == nullptr ? "B" : view_.format + std::strspn(view_.format, "@=<>!");
    return std::strchr("Bbc", *format) != nullptr && view_.itemsize == 1 && view_.ndim == 1;
  }
  const Py_buffer& view() const noexcept { return view_; }

 private:
  Py_buffer view_{};
  bool held_;
};

std::string type_name(py::handle object) { return py::str(py::type::of(object).attr("__name__")); }

}  // namespace

Copies::~Copies() {
  for (const Block& block : blocks_) {
    explicit_bzero(block.data, block.size);
    ::operator delete(block.data);
  }
}

const char* Copies::keep(const void* data, std::size_t size) {
  if (blocks_.empty() || blocks_.back().size - blocks_.back().used < size) {
    blocks_.reserve(blocks_.size() + 1);
    const std::size_t bytes = std::max(size, block_bytes);
    blocks_.push_back({static_cast<char*>(::operator new(bytes)), 0, bytes});
  }
  Block& block = blocks_.back();
  char* copy = block.data + block.used;
  if (size > 0) std::memcpy(copy, data, size);
  block.used += size;
  return copy;
}

ObjectItems::ObjectItems(py::tuple objects, Refusals& refusals) : Items(objects.size()), objects_(std::move(objects)) {
  items_.reserve(size());
  std::string reason;
  for (std::size_t i = 0; i < size(); ++i) {
    items_.push_back(read(objects_[i], reason));
    if (items_.back().kind == ItemKind::refused) refusals.emplace_back(i, std::move(reason));
  }
}

Item ObjectItems::read(py::handle object, std::string& reason) {
  if (PyBytes_Check(object.ptr())) {
    return {PyBytes_AS_STRING(object.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(object.ptr())), ItemKind::value};
  }
  if (object.is_none()) return {nullptr, 0, ItemKind::null};
  if (!PyObject_CheckBuffer(object.ptr())) {
    reason = "must be bytes, not " + type_name(object);
    return {nullptr, 0, ItemKind::refused};
  }
  const Lent buffer(object);
  if (!buffer.held() || !buffer.single_bytes()) {
    if (!buffer.held()) PyErr_Clear();
    reason = type_name(object) + " must be contiguous and of single bytes";
    return {nullptr, 0, ItemKind::refused};
  }
  const auto bytes = static_cast<std::size_t>(buffer.view().len);
  return {copies_.keep(buffer.view().buf, bytes), bytes, ItemKind::value};
}

}  // namespace lanecrypt::python
