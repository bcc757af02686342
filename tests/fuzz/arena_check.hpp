// Whether a wipe left anything: the whole of the chunk that an arena keeps is taken out again and read.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory_resource>

#include "arena.hpp"
#include "check.hpp"

namespace lanecrypt::fuzz {

inline constexpr std::size_t chunk_head_bytes = 64;

// Wipes the arena, which must hold nothing that is still used.
inline void check_wipe(runtime::Arena& arena) {
  arena.wipe();
  const std::size_t kept = arena.mapped_bytes();
  if (kept == 0) return;  // nothing was ever taken
  std::pmr::memory_resource& memory = arena;
  static constexpr std::array<char, std::size_t{64} << 10> zeros{};
  const std::size_t bytes = std::min(kept, zeros.size()) - chunk_head_bytes;
  const void* const chunk = memory.allocate(bytes, 1);
  check(arena.mapped_bytes() == kept, "one chunk is kept over a wipe");
  check(std::memcmp(chunk, zeros.data(), bytes) == 0, "a wipe leaves zeros");
  arena.wipe();
}

}  // namespace lanecrypt::fuzz
