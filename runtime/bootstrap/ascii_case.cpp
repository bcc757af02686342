// strcasecmp and its like for what is linked into the bootstrap: libgomp and libc, which read settings with them, and
// the handler. A program that never calls setlocale stays in the C locale, where they know ASCII alone. libc has them
// once for each kind of processor, which is 46 KB: more than it costs that the bootstrap runs at any address. The build
// tries first whether the compiler's libc is one that this fits.
#include <locale.h>

#include <cstddef>
#include <cstdint>

namespace {

int lower(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

}  // namespace

extern "C" {

int strncasecmp(const char* left, const char* right, std::size_t length) noexcept {
  for (std::size_t at = 0; at < length; ++at) {
    const int difference = lower(left[at]) - lower(right[at]);
    if (difference != 0 || left[at] == '\0') return difference;
  }
  return 0;
}

int strcasecmp(const char* left, const char* right) noexcept { return strncasecmp(left, right, SIZE_MAX); }

int __strncasecmp(const char* left, const char* right, std::size_t length) noexcept {
  return strncasecmp(left, right, length);
}

int __strcasecmp(const char* left, const char* right) noexcept { return strcasecmp(left, right); }

int __strncasecmp_l(const char* left, const char* right, std::size_t length, locale_t /*locale*/) noexcept {
  return strncasecmp(left, right, length);
}

int __strcasecmp_l(const char* left, const char* right, locale_t /*locale*/) noexcept {
  return strcasecmp(left, right);
}

}  // extern "C"
