// Delivery: a Python function as the destination of records' results.
#ifndef LANECRYPT_PYTHON_LIBLAMBDA_DELIVERY_HPP
#define LANECRYPT_PYTHON_LIBLAMBDA_DELIVERY_HPP

#include <pybind11/pybind11.h>

#include <exception>

#include "handler.hpp"

namespace lanecrypt::liblambda {

// Of one invocation. It is called without the GIL and takes it.
class Delivery final : public runtime::Destination {
 public:
  // function takes a list of dicts and returns the indexes of those that it could not deliver, or None. Both must live
  // as long as this.
  Delivery(pybind11::handle function, pybind11::handle loads) : function_(function), loads_(loads) {}

  void deliver(std::string_view results, std::pmr::vector<std::uint8_t>& undelivered) const override;

  // Raises again what the function raised, if it did: in place of the handler's own error. The GIL must be held.
  void raise_again() const;

 private:
  pybind11::handle function_;
  pybind11::handle loads_;  // json.loads
  mutable std::exception_ptr raised_;
};

}  // namespace lanecrypt::liblambda

#endif
