// The objects of a Python sequence as items. bytes cannot change and are read where they are; any other buffer of
// single bytes (bytearray, memoryview, ...) may change as soon as the GIL is released and is copied. Copies are wiped.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "items.hpp"

namespace lanecrypt::python {

// Memory for copies of passwords: grows by blocks, so that nothing moves, and is zero before it is given back.
class Copies {
 public:
  Copies() = default;
  ~Copies();
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;

  // Throws std::bad_alloc.
  const char* keep(const void* data, std::size_t size);

 private:
  struct Block {
    char* data;
    std::size_t used;
    std::size_t size;
  };
  std::vector<Block> blocks_;
};

// Which items are no bytes, and what is wrong with each.
using Refusals = std::vector<std::pair<std::size_t, std::string>>;

class ObjectItems final : public Items {
 public:
  // With the GIL. An item that is no bytes is refused and not an error: refusals gets its index and a reason.
  ObjectItems(pybind11::tuple objects, Refusals& refusals);

  Item at(std::size_t i) const noexcept override { return items_[i]; }

 private:
  Item read(pybind11::handle object, std::string& reason);

  pybind11::tuple objects_;  // keeps the bytes alive that items_ points into
  Copies copies_;
  std::vector<Item> items_;
};

}  // namespace lanecrypt::python
