// What a random call is given beside its jobs: options at any address, with any size and value, and what must come of
// them by the words of lanecrypt.h.
#pragma once

#include <lanecrypt/lanecrypt.h>

#include <algorithm>
#include <cstring>

#include "call_arena.hpp"

namespace lanecrypt::fuzz {

// An address in a slot, aligned as it happens.
template <typename T>
T* struct_in(CallArena& arena, std::size_t slot, Choices& choices) {
  const std::size_t shift = choices.one_in(4) ? choices.below(16) : 0;
  unsigned char* const start = arena.slot(slot);
  const std::size_t to_aligned = 16 - reinterpret_cast<std::uintptr_t>(start) % 16;
  return reinterpret_cast<T*>(start + to_aligned + shift);
}

// One of the sizes that callers of older, newer and no header have. The bytes behind a struct are zero or not.
template <typename T>
std::size_t put_struct(const T& value, T* to, Choices& choices) {
  constexpr std::size_t own = sizeof(T);
  const std::size_t sizes[] = {own + 8, 4096, own - 1, own - 8, 4097, 0, SIZE_MAX};
  std::size_t size = choices.one_in(8) ? choices.of(sizes) : own;
  std::memset(static_cast<void*>(to), 0, std::min(size, std::size_t{4096}));
  std::memcpy(static_cast<void*>(to), &value, std::min(size, own));
  std::memcpy(static_cast<void*>(to), &size, sizeof size);
  if (size > own && size <= 4096 && choices.one_in(2)) reinterpret_cast<unsigned char*>(to)[size - 1] = 1;
  return size;
}

inline bool is_writable(std::size_t size, std::size_t own) { return size >= own && size <= 4096; }

// What one call was asked, and what must come of it.
struct Asked {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  const lanecrypt_options* given = nullptr;
  lanecrypt_status expected = LANECRYPT_OK;  // of the call
  bool fussy = false;
  bool is_stopped = false;  // before it begins, by a deadline or a flag
  bool may_stop = false;    // or on its way, by a callback
  std::int32_t cancel = 0;
  int progress_answer = 0;

  [[nodiscard]] unsigned max_cost() const { return options.max_cost == 0 ? 14 : options.max_cost; }
  [[nodiscard]] unsigned cost() const { return options.cost != 0 ? options.cost : std::min(12U, max_cost()); }
};

inline bool in_range(unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; }

// Numbers around every limit.
unsigned some_cost(Choices& choices);

// Puts options into the arena and says in asked what they are, or leaves NULL there.
void choose_options(CallArena& arena, Asked& asked, Choices& choices);

}  // namespace lanecrypt::fuzz
