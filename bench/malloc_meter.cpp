// malloc and its kin, counted, on top of the names by which glibc exports its own. See the header.
#include "malloc_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cerrno>

extern "C" {
// glibc's own, which it keeps for such replacements.
void* __libc_malloc(std::size_t size);                           // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* memory, std::size_t size);            // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void __libc_free(void* memory);                                  // NOLINT(bugprone-reserved-identifier)
}

namespace {

std::atomic<std::size_t> calls{0};
std::atomic<std::size_t> held{0};
std::atomic<std::size_t> peak{0};

void* taken(void* memory) noexcept {
  if (memory == nullptr) return nullptr;
  calls.fetch_add(1, std::memory_order_relaxed);
  const std::size_t size = malloc_usable_size(memory);
  const std::size_t now = held.fetch_add(size, std::memory_order_relaxed) + size;
  std::size_t before = peak.load(std::memory_order_relaxed);
  while (before < now && !peak.compare_exchange_weak(before, now, std::memory_order_relaxed)) {
  }
  return memory;
}

void given_back(void* memory) noexcept {
  if (memory != nullptr) held.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
}

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved names.
extern "C" {

void* malloc(std::size_t size) noexcept { return taken(__libc_malloc(size)); }

void* calloc(std::size_t count, std::size_t size) noexcept { return taken(__libc_calloc(count, size)); }

void* realloc(void* memory, std::size_t size) noexcept {
  const std::size_t before = memory == nullptr ? 0 : malloc_usable_size(memory);
  void* const moved = __libc_realloc(memory, size);
  // Where it failed the old memory is still held; a size of 0 is glibc's way to free.
  if (moved != nullptr || size == 0) held.fetch_sub(before, std::memory_order_relaxed);
  return taken(moved);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept { return taken(__libc_memalign(alignment, size)); }

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

void free(void* memory) noexcept {
  given_back(memory);
  __libc_free(memory);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

namespace lanecrypt::bench {

MallocCount malloc_count() noexcept {
  return {calls.load(std::memory_order_relaxed), held.load(std::memory_order_relaxed),
          peak.load(std::memory_order_relaxed)};
}

void malloc_peak_restart() noexcept { peak.store(held.load(std::memory_order_relaxed), std::memory_order_relaxed); }

std::size_t peak_of(const std::function<void()>& work) {
  malloc_peak_restart();
  const std::size_t before = malloc_count().held;
  work();
  return malloc_count().peak - before;
}

}  // namespace lanecrypt::bench
