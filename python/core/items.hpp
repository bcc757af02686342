// What an argument of a batch call holds, item by item, as the C ABI wants it. An interface with two kinds of items
// behind it: objects of a Python sequence (object_items) and rows of an Arrow array (arrow_items).
#pragma once

#include <cstddef>

namespace lanecrypt::python {

enum class ItemKind : unsigned char {
  value,
  null,    // None, or an Arrow null
  refused  // not bytes; Items::refusals says why
};

struct Item {
  const char* data;
  std::size_t size;
  ItemKind kind;
};

class Items {
 public:
  virtual ~Items() = default;
  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;

  std::size_t size() const noexcept { return size_; }

  // Any thread, with or without the GIL. The bytes stay where they are as long as this lives.
  virtual Item at(std::size_t i) const noexcept = 0;

 protected:
  explicit Items(std::size_t size) noexcept : size_(size) {}

 private:
  std::size_t size_;
};

}  // namespace lanecrypt::python
