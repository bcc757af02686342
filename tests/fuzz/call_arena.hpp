// One piece of memory that a random call of the C ABI lives in: jobs, then structs, then texts up to its very end. It
// knows what the library may write, and finds everything else that changed. Behind it is AddressSanitizer's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "check.hpp"

namespace lanecrypt::fuzz {

// What an input decides, byte by byte; zeros behind its end.
class Choices {
 public:
  explicit Choices(std::string_view input) : input_(input) {}

  unsigned byte() {
    if (input_.empty()) return 0;
    const auto next = static_cast<unsigned char>(input_.front());
    input_.remove_prefix(1);
    return next;
  }
  unsigned below(unsigned count) { return byte() % count; }
  bool one_in(unsigned count) { return byte() % count == count - 1; }
  template <typename T, std::size_t size>
  T of(const T (&values)[size]) {
    return values[below(size)];
  }
  std::string_view rest() const { return input_; }

 private:
  std::string_view input_;
};

class CallArena {
 public:
  static constexpr std::size_t jobs_bytes = 8192;
  static constexpr std::size_t slot_bytes = 4096 + 64;  // what the library takes of a struct at most, at any address
  static constexpr std::size_t slots = 3;
  static constexpr std::size_t structs_bytes = slots * slot_bytes;
  static constexpr std::size_t texts_bytes = 2048;
  static constexpr std::size_t size = jobs_bytes + structs_bytes + texts_bytes;

  CallArena() : bytes_(new unsigned char[size]) {}

  // Known texts first, then what is left of the input, over and over.
  void fill(std::string_view known, std::string_view input) {
    std::memset(bytes_.get(), 0xa7, size);
    std::memcpy(texts(), known.data(), known.size());
    for (std::size_t at = known.size(); at < texts_bytes && !input.empty(); at += input.size())
      std::memcpy(texts() + at, input.data(), std::min(input.size(), texts_bytes - at));
  }

  unsigned char* jobs() { return bytes_.get(); }
  unsigned char* slot(std::size_t number) { return bytes_.get() + jobs_bytes + number * slot_bytes; }
  unsigned char* texts() { return bytes_.get() + jobs_bytes + structs_bytes; }
  unsigned char* end() { return bytes_.get() + size; }

  // Somewhere among the texts, or right before the end: length bytes can be read there.
  const char* text(Choices& choices, std::size_t length) {
    const std::size_t room = texts_bytes - length;
    const std::size_t at = choices.one_in(2) ? room : (choices.byte() * 8 + choices.below(8)) % (room + 1);
    return reinterpret_cast<const char*>(texts() + at);
  }

  void before_call() { std::memcpy(shadow_.data(), bytes_.get(), size); }
  // The library may have written these.
  void output(const void* at, std::size_t length) {
    const auto offset = static_cast<std::size_t>(static_cast<const unsigned char*>(at) - bytes_.get());
    std::memcpy(shadow_.data() + offset, at, length);
  }
  void check_rest() const {
    check(std::memcmp(shadow_.data(), bytes_.get(), size) == 0, "nothing but outputs is written");
  }

 private:
  std::unique_ptr<unsigned char[]> bytes_;
  std::array<unsigned char, size> shadow_{};
};

}  // namespace lanecrypt::fuzz
