// Samples as the kernel takes them, for what is measured below the C ABI.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <optional>

#include "engine.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {

// The sample as a job that writes to hash. Refers to both.
inline Job make_job(const Sample& sample, HashText& hash) {
  const std::optional<Setting> setting = Setting::parse(sample.setting);
  if (!setting) throw Fault("a sample's setting is none");
  return {reinterpret_cast<const std::uint8_t*>(sample.password.data()), sample.password.size(), *setting, hash.data()};
}

// Scratch of one thread, on a page of its own, as a batch has it.
class Scratch {
 public:
  explicit Scratch(const Engine& engine) : memory_(new(page) std::byte[engine.scratch_bytes]) {}
  void* data() const noexcept { return memory_.get(); }

 private:
  static constexpr std::align_val_t page{4096};
  struct Delete {
    void operator()(std::byte* memory) const noexcept { operator delete[](memory, page); }
  };
  std::unique_ptr<std::byte[], Delete> memory_;
};

}  // namespace lanecrypt::bench
