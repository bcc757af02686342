// Structs that can grow: each begins with the size that its caller was compiled with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "lanecrypt/lanecrypt.h"

namespace lanecrypt::capi {

// No struct of this library will ever be longer: a larger size is a variable that nobody set.
inline constexpr std::size_t struct_size_max = 4096;

// What a caller's struct says of its size. Read as bytes, as all of these structs are: some languages' FFI keeps
// structs at odd addresses, where a member may not be accessed.
template <typename T>
std::size_t struct_size_of(const T* from) noexcept {
  std::size_t size = 0;
  std::memcpy(&size, from, sizeof size);
  return size;
}

// Copies a caller's struct, which may be shorter than ours (an older header: the rest keeps its zeros) or longer (a
// newer one: fine as long as what we do not know is zero). first_size is the size of the struct's first released
// version.
template <typename T>
lanecrypt_status read_struct(const T* from, std::size_t first_size, T& to) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t size = struct_size_of(from);
  if (size < first_size || size > struct_size_max) return LANECRYPT_INVALID_ARGUMENT;
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  for (std::size_t i = sizeof(T); i < size; ++i) {
    if (bytes[i] != 0) return LANECRYPT_UNSUPPORTED;
  }
  std::memcpy(&to, from, std::min(size, sizeof(T)));
  to.struct_size = sizeof(T);
  return LANECRYPT_OK;
}

// Whether a caller's output struct has a size that write_struct can serve.
template <typename T>
bool writable_struct(const T* to, std::size_t first_size) noexcept {
  if (to == nullptr) return false;
  const std::size_t size = struct_size_of(to);
  return size >= first_size && size <= struct_size_max;
}

// Fills a caller's struct as far as it goes; what a newer one has beyond ours becomes zero. Its struct_size stays.
template <typename T>
void write_struct(const T& from, T* to) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t size = struct_size_of(to);
  auto* const bytes = reinterpret_cast<unsigned char*>(to);
  std::memcpy(bytes, &from, std::min(size, sizeof(T)));
  if (size > sizeof(T)) std::memset(bytes + sizeof(T), 0, size - sizeof(T));
  std::memcpy(bytes, &size, sizeof size);
}

}  // namespace lanecrypt::capi
