// Counted allocations. See the header.
#include "failing_allocations.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace lanecrypt::test::allocations {
namespace {

constexpr std::size_t kinds = 6;

// Of one thread. Zero is "not armed", so that nothing has to be constructed before the first allocation.
struct Count {
  bool armed;
  std::size_t taken;
  std::size_t fails;  // which one; 0: none
  Kind failed;
  std::array<std::size_t, kinds> of_kind;
};

thread_local constinit Count count{};
constinit std::atomic<std::ptrdiff_t> blocks{0};
constinit std::atomic<bool> somebody_armed{false};
constinit std::atomic<std::size_t> others{0};

}  // namespace

// Whether this allocation is to fail.
bool fails(Kind kind) noexcept {
  if (!count.armed) {
    if ((kind == Kind::operator_new || kind == Kind::asked_new) && somebody_armed.load(std::memory_order_relaxed))
      ++others;
    return false;
  }
  ++count.of_kind[static_cast<std::size_t>(kind)];
  if (++count.taken != count.fails) return false;
  count.failed = kind;
  return true;
}

void arm(std::size_t n) noexcept {
  others = 0;
  count = {true, 0, n, Kind::none, {}};
  somebody_armed = true;
}

Kind disarm() noexcept {
  somebody_armed = false;
  count.armed = false;
  return count.failed;
}

const char* name(Kind kind) noexcept {
  constexpr std::array<const char*, kinds> names = {"none",   "operator new", "operator new(nothrow)",
                                                    "libc's", "a thread",     "a mapping"};
  return names[static_cast<std::size_t>(kind)];
}

std::size_t counted(Kind kind) noexcept { return count.of_kind[static_cast<std::size_t>(kind)]; }
std::ptrdiff_t live() noexcept { return blocks.load(); }
std::size_t elsewhere() noexcept { return others.load(); }

namespace {

// malloc's own alignment is enough for what is not over-aligned.
void* allocate(Kind kind, std::size_t size, std::size_t alignment) noexcept {
  if (fails(kind)) return nullptr;
  const bool armed = count.armed;
  count.armed = false;  // one allocation, not two
  void* block = nullptr;
  if (posix_memalign(&block, alignment, size == 0 ? 1 : size) != 0) block = nullptr;
  count.armed = armed;
  if (block != nullptr) ++blocks;
  return block;
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* const block = allocate(Kind::operator_new, size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void release(void* block) noexcept {
  if (block != nullptr) --blocks;
  std::free(block);  // NOLINT(*-no-malloc)
}

constexpr std::size_t usual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
constexpr std::size_t bytes(std::align_val_t alignment) { return static_cast<std::size_t>(alignment); }

}  // namespace
}  // namespace lanecrypt::test::allocations

using namespace lanecrypt::test::allocations;

// NOLINTBEGIN(misc-new-delete-overloads): new[] and delete[] of the library call these
void* operator new(std::size_t size) { return allocate_or_throw(size, usual); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate_or_throw(size, bytes(alignment)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(Kind::asked_new, size, usual); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(Kind::asked_new, size, bytes(alignment));
}
void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept { release(block); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, usual); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocate_or_throw(size, bytes(alignment)); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { release(block); }
// NOLINTEND(misc-new-delete-overloads)

extern "C" {

#if !LANECRYPT_SANITIZED
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;

// free, realloc and all others stay glibc's: these two give glibc's blocks.
void* malloc(std::size_t size) noexcept { return fails(Kind::libc) ? (errno = ENOMEM, nullptr) : __libc_malloc(size); }
void* calloc(std::size_t nmemb, std::size_t size) noexcept {
  return fails(Kind::libc) ? (errno = ENOMEM, nullptr) : __libc_calloc(nmemb, size);
}
#endif

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*main)(void*), void* argument);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*main)(void*), void* argument) {
  return fails(Kind::thread) ? EAGAIN : __real_pthread_create(thread, attributes, main, argument);
}

void* __real_mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset);
void* __wrap_mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) {
  if (fails(Kind::mapping)) return errno = ENOMEM, MAP_FAILED;
  return __real_mmap(address, length, protection, flags, file, offset);
}

}  // extern "C"
