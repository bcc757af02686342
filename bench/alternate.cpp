// Timing in turns. See the header.
#include "alternate.hpp"

#include <algorithm>
#include <chrono>

namespace lanecrypt::bench {
namespace {

double timed(const Contestant& contestant) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  contestant.run();
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  contestant.check();
  return elapsed.count();
}

Times summarise(std::vector<double>& seconds) {
  std::sort(seconds.begin(), seconds.end());
  const std::size_t half = seconds.size() / 2;
  const bool odd = seconds.size() % 2 != 0;
  return {seconds.front(), odd ? seconds[half] : (seconds[half - 1] + seconds[half]) / 2};
}

}  // namespace

std::vector<Times> alternate(std::span<const Contestant> contestants, unsigned rounds) {
  const std::size_t count = contestants.size();
  std::vector<std::vector<double>> seconds(count);
  for (const Contestant& contestant : contestants) timed(contestant);
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t i = round % 2 == 0 ? turn : count - 1 - turn;
      seconds[i].push_back(timed(contestants[i]));
    }
  }
  std::vector<Times> times;
  times.reserve(count);
  for (std::vector<double>& of_one : seconds) times.push_back(summarise(of_one));
  return times;
}

}  // namespace lanecrypt::bench
