// liblanecrypt.so as a plug-in has it: by dlopen, with names that nobody else sees. Programs that use this must not
// link the library.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <optional>

#include "known_batch.hpp"

namespace lanecrypt::test {

class LoadedLibrary {
 public:
  LoadedLibrary() : handle_(dlopen(LANECRYPT_SHARED_LIBRARY, RTLD_NOW | RTLD_LOCAL)) {
    EXPECT_NE(handle_, nullptr) << dlerror();
    if (handle_ == nullptr) return;
    hash_batch_ = reinterpret_cast<HashBatch>(dlsym(handle_, "lanecrypt_hash_batch"));
    batch_.emplace(hash_batch_, 24);
  }
  LoadedLibrary(const LoadedLibrary&) = delete;
  LoadedLibrary& operator=(const LoadedLibrary&) = delete;
  ~LoadedLibrary() {
    if (handle_ != nullptr) dlclose(handle_);
  }

  HashBatch hash_batch() const { return hash_batch_; }

  // A batch on so many threads has the answers that are known.
  bool batch_is_right(unsigned threads) const {
    return batch_ && batch_->known_answer_is_right() && batch_->hash(on_threads(threads)) == batch_->count();
  }

 private:
  void* handle_;
  HashBatch hash_batch_ = nullptr;
  std::optional<KnownBatch> batch_;
};

}  // namespace lanecrypt::test
