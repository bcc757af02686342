// Memory between two pages that cannot be touched. What lies flush against one of them cannot be read or written a
// byte too far on that side without the process ending there. Not for speed: each buffer is a mapping.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

namespace lanecrypt::test {

// Which side of the buffer the page is on.
enum class Guard { before, behind };
inline constexpr Guard guards[] = {Guard::before, Guard::behind};

class Guarded {
 public:
  Guarded(std::size_t size, Guard guard) : size_(size), page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    inside_ = (size + page_ - 1) / page_ * page_;
    void* const all = mmap(nullptr, inside_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    pages_ = static_cast<unsigned char*>(all);
    if (inside_ > 0 && mprotect(pages_ + page_, inside_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    std::memset(pages_ + page_, filler, inside_);
    data_ = pages_ + page_ + (guard == Guard::behind ? inside_ - size : 0);
  }
  // A text that can be read and not written.
  Guarded(std::string_view text, Guard guard) : Guarded(text.size(), guard) {
    if (size_ > 0) std::memcpy(data_, text.data(), size_);
    freeze();
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  Guarded(Guarded&& other) noexcept
      : size_(other.size_), page_(other.page_), inside_(other.inside_), pages_(other.pages_), data_(other.data_) {
    other.pages_ = nullptr;
  }
  Guarded& operator=(Guarded&&) = delete;
  ~Guarded() {
    if (pages_ != nullptr) munmap(pages_, inside_ + 2 * page_);
  }

  // From here on writing ends the process too.
  void freeze() const {
    if (inside_ > 0 && mprotect(pages_ + page_, inside_, PROT_READ) != 0) throw std::bad_alloc();
  }

  std::size_t size() const { return size_; }
  unsigned char* bytes() const { return data_; }
  char* text() const { return reinterpret_cast<char*>(data_); }
  std::string_view view() const { return {text(), size_}; }

  // On the side that has no guard right behind: what is there must be as it was.
  bool untouched_around() const {
    const auto same = [](unsigned char byte) { return byte == filler; };
    return std::all_of(pages_ + page_, data_, same) && std::all_of(data_ + size_, pages_ + page_ + inside_, same);
  }

 private:
  static constexpr unsigned char filler = 0xa7;
  std::size_t size_;
  std::size_t page_;
  std::size_t inside_ = 0;
  unsigned char* pages_ = nullptr;
  unsigned char* data_ = nullptr;
};

// A struct or an array of them, flush. Its size is a multiple of its alignment, so either side can be.
template <typename T>
class GuardedArray {
 public:
  GuardedArray(std::size_t count, Guard guard) : memory_(count * sizeof(T), guard) {}
  static GuardedArray holding(const T& value, Guard guard) {
    GuardedArray array(1, guard);
    array[0] = value;
    return array;
  }

  void freeze() const { memory_.freeze(); }
  T* data() const { return reinterpret_cast<T*>(memory_.bytes()); }
  T& operator[](std::size_t i) const { return data()[i]; }
  T* operator->() const { return data(); }
  bool untouched_around() const { return memory_.untouched_around(); }

 private:
  Guarded memory_;
};

}  // namespace lanecrypt::test
