// Wiping of secrets in a way that the compiler may not drop.
#pragma once

#include <cstddef>

namespace lanecrypt {

// Overwrites size bytes with zeros, even where nobody reads them again. Safe from any thread.
void secure_zero(void* data, std::size_t size) noexcept;

// Wipes what it was given when it goes out of scope, on every path.
class ZeroOnExit {
 public:
  ZeroOnExit(void* data, std::size_t size) noexcept : data_(data), size_(size) {}
  ZeroOnExit(const ZeroOnExit&) = delete;
  ZeroOnExit& operator=(const ZeroOnExit&) = delete;
  ~ZeroOnExit() { secure_zero(data_, size_); }

 private:
  void* data_;
  std::size_t size_;
};

}  // namespace lanecrypt
