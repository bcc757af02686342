// What is looked for: texts and words that must not be anywhere, each as pieces of eight bytes, so that a part is found
// too. Nothing is said of where it was hidden by design; it finds what lies in memory as code would have left it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lanecrypt::test {

class Needles {
 public:
  Needles() : maybe_(filter_bits / 64) {}

  // Every eight bytes in a row.
  void add_text(const std::string& name, std::string_view text);
  // Every two words in a row, as they lie in memory: in either order within a pair, in either order of bytes, and one
  // word twice, which is what equal lanes side by side look like.
  void add_words(const std::string& name, std::span<const std::uint32_t> words);
  // The same word of two lanes side by side.
  void add_lanes(const std::string& name, std::span<const std::uint32_t> one, std::span<const std::uint32_t> other);
  // Single words, in either order of bytes, to be looked for in registers only: memory has enough words by chance.
  void add_register_words(const std::string& name, std::span<const std::uint32_t> words);

  std::size_t size() const noexcept { return pieces_.size(); }
  bool empty() const noexcept { return pieces_.empty(); }

  // The name of what stands in these eight bytes, or nullptr.
  const std::string* at(std::uint64_t piece) const noexcept;
  const std::string* in_register(std::uint32_t word) const noexcept;

 private:
  static constexpr std::size_t filter_bits = std::size_t{1} << 20;
  static std::size_t place(std::uint64_t piece) noexcept { return piece * 0x9e3779b97f4a7c15 >> 44; }
  void add_piece(const std::string& name, std::uint64_t piece);

  std::vector<std::uint64_t> maybe_;  // a bit for what may be a piece: nearly all of a memory is not
  std::unordered_map<std::uint64_t, std::string> pieces_;
  std::unordered_map<std::uint32_t, std::string> register_words_;
};

inline const std::string* Needles::at(std::uint64_t piece) const noexcept {
  const std::size_t bit = place(piece);
  if ((maybe_[bit / 64] >> bit % 64 & 1) == 0) return nullptr;
  const auto found = pieces_.find(piece);
  return found == pieces_.end() ? nullptr : &found->second;
}

}  // namespace lanecrypt::test
