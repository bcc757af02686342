// See the header.
#include "arrow_items.hpp"

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include "without_gil.hpp"

namespace py = pybind11;

namespace lanecrypt::python {
namespace {

// A row of a view array: rows of up to 12 bytes stand in it, longer ones in one of the data buffers.
struct View {
  std::int32_t size;
  char prefix[4];
  std::int32_t buffer;
  std::int32_t offset;
};
static_assert(sizeof(View) == 16);
constexpr std::int32_t inline_bytes = 12;

// A capsule's struct, once it is known to be what the protocol says.
template <typename T>
T& content(const py::capsule& capsule, const char* name) {
  void* const pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) throw py::error_already_set();
  return *static_cast<T*>(pointer);
}

struct SchemaOwner {
  ArrowSchema schema{};
  ~SchemaOwner() {
    if (schema.release != nullptr) schema.release(&schema);
  }
};

[[noreturn]] void refuse(const char* argument, const char* reason) {
  throw py::value_error(std::string(argument) + ": " + reason);
}

std::size_t checked_length(const ArrowType& type, const ArrowArray& array, const char* argument) {
  if (array.release == nullptr) refuse(argument, "the Arrow array was taken already");
  const std::int64_t buffers = type.layout == ArrowLayout::fixed || type.layout == ArrowLayout::views ? 2 : 3;
  if (array.length < 0 || array.offset < 0 || array.n_buffers < buffers)
    refuse(argument, "the Arrow array is malformed");
  return static_cast<std::size_t>(array.length);
}

// Of a format w:N. Arrow's own limit of N is that of its integers of 32 bits.
std::optional<std::size_t> fixed_width(std::string_view format) {
  if (!format.starts_with("w:")) return std::nullopt;
  const char* const end = format.data() + format.size();
  std::int32_t width = 0;
  const auto [read, error] = std::from_chars(format.data() + 2, end, width);
  if (error != std::errc{} || read != end || width < 0) return std::nullopt;
  return static_cast<std::size_t>(width);
}

}  // namespace

ArrowType arrow_type(const ArrowSchema& schema, const char* argument) {
  if (schema.release == nullptr || schema.format == nullptr) refuse(argument, "the Arrow schema was taken already");
  const std::string_view format = schema.format;
  if (schema.dictionary == nullptr) {
    if (format == "u" || format == "z") return {ArrowLayout::offsets32, 0};
    if (format == "U" || format == "Z") return {ArrowLayout::offsets64, 0};
    if (format == "vu" || format == "vz") return {ArrowLayout::views, 0};
    if (const auto width = fixed_width(format)) return {ArrowLayout::fixed, *width};
  }
  const char* const what = schema.dictionary != nullptr ? "a dictionary-encoded array: decode it first"
                           : format == "+s"             ? "a table or a struct: hand over one column"
                                                        : "another type";
  throw py::type_error(std::string(argument) + ": an Arrow array must have strings or binary, and this is " + what);
}

ArrowItems::ArrowItems(const ArrowType& type, ArrowArray& array, const char* argument)
    : Items(checked_length(type, array, argument)), type_(type), array_(array) {
  array.release = nullptr;  // moved, as the interface calls it
}

ArrowItems::~ArrowItems() {
  if (array_.release != nullptr) array_.release(&array_);
}

Item ArrowItems::at(std::size_t i) const noexcept {
  const std::size_t row = i + static_cast<std::size_t>(array_.offset);
  const auto* const valid = static_cast<const unsigned char*>(array_.buffers[0]);
  if (array_.null_count != 0 && valid != nullptr && (valid[row / 8] >> (row % 8) & 1) == 0) {
    return {nullptr, 0, ItemKind::null};
  }
  switch (type_.layout) {
    case ArrowLayout::offsets32:
      return with_offsets(row, false);
    case ArrowLayout::offsets64:
      return with_offsets(row, true);
    case ArrowLayout::views:
      return viewed(row);
    case ArrowLayout::fixed:
      break;
  }
  return {static_cast<const char*>(array_.buffers[1]) + row * type_.width, type_.width, ItemKind::value};
}

Item ArrowItems::with_offsets(std::size_t row, bool wide) const noexcept {
  const auto edge = [&](std::size_t at) -> std::size_t {
    if (wide) return static_cast<std::size_t>(static_cast<const std::int64_t*>(array_.buffers[1])[at]);
    return static_cast<std::size_t>(static_cast<const std::int32_t*>(array_.buffers[1])[at]);
  };
  const std::size_t begin = edge(row);
  const std::size_t size = edge(row + 1) - begin;
  // An array of empty rows may have no data buffer at all.
  const char* const data = size == 0 ? "" : static_cast<const char*>(array_.buffers[2]) + begin;
  return {data, size, ItemKind::value};
}

Item ArrowItems::viewed(std::size_t row) const noexcept {
  const char* const at = static_cast<const char*>(array_.buffers[1]) + row * sizeof(View);
  View view;
  std::memcpy(&view, at, sizeof view);
  const auto size = static_cast<std::size_t>(view.size);
  if (view.size <= inline_bytes) return {at + offsetof(View, prefix), size, ItemKind::value};
  return {static_cast<const char*>(array_.buffers[2 + view.buffer]) + view.offset, size, ItemKind::value};
}

bool is_arrow_array(py::handle object) { return py::hasattr(object, "__arrow_c_array__"); }
bool is_arrow_stream(py::handle object) { return py::hasattr(object, "__arrow_c_stream__"); }

std::unique_ptr<Items> arrow_array_items(py::handle object, const char* argument) {
  const py::tuple pair = object.attr("__arrow_c_array__")();
  const py::capsule schema = pair[0];
  const py::capsule array = pair[1];
  const ArrowType type = arrow_type(content<ArrowSchema>(schema, "arrow_schema"), argument);
  return std::make_unique<ArrowItems>(type, content<ArrowArray>(array, "arrow_array"), argument);
}

ArrowStream::ArrowStream(py::handle object, const char* argument)
    : capsule_(py::capsule(object.attr("__arrow_c_stream__")())),
      stream_(&content<ArrowArrayStream>(capsule_, "arrow_array_stream")),
      argument_(argument) {
  if (stream_->release == nullptr) refuse(argument, "the Arrow stream was taken already");
}

std::unique_ptr<Items> ArrowStream::next() {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();  // a stream may have many slow chunks
  int error = 0;
  if (!type_) {
    SchemaOwner owner;
    {
      const WithoutGil released;
      error = stream_->get_schema(stream_, &owner.schema);
    }
    if (error != 0) fail(error);
    type_ = arrow_type(owner.schema, argument_.c_str());
  }
  ArrowArray array{};
  {
    // The producer may read a file, or take the GIL in another thread of its own.
    const WithoutGil released;
    error = stream_->get_next(stream_, &array);
  }
  if (error != 0) fail(error);
  if (array.release == nullptr) return nullptr;
  return std::make_unique<ArrowItems>(*type_, array, argument_.c_str());
}

void ArrowStream::fail(int error) {
  const char* const words = stream_->get_last_error(stream_);
  throw std::runtime_error(argument_ +
                           ": the Arrow stream failed: " + (words != nullptr ? words : std::strerror(error)));
}

}  // namespace lanecrypt::python
