// A whole argument of a batch call (passwords, hashes, settings): items from one sequence or array, or from the chunks
// of a stream, with one index over all. It does not change until forget(), so threads may share it.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "arrow_items.hpp"
#include "object_items.hpp"

namespace lanecrypt::python {

class Column {
 public:
  // From a list, a tuple or any other iterable, an Arrow array or a whole Arrow stream. Throws TypeError for what is
  // none of these or would be taken for something else (a single bytes or str), and what the iterable itself throws.
  Column(pybind11::handle object, const char* argument);
  explicit Column(std::unique_ptr<Items> items);
  Column(Column&&) noexcept = default;
  Column& operator=(Column&&) noexcept = default;

  std::size_t size() const noexcept { return size_; }
  Item at(std::size_t i) const noexcept;
  const Refusals& refusals() const noexcept { return refusals_; }
  std::vector<std::size_t> nulls() const;

  // Lets go of all items and wipes what was copied: tracebacks keep frames, and those the columns. Not during a batch.
  void forget() noexcept;

 private:
  void add(std::unique_ptr<Items> items);

  std::vector<std::unique_ptr<Items>> chunks_;
  std::vector<std::size_t> begins_;  // the index of each chunk's first item
  std::size_t size_ = 0;
  Refusals refusals_;
};

}  // namespace lanecrypt::python
