// See the header.
#include "column.hpp"

#include <algorithm>

namespace py = pybind11;

namespace lanecrypt::python {
namespace {

py::tuple snapshot(py::handle object, const char* argument) {
  const bool single = PyBytes_Check(object.ptr()) || PyUnicode_Check(object.ptr()) || PyByteArray_Check(object.ptr()) ||
                      PyMemoryView_Check(object.ptr());
  if (single || !py::hasattr(object, "__iter__")) {
    const std::string type = py::str(py::type::of(object).attr("__name__"));
    throw py::type_error(std::string(argument) + " must be an iterable of bytes or an Arrow array, not " + type);
  }
  py::tuple objects(py::reinterpret_borrow<py::object>(object));
  return objects;
}

}  // namespace

Column::Column(py::handle object, const char* argument) {
  if (is_arrow_array(object)) {
    add(arrow_array_items(object, argument));
  } else if (is_arrow_stream(object)) {
    ArrowStream stream(object, argument);
    while (auto items = stream.next()) add(std::move(items));
  } else {
    add(std::make_unique<ObjectItems>(snapshot(object, argument), refusals_));
  }
}

Column::Column(std::unique_ptr<Items> items) { add(std::move(items)); }

void Column::add(std::unique_ptr<Items> items) {
  begins_.push_back(size_);
  size_ += items->size();
  chunks_.push_back(std::move(items));
}

Item Column::at(std::size_t i) const noexcept {
  if (chunks_.size() == 1) return chunks_.front()->at(i);
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), i);
  const auto chunk = static_cast<std::size_t>(after - begins_.begin()) - 1;
  return chunks_[chunk]->at(i - begins_[chunk]);
}

std::vector<std::size_t> Column::nulls() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < size_; ++i) {
    if (at(i).kind == ItemKind::null) found.push_back(i);
  }
  return found;
}

void Column::forget() noexcept {
  chunks_.clear();
  begins_.clear();
  size_ = 0;
}

}  // namespace lanecrypt::python
