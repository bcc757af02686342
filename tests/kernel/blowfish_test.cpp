// The tables of Blowfish are the digits of pi, computed here by other means than the generator of the file used.
#include "blowfish.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lanecrypt {
namespace {

// A number below 16 as words behind the point: [0] is the whole part.
using Fixed = std::vector<std::uint32_t>;
constexpr std::size_t words = 1 + p_words + s_boxes * s_words + 4;

void divide(Fixed& number, std::uint32_t by) {
  std::uint64_t rest = 0;
  for (std::uint32_t& word : number) {
    const std::uint64_t value = rest << 32 | word;
    word = static_cast<std::uint32_t>(value / by);
    rest = value % by;
  }
}

void add(Fixed& to, const Fixed& number, bool subtract) {
  std::int64_t carry = 0;
  for (std::size_t i = words; i-- > 0;) {
    carry += std::int64_t{to[i]} + (subtract ? -std::int64_t{number[i]} : std::int64_t{number[i]});
    to[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
}

// sum += factor * arctan(1 / x), or -=
void add_arctan(Fixed& sum, std::uint32_t factor, std::uint32_t x, bool negative) {
  Fixed power(words, 0);
  power[0] = factor;
  divide(power, x);
  for (std::uint32_t n = 1; power != Fixed(words, 0); n += 2) {
    Fixed term = power;
    divide(term, n);
    add(sum, term, (n % 4 == 3) != negative);
    divide(power, x * x);
  }
}

TEST(BlowfishTables, AreTheDigitsOfPi) {
  // Gauss: pi = 48 arctan(1/18) + 32 arctan(1/57) - 20 arctan(1/239).
  Fixed pi(words, 0);
  add_arctan(pi, 48, 18, false);
  add_arctan(pi, 32, 57, false);
  add_arctan(pi, 20, 239, true);
  ASSERT_EQ(pi[0], 3U);
  std::size_t at = 1;
  for (unsigned i = 0; i < p_words; ++i) ASSERT_EQ(blowfish_pi.p[i], pi[at++]) << "P " << i;
  for (unsigned box = 0; box < s_boxes; ++box) {
    for (unsigned i = 0; i < s_words; ++i) ASSERT_EQ(blowfish_pi.s[box][i], pi[at++]) << "S" << box << " " << i;
  }
}

}  // namespace
}  // namespace lanecrypt
