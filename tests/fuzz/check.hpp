// What a fuzz target says of its subject: a property that does not hold ends the process with its name, which libFuzzer
// takes for a crash and keeps the input of. No input is printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace lanecrypt::fuzz {

inline void check(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "the property does not hold: %s\n", property);
  std::abort();
}

// Whether inputs may ask for more than one thread. To hand a batch to others takes longer than all else in a cheap
// call, so long campaigns do without (LANECRYPT_FUZZ_ONE_THREAD in the environment).
inline bool may_use_threads() {
  static const bool may = std::getenv("LANECRYPT_FUZZ_ONE_THREAD") == nullptr;
  return may;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace lanecrypt::fuzz

// The entry of a target, by libFuzzer's name. 0: the input is worth keeping; -1: it is not.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
