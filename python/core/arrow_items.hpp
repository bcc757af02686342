// Arrow arrays as items, through the Arrow C data interface and its PyCapsule protocol (arrow.apache.org, "The Arrow C
// data interface", "The Arrow PyCapsule Interface"): rows are read where the producer has them. Strings are UTF-8.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "items.hpp"

// The interface's three structs, laid out as it says. They are C and have no namespace.
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema*);
  int (*get_next)(ArrowArrayStream*, ArrowArray*);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};
}

namespace lanecrypt::python {

// How a type lays out its rows.
enum class ArrowLayout {
  offsets32,  // binary, string
  offsets64,  // large binary, large string
  views,      // binary view, string view
  fixed       // fixed-size binary
};

struct ArrowType {
  ArrowLayout layout;
  std::size_t width;  // of a fixed row
};

// Throws TypeError, naming the argument, for what is neither strings nor binary.
ArrowType arrow_type(const ArrowSchema& schema, const char* argument);

class ArrowItems final : public Items {
 public:
  // Takes the array over: it is released with this. Throws ValueError, naming the argument, for what is no array of
  // that type: taken over by somebody before, or without the buffers.
  ArrowItems(const ArrowType& type, ArrowArray& array, const char* argument);
  ~ArrowItems() override;

  Item at(std::size_t i) const noexcept override;

 private:
  Item with_offsets(std::size_t row, bool wide) const noexcept;
  Item viewed(std::size_t row) const noexcept;

  ArrowType type_;
  ArrowArray array_;
};

// Does the object speak the protocol as a whole array, or as a stream of them?
bool is_arrow_array(pybind11::handle object);
bool is_arrow_stream(pybind11::handle object);

std::unique_ptr<Items> arrow_array_items(pybind11::handle object, const char* argument);

// Chunks of a stream, one at a time: Polars and Arrow hand out columns that are larger than memory so. Not for two
// threads at once.
class ArrowStream {
 public:
  ArrowStream(pybind11::handle object, const char* argument);

  // The next chunk, or nothing at the end. Throws RuntimeError with the producer's words.
  std::unique_ptr<Items> next();

 private:
  [[noreturn]] void fail(int error);

  pybind11::capsule capsule_;  // owns the stream
  ArrowArrayStream* stream_;
  std::string argument_;
  std::optional<ArrowType> type_;
};

}  // namespace lanecrypt::python
