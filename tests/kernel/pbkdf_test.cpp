// Groups of bcrypt_pbkdf's inner hash: every width and lane, and the wiping of scratch.
#include "pbkdf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "engine.hpp"
#include "vectors.hpp"

namespace lanecrypt::test {
namespace {

constexpr std::size_t one_password = 32;  // the first rows, which may be in one group

const std::uint8_t* bytes(const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

class PbkdfGroup : public testing::Test {
 protected:
  // Blocks of rows in a ring from `first` on, or of a row beyond the ring alone.
  std::string hash(std::size_t first, unsigned lanes) {
    std::string salts;
    for (unsigned l = 0; l < lanes; ++l) salts += row(first, l).salt_digest;
    std::string blocks(lanes * pbkdf_block_bytes, '?');
    std::memset(scratch_.get(), 0xee, pbkdf_scratch_bytes);
    pbkdf_group(scratch_.get(), bytes(row(first, 0).password_digest), bytes(salts), lanes,
                reinterpret_cast<std::uint8_t*>(blocks.data()));
    return blocks;
  }

  static std::string expected(std::size_t first, unsigned lanes) {
    std::string blocks;
    for (unsigned l = 0; l < lanes; ++l) blocks += row(first, l).block;
    return blocks;
  }

  bool scratch_is_zero() const {
    const std::span all(static_cast<const unsigned char*>(scratch_.get()), pbkdf_scratch_bytes);
    return std::all_of(all.begin(), all.end(), [](unsigned char byte) { return byte == 0; });
  }

 private:
  struct Delete {
    void operator()(void* memory) const { operator delete(memory, std::align_val_t{scratch_alignment}); }
  };
  static const PbkdfBlock& row(std::size_t first, unsigned lane) {
    return pbkdf_blocks()[first < one_password ? (first + lane) % one_password : first];
  }

  std::unique_ptr<void, Delete> scratch_{operator new(pbkdf_scratch_bytes, std::align_val_t{scratch_alignment})};
};

TEST_F(PbkdfGroup, KnownAnswersInEveryWidthAndLane) {
  for (unsigned lanes = 1; lanes <= pbkdf_lanes; ++lanes) {
    for (std::size_t first = 0; first < lanes; ++first) {
      EXPECT_EQ(hash(first, lanes), expected(first, lanes)) << lanes << " lanes from row " << first;
    }
  }
}

TEST_F(PbkdfGroup, KnownAnswersOfOtherPasswords) {
  for (std::size_t row = 0; row < pbkdf_blocks().size(); ++row) {
    EXPECT_EQ(hash(row, 1), expected(row, 1)) << pbkdf_blocks()[row].id;
  }
}

TEST_F(PbkdfGroup, WipesAllOfScratchInEveryWidth) {
  for (unsigned lanes = 1; lanes <= pbkdf_lanes; ++lanes) {
    hash(0, lanes);
    EXPECT_TRUE(scratch_is_zero()) << lanes << " lanes";
  }
}

}  // namespace
}  // namespace lanecrypt::test
