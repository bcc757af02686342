// An allocator for C++ that fails when it is told to. See the header.
#include "child_memory.hpp"

#include <cstdlib>
#include <new>

using lanecrypt::test::allocations_until_failure;

namespace lanecrypt::test {
int allocations_until_failure = 0;
}

namespace {

void* allocate(std::size_t size, std::size_t alignment) noexcept {
  if (allocations_until_failure > 0) {
    --allocations_until_failure;
    if (allocations_until_failure == 0) return nullptr;
  }
  return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* const memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The library's too: that of the program comes first.
void* operator new(std::size_t size) { return allocate_or_throw(size, 16); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 16); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, std::size_t) noexcept { free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { free(memory); }
