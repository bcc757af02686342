// Numbers for tables.
#pragma once

#include <charconv>
#include <string>

namespace lanecrypt::bench {

// 3.95 for (3.9512, 2): fixed notation, never the locale's.
inline std::string decimal(double value, int places) {
  char text[64];
  const std::to_chars_result result = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, places);
  return result.ec == std::errc{} ? std::string(text, result.ptr) : "?";
}

}  // namespace lanecrypt::bench
