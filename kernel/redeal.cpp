// See the header. Depth first through the classes, dearest first; of a class, the split first that allows the earliest
// end: no thread ends before what it has, nor both before half of what the two have and are still to get.
#include "redeal.hpp"

#include <algorithm>

namespace lanecrypt {
namespace {

constexpr std::size_t effort_per_search = 200;
constexpr double near_half = 1.003;  // two threads that differ by less are not searched further

}  // namespace

bool Redeal::operator()(Deal& deal, std::size_t one, std::size_t other, double limit, double enough) noexcept {
  pool(deal, one, other);
  if (rest_[0] / 2 >= limit) return false;
  end_ = limit;
  enough_ = std::max(enough, rest_[0] / 2 * near_half);
  effort_end_ = effort_ + effort_per_search;
  explore(0, {0, 0});
  if (end_ >= limit) return false;
  for (std::size_t c = 0; c < work_.classes.size(); ++c) {
    deal.set(one, c, best_[c]);
    deal.set(other, c, pool_[c] - best_[c]);
  }
  return true;
}

void Redeal::pool(const Deal& deal, std::size_t one, std::size_t other) noexcept {
  std::size_t c = work_.classes.size();
  effort_ += c;
  rest_[c] = 0;
  while (c-- > 0) {
    now_[c] = deal.jobs(one, c);
    pool_[c] = now_[c] + deal.jobs(other, c);
    rest_[c] = rest_[c + 1] + work_.time(c, pool_[c]);
  }
}

void Redeal::explore(std::size_t c, const double (&load)[2]) noexcept {
  if (c == work_.classes.size()) {
    end_ = std::max(load[0], load[1]);
    best_ = taken_;
    return;
  }
  Splits splits;
  const std::size_t count = split(c, load, splits);
  for (std::size_t i = 0; i < count; ++i) {
    if (splits[i].bound >= end_ || end_ <= enough_ || effort_ >= effort_end_) return;
    taken_[c] = splits[i].jobs;
    explore(c + 1, splits[i].load);
  }
}

// The splits that can be better than the best found, the most promising first.
std::size_t Redeal::split(std::size_t c, const double (&load)[2], Splits& splits) noexcept {
  const std::size_t most = std::min(pool_[c], splits_max - 1);
  const std::size_t from = std::min(now_[c] - std::min(now_[c], most / 2), pool_[c] - most);
  std::size_t count = 0;
  for (std::size_t jobs = from; jobs <= from + most; ++jobs) {
    const double one = load[0] + work_.time(c, jobs);
    const double other = load[1] + work_.time(c, pool_[c] - jobs);
    const double bound = std::max({one, other, (one + other + rest_[c + 1]) / 2});
    if (bound < end_) splits[count++] = {bound, jobs, {one, other}};
  }
  effort_ += most + 1;
  std::sort(splits.begin(), splits.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Split& a, const Split& b) { return a.bound < b.bound; });
  return count;
}

}  // namespace lanecrypt
