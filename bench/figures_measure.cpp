// How each figure is measured. Every measurement verifies its hashes against libcrypt first and after each round.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <string_view>

#include "alternate.hpp"
#include "decimal.hpp"
#include "figures.hpp"
#include "malloc_meter.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {
namespace {

constexpr unsigned cost = 10;
constexpr std::size_t batch_size = 64;
// libcrypt's share of a round is about as long as the batch's: with unequal shares the best of many would favour the
// shorter, which slips through a gap between two disturbances more easily.
constexpr std::size_t libcrypt_share = batch_size / 4;

constexpr std::size_t plan_size = 20;
constexpr unsigned plan_threads_max = 6;

// Full groups of 8 and of 10 lanes on one thread and on two. Of 64 jobs one thread makes six groups of ten and one of
// four, and each of two 10+10+6+6: no machine would double that.
constexpr std::size_t doubled_size = 80;

constexpr unsigned cheap_cost = 4;
constexpr std::size_t many = 10'000;
constexpr std::size_t check_step = 49;  // of `many` jobs; odd, so that every lane of every width is among the checked

// a over b, by the best rounds and by the medians.
Times ratio(const Times& a, const Times& b) { return {a.best / b.best, a.median / b.median}; }

std::string rates(double ours, double theirs) { return decimal(ours, 1) + " over " + decimal(theirs, 1) + " hashes/s"; }

class Measurement {
 public:
  explicit Measurement(unsigned rounds) : rounds_(rounds), samples_(make_samples(doubled_size, cost)) {
    for (const Sample& sample : samples_) {
      expected_.emplace_back(libcrypt_.hash(sample.password.c_str(), sample.setting.c_str()));
    }
  }

  Figure batch_rate();
  Figure single_time();
  Figure two_threads(unsigned threads_available);
  Figure overhead();
  std::vector<PlanRow> plan(unsigned threads_available);

  const std::string& engine() const noexcept { return engine_; }

 private:
  // The first `count` samples by libcrypt.
  Contestant libcrypt(std::size_t count);
  // The first sample by lanecrypt_hash.
  Contestant single();
  // All jobs of a batch of the first samples on so many threads.
  Contestant batch(Batch& batch, unsigned threads);

  unsigned rounds_;
  Libcrypt libcrypt_;
  std::vector<Sample> samples_;
  std::vector<std::string> expected_;
  std::string engine_;  // that computed
  char single_hash_[LANECRYPT_HASH_SIZE] = {};
};

Contestant Measurement::libcrypt(std::size_t count) {
  const auto run = [this, count] {
    for (std::size_t i = 0; i < count; ++i) {
      const char* const hash = libcrypt_.hash(samples_[i].password.c_str(), samples_[i].setting.c_str());
      if (expected_[i] != hash) throw Fault("libcrypt does not agree with itself");
    }
  };
  return {run, [] {}};
}

Contestant Measurement::single() {
  const auto run = [this] {
    const Sample& sample = samples_[0];
    const lanecrypt_options options = make_options(1);
    lanecrypt_hash(sample.password.data(), sample.password.size(), sample.setting.data(), sample.setting.size(),
                   &options, single_hash_);
  };
  const auto check = [this] {
    if (expected_[0] != single_hash_) throw Fault("the hash of lanecrypt_hash is not libcrypt's");
    std::fill_n(single_hash_, sizeof single_hash_, '\0');
  };
  return {run, check};
}

Contestant Measurement::batch(Batch& batch, unsigned threads) {
  const auto check = [this, &batch, threads] {
    batch.check(expected_);
    if (batch.report().threads != threads) throw Fault("a batch did not run on the threads it was given");
    engine_ = batch.report().engine;
  };
  return {[&batch, threads] { batch.run(make_options(threads)); }, check};
}

Figure Measurement::batch_rate() {
  Batch jobs(std::span<const Sample>(samples_).first(batch_size), Batch::Salts::given);
  const std::array contestants = {libcrypt(libcrypt_share), batch(jobs, 1)};
  const std::vector<Times> times = alternate(contestants, rounds_);
  constexpr double more = static_cast<double>(batch_size) / libcrypt_share;
  const Times over = ratio(times[0], times[1]);
  return {.key = "batch_64_cost_10_rate",
          .text = "batch of 64 at cost 10, one thread: hashes per second over libcrypt's",
          .unit = "x",
          .best = over.best * more,
          .median = over.median * more,
          .bar = Bar{Bar::Kind::at_least, bars::batch_rate_min},
          .detail = rates(batch_size / times[1].best, libcrypt_share / times[0].best)};
}

Figure Measurement::single_time() {
  const std::array contestants = {libcrypt(1), single()};
  // Each is a twentieth of the other rows' length, and more rounds are cheap.
  const std::vector<Times> times = alternate(contestants, rounds_ * 5);
  const Times over = ratio(times[1], times[0]);
  return {.key = "single_cost_10_time",
          .text = "single hash at cost 10: time over libcrypt's",
          .unit = "x",
          .best = over.best,
          .median = over.median,
          .bar = Bar{Bar::Kind::at_most, bars::single_time_max},
          .detail = decimal(times[1].best * 1e3, 2) + " over " + decimal(times[0].best * 1e3, 2) + " ms"};
}

Figure Measurement::two_threads(unsigned threads_available) {
  Figure figure{.key = "two_threads_rate",
                .text = "batch of 80 at cost 10: two threads' hashes per second over one's",
                .unit = "x",
                .best = {},
                .median = {},
                .bar = Bar{Bar::Kind::at_least, bars::two_threads_min},
                .detail = "fewer than two cores"};
  if (threads_available < 2) return figure;
  Batch one(samples_, Batch::Salts::given);
  Batch two(samples_, Batch::Salts::given);
  const std::array contestants = {batch(one, 1), batch(two, 2)};
  const std::vector<Times> times = alternate(contestants, rounds_);
  const Times over = ratio(times[0], times[1]);
  figure.best = over.best;
  figure.median = over.median;
  figure.detail = rates(doubled_size / times[1].best, doubled_size / times[0].best);
  return figure;
}

// Planning and merging: all that a call does but the groups themselves.
//
// A batch whose cancel flag is set before it begins does all of that through the same public call: it reads its
// options, checks every job, draws every salt, plans, allocates, and ends every group, of which no thread begins one.
// What it leaves out is in the groups: copying their jobs together, key schedules, iterations, the writing and handing
// on of hashes, wiping. Its time over the time of the same batch computed is the figure. Subtracting computed groups
// from a whole batch instead would drown the answer in the noise of two large numbers.
Figure Measurement::overhead() {
  const std::vector<Sample> samples = make_samples(many, cheap_cost);
  Batch computed(samples, Batch::Salts::drawn);
  Batch turned_away(samples, Batch::Salts::drawn);
  lanecrypt_options options = make_options(1);
  options.cost = cheap_cost;
  static constexpr std::int32_t set = 1;
  lanecrypt_options cancelled = options;
  cancelled.cancel = &set;

  const std::array contestants = {
      Contestant{[&] { turned_away.run(cancelled); }, [&] { turned_away.check_ended(LANECRYPT_CANCELLED); }},
      Contestant{[&] { computed.run(options); }, [&] { computed.check_some(libcrypt_, check_step); }}};
  const std::vector<Times> times = alternate(contestants, rounds_);
  const Times over = ratio(times[0], times[1]);
  return {.key = "overhead_10000_cost_4_percent",
          .text = "planning and merging of 10,000 jobs at cost 4, one thread: share of the batch's time",
          .unit = "%",
          .best = over.best * 100,
          .median = over.median * 100,
          .bar = Bar{Bar::Kind::at_most, bars::overhead_percent_max},
          .detail = decimal(times[0].best * 1e3, 2) + " of " + decimal(times[1].best * 1e3, 0) + " ms, salts drawn"};
}

// Heap at its peak, by batches that are turned away as above: everything is allocated before the first group begins. A
// batch of one job tells what does not grow with the jobs.
std::array<Figure, 3> measure_memory() {
  const std::vector<Sample> samples = make_samples(many, cheap_cost);
  static constexpr std::int32_t set = 1;
  lanecrypt_options cancelled = make_options(1);
  cancelled.cancel = &set;
  const auto peak = [&](std::size_t count) {
    Batch jobs(std::span<const Sample>(samples).first(count), Batch::Salts::given);
    const std::size_t bytes = peak_of([&] { jobs.run(cancelled); });
    jobs.check_ended(LANECRYPT_CANCELLED);
    return static_cast<double>(bytes);
  };
  const double of_one = peak(1);
  const double of_each = (peak(many) - of_one) / (many - 1);
  const auto figure = [](const char* key, const char* text, double bytes) {
    return Figure{.key = key, .text = text, .unit = "bytes", .best = std::round(bytes), .median = {}};
  };
  return {figure("memory_per_job_bytes", "memory of the library for each job of a batch, at its peak", of_each),
          figure("memory_per_caller_job_bytes", "memory of the caller for each job: lanecrypt_hash_job with its hash",
                 sizeof(lanecrypt_hash_job)),
          figure("memory_of_one_bytes", "memory of the library for a batch of one job: scratch, for the most part",
                 of_one)};
}

PlanRow preview(unsigned threads) {
  lanecrypt_options options = make_options(threads);
  options.cost = cost;
  lanecrypt_plan_info info = LANECRYPT_PLAN_INFO_INIT;
  std::array<std::uint32_t, plan_size> widths{};
  if (const lanecrypt_status status = lanecrypt_plan(plan_size, &options, widths.data(), widths.size(), &info);
      status != LANECRYPT_OK) {
    throw Fault("lanecrypt_plan: " + std::string(lanecrypt_status_text(status)));
  }
  return {.threads = threads,
          .widths = std::vector(widths.data(), widths.data() + info.groups),
          .predicted = info.relative_time,
          .best = {},
          .median = {}};
}

std::vector<PlanRow> Measurement::plan(unsigned threads_available) {
  std::vector<PlanRow> rows;
  for (unsigned threads = 1; threads <= plan_threads_max; ++threads) rows.push_back(preview(threads));

  const unsigned measured = std::min(threads_available, plan_threads_max);
  const auto samples = std::span<const Sample>(samples_).first(plan_size);
  std::vector<std::unique_ptr<Batch>> batches;
  std::vector<Contestant> contestants = {single()};
  for (unsigned threads = 1; threads <= measured; ++threads) {
    batches.push_back(std::make_unique<Batch>(samples, Batch::Salts::given));
    contestants.push_back(batch(*batches.back(), threads));
  }
  const std::vector<Times> times = alternate(contestants, rounds_);
  for (unsigned threads = 1; threads <= measured; ++threads) {
    const Times over = ratio(times[threads], times[0]);
    rows[threads - 1].best = over.best;
    rows[threads - 1].median = over.median;
  }
  return rows;
}

}  // namespace

Figures measure_figures(unsigned rounds, const std::function<void(const std::string&)>& say) {
  Figures all;
  all.rounds = rounds;
  all.machine = describe_machine();
  say("hashes of libcrypt to verify by");
  Measurement measurement(rounds);
  say("memory");
  const std::array<Figure, 3> memory = measure_memory();
  say("batch of 64");
  all.figures.push_back(measurement.batch_rate());
  say("single hash");
  all.figures.push_back(measurement.single_time());
  say("two threads");
  all.figures.push_back(measurement.two_threads(all.machine.threads));
  say("planning and merging");
  all.figures.push_back(measurement.overhead());
  say("plan of 20");
  all.plan = measurement.plan(all.machine.threads);
  all.figures.insert(all.figures.end(), memory.begin(), memory.end());
  all.engine = measurement.engine();
  return all;
}

}  // namespace lanecrypt::bench
