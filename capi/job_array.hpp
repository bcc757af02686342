// The caller's jobs, whatever size its library's are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lanecrypt::capi {

// A caller's array of jobs. Its elements may be longer than we know them: job_size is a stride. Fields that are added
// to a job one day need a first size and copies in and out, as abi_struct.hpp has them for the other structs.
template <typename T>
class JobArray {
 public:
  JobArray(T* jobs, std::size_t count, std::size_t job_size) noexcept : jobs_(jobs), count_(count), size_(job_size) {}

  // False: NULL with jobs to do, elements too small for a job or misaligned, or more bytes than there are addresses.
  bool valid() const noexcept {
    if (count_ == 0) return true;
    const auto address = reinterpret_cast<std::uintptr_t>(jobs_);
    if (jobs_ == nullptr || address % alignof(T) != 0) return false;
    if (size_ < sizeof(T) || size_ % alignof(T) != 0 || count_ > PTRDIFF_MAX / size_) return false;
    return count_ * size_ <= UINTPTR_MAX - address;
  }

  std::size_t size() const noexcept { return count_; }
  T& operator[](std::size_t i) const noexcept {
    return *reinterpret_cast<T*>(reinterpret_cast<unsigned char*>(jobs_) + i * size_);
  }

 private:
  T* jobs_;
  std::size_t count_;
  std::size_t size_;
};

}  // namespace lanecrypt::capi
