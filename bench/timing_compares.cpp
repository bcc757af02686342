// The t-test of O. Reparaz, J. Balasch and I. Verbauwhede, "Dude, is my code constant time?" (DATE 2017), over the
// comparison of hashes. Two classes of texts come in random order; the time of each comparison is noted; Welch's t is
// taken over all times, over those below each of 100 percentiles (what interrupts prolong hides what is small), and
// over the squares of their distances from the mean. The largest of these says whether the class shows in the time.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "constant_time.hpp"
#include "radix64.hpp"
#include "setting.hpp"
#include "timing.hpp"

namespace lanecrypt::bench {
namespace {

using Compare = bool (*)(const void*, const void*, std::size_t) noexcept;

// Planted: what everybody writes first.
bool early_exit(const void* a, const void* b, std::size_t size) noexcept {
  const auto* left = static_cast<const volatile char*>(a);
  const auto* right = static_cast<const volatile char*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return false;
  }
  return true;
}

#if defined(__x86_64__)
constexpr unsigned comparisons_timed = 1;  // at once: a tick is a cycle or two

std::uint64_t ticks() noexcept {
  _mm_lfence();
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
}
#else
constexpr unsigned comparisons_timed = 16;  // ticks are coarse

std::uint64_t ticks() noexcept {
#if defined(__aarch64__)
  std::uint64_t now = 0;
  __asm__ __volatile__("isb\n\tmrs %0, cntvct_el0" : "=r"(now)::"memory");
  return now;
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}
#endif

// A text that is compared with the stored one. All are made beforehand and lie in the order of the measurements, so
// that nothing but their characters tells the classes apart.
struct alignas(64) Text {
  std::array<char, hash_length> characters;
};

struct Sample {
  double ticks;
  bool second;  // which class
};

class Classes {
 public:
  virtual ~Classes() = default;
  virtual void fill(Text& text, bool second, const Text& stored, std::mt19937_64& random) const = 0;
};

void fill_randomly(Text& text, std::mt19937_64& random) {
  for (char& c : text.characters) c = radix64_alphabet[random() % 64];
}

// Fixed against random: the stored hash itself, and any other.
class EqualOrRandom : public Classes {
  void fill(Text& text, bool second, const Text& stored, std::mt19937_64& random) const override {
    fill_randomly(text, random);
    if (!second) text = stored;
  }
};

// Where the first difference is: in the last character, or in the first.
class LastOrFirst : public Classes {
  void fill(Text& text, bool second, const Text& stored, std::mt19937_64&) const override {
    text = stored;
    char& other = second ? text.characters.front() : text.characters.back();
    other = other == '.' ? '/' : '.';
  }
};

std::vector<Sample> sample(Compare compare, const Classes& classes, std::size_t count) {
  constexpr std::size_t chunk = 4096;
  std::mt19937_64 random(std::random_device{}());
  Text stored;
  fill_randomly(stored, random);
  const auto texts = std::make_unique<std::array<Text, chunk>>();
  std::array<bool, chunk> second{};
  std::array<std::uint64_t, chunk> taken{};
  std::vector<Sample> samples;
  samples.reserve(count);
  volatile bool verdict = false;
  while (samples.size() < count) {
    for (std::size_t i = 0; i < chunk; ++i) {
      second[i] = random() % 2 != 0;
      classes.fill((*texts)[i], second[i], stored, random);
    }
    for (std::size_t i = 0; i < chunk; ++i) {
      const std::uint64_t start = ticks();
      for (unsigned c = 0; c < comparisons_timed; ++c) verdict = compare(&stored, &(*texts)[i], hash_length);
      taken[i] = ticks() - start;
    }
    // The first ones of a chunk find cold caches, whatever their class.
    for (std::size_t i = 16; i < chunk && samples.size() < count; ++i) {
      samples.push_back({static_cast<double>(taken[i]), second[i]});
    }
  }
  (void)verdict;
  return samples;
}

// Welch's t between the classes, of f(sample) for those samples that keep says.
template <typename Keep, typename Value>
double welch_t(const std::vector<Sample>& samples, Keep keep, Value value) {
  std::array<double, 2> n{};
  std::array<double, 2> mean{};
  std::array<double, 2> squares{};  // of distances from the mean, by Welford's recurrence
  for (const Sample& s : samples) {
    if (!keep(s)) continue;
    const double x = value(s);
    const double distance = x - mean[s.second];
    mean[s.second] += distance / ++n[s.second];
    squares[s.second] += distance * (x - mean[s.second]);
  }
  if (std::min(n[0], n[1]) < 5000) return 0;  // too few to say anything
  const double error = std::sqrt(squares[0] / (n[0] - 1) / n[0] + squares[1] / (n[1] - 1) / n[1]);
  if (error == 0) return mean[0] == mean[1] ? 0 : HUGE_VAL;
  return std::abs(mean[0] - mean[1]) / error;
}

double largest_t(const std::vector<Sample>& samples, const std::vector<double>& sorted) {
  const auto all = [](const Sample&) { return true; };
  const auto time = [](const Sample& s) { return s.ticks; };
  double mean = 0;
  for (const Sample& s : samples) mean += s.ticks / static_cast<double>(samples.size());
  double t = welch_t(samples, all, time);
  t = std::max(t, welch_t(samples, all, [mean](const Sample& s) { return (s.ticks - mean) * (s.ticks - mean); }));
  for (int i = 0; i < 100; ++i) {
    // As in the authors' program: percentiles that grow ever closer towards the slow end.
    const double part = 1 - std::pow(0.5, 10.0 * (i + 1) / 100);
    const double limit = sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
    t = std::max(t, welch_t(
                        samples, [limit](const Sample& s) { return s.ticks < limit; }, time));
  }
  return t;
}

double nanoseconds_per_tick() {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const std::uint64_t first = ticks();
  while (Clock::now() - start < std::chrono::milliseconds(20)) continue;
  const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
  return taken.count() / static_cast<double>(ticks() - first);
}

Leak measure(const char* text, Compare compare, const Classes& classes, std::size_t count) {
  const std::vector<Sample> samples = sample(compare, classes, count);
  std::vector<double> sorted;
  sorted.reserve(samples.size());
  for (const Sample& s : samples) sorted.push_back(s.ticks);
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[sorted.size() / 2] * nanoseconds_per_tick() / comparisons_timed;
  return {text, samples.size(), median, largest_t(samples, sorted), compare == early_exit};
}

}  // namespace

bool Leak::met() const { return planted ? t >= bars::planted_t_min : t < bars::t_max; }

std::vector<Leak> measure_compares(const TimingWishes& wishes) {
  const std::size_t n = wishes.compares;
  return {
      measure("the hash itself, or a random one", constant_time_equal, EqualOrRandom(), n),
      measure("different in the last character, or in the first", constant_time_equal, LastOrFirst(), n),
      measure("planted, leaves early: the hash itself, or a random one", early_exit, EqualOrRandom(), n),
      measure("planted, leaves early: different in the last character, or in the first", early_exit, LastOrFirst(), n)};
}

}  // namespace lanecrypt::bench
