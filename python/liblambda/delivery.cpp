// Results hold hashes and no passwords, so they may become Python objects.
#include "delivery.hpp"

namespace lanecrypt::liblambda {
namespace {

namespace py = pybind11;

void mark(py::handle indexes, std::pmr::vector<std::uint8_t>& undelivered) {
  if (indexes.is_none()) return;
  for (const py::handle each : indexes) {
    const Py_ssize_t index = PyNumber_AsSsize_t(each.ptr(), PyExc_IndexError);
    if (index == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
    if (index < 0 || static_cast<std::size_t>(index) >= undelivered.size())
      throw py::index_error("deliver must return indexes of the results that it was given");
    undelivered[static_cast<std::size_t>(index)] = 1;
  }
}

}  // namespace

void Delivery::deliver(std::string_view results, std::pmr::vector<std::uint8_t>& undelivered) const {
  const py::gil_scoped_acquire gil;
  try {
    mark(function_(loads_(py::str(results.data(), results.size()))), undelivered);
  } catch (...) {
    raised_ = std::current_exception();
    throw runtime::HandlerError{"Function", "DeliveryFailed", "the function that delivers results raised an exception"};
  }
}

void Delivery::raise_again() const {
  if (raised_) std::rethrow_exception(raised_);
}

}  // namespace lanecrypt::liblambda
