// How scale is measured. See the header.
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include "malloc_meter.hpp"
#include "scale.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {
namespace {

constexpr unsigned cost = 4;
constexpr std::size_t checked = 199;  // hashes of a batch that libcrypt computes again after each turn

// Looks at the allocation counter from the progress callback, which is called while groups are being computed: from the
// first call that tells of finished jobs, so that the region has begun, to the last that tells of unfinished ones.
class RegionWatch {
 public:
  void attach(lanecrypt_options& options) {
    options.progress = &RegionWatch::look;
    options.progress_context = this;
  }
  std::size_t calls() const noexcept { return last_ - first_; }
  std::size_t looks() const noexcept { return looks_; }

 private:
  static int look(void* context, std::size_t done, std::size_t total) {
    auto& watch = *static_cast<RegionWatch*>(context);
    if (done == 0 || done >= total) return 0;
    watch.last_ = malloc_count().calls;
    if (watch.looks_++ == 0) watch.first_ = watch.last_;
    return 0;
  }

  std::size_t first_ = 0;
  std::size_t last_ = 0;
  std::size_t looks_ = 0;
};

lanecrypt_options options_for(unsigned threads) {
  lanecrypt_options options = make_options(threads);
  options.cost = cost;
  return options;
}

// One watched batch: its heap and its allocations. Watching costs two reads of counters and a callback every 50 ms.
void run_watched(Batch& batch, ScaleRow& row) {
  RegionWatch watch;
  lanecrypt_options options = options_for(row.threads);
  watch.attach(options);
  malloc_peak_restart();
  const MallocCount before = malloc_count();
  batch.run(options);
  const MallocCount after = malloc_count();
  row.heap_peak = after.peak - before.held;
  row.calls = after.calls - before.calls;
  row.region_calls = watch.calls();
  row.looks = watch.looks();
}

// Jobs of a small batch that keeps all threads busy: its heap is what does not grow with the jobs, scratch above all.
std::size_t few_jobs(unsigned threads) { return std::size_t{threads} * LANECRYPT_LANES_MAX; }

std::size_t heap_of_few(std::span<const Sample> samples, unsigned threads) {
  Batch batch(samples.first(few_jobs(threads)), Batch::Salts::drawn);
  ScaleRow row{.jobs = few_jobs(threads), .threads = threads};
  run_watched(batch, row);
  return row.heap_peak;
}

class Measurement {
 public:
  Measurement(const ScaleWishes& wishes, const std::function<void(const std::string&)>& say)
      : wishes_(wishes), say_(say), samples_(make_samples(largest(), cost)) {}

  std::vector<ScaleRow> on_threads(unsigned threads);
  const std::string& engine() const noexcept { return engine_; }

 private:
  std::size_t largest() const { return *std::max_element(wishes_.jobs.begin(), wishes_.jobs.end()); }
  std::vector<ScaleRow> plan_rows(unsigned threads) const;
  Contestant contestant(Batch& batch, ScaleRow& row);
  void summarise(std::vector<ScaleRow>& rows, std::span<const Times> times) const;

  const ScaleWishes& wishes_;
  const std::function<void(const std::string&)>& say_;
  std::vector<Sample> samples_;
  Libcrypt libcrypt_;
  std::string engine_;
};

std::vector<ScaleRow> Measurement::plan_rows(unsigned threads) const {
  std::vector<ScaleRow> rows;
  std::size_t most = 0;
  for (const std::size_t jobs : wishes_.jobs) {
    if (threads == 1 && jobs > wishes_.one_thread_max) continue;
    rows.push_back({.jobs = jobs, .threads = threads});
    most = std::max(most, jobs);
  }
  // All turns are equally long: the best of many would favour short ones, which slip between two disturbances.
  for (ScaleRow& row : rows) row.repeats = std::max<std::size_t>(1, most / row.jobs);
  return rows;
}

Contestant Measurement::contestant(Batch& batch, ScaleRow& row) {
  const auto run = [&batch, &row] {
    for (std::size_t i = 0; i < row.repeats; ++i) run_watched(batch, row);
  };
  const auto check = [this, &batch, &row] {
    batch.check_some(libcrypt_, std::max<std::size_t>(1, row.jobs / checked));
    engine_ = batch.report().engine;
  };
  return {run, check};
}

void Measurement::summarise(std::vector<ScaleRow>& rows, std::span<const Times> times) const {
  const std::size_t few = few_jobs(rows[0].threads);
  const auto heap_few = static_cast<double>(heap_of_few(samples_, rows[0].threads));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ScaleRow& row = rows[i];
    const auto jobs = static_cast<double>(row.jobs * row.repeats);
    row.job_seconds = {times[i].best / jobs, times[i].median / jobs};
    row.linear_percent = (row.job_seconds.best / rows[0].job_seconds.best - 1) * 100;
    row.job_heap_bytes = (static_cast<double>(row.heap_peak) - heap_few) / static_cast<double>(row.jobs - few);
  }
}

std::vector<ScaleRow> Measurement::on_threads(unsigned threads) {
  std::vector<ScaleRow> rows = plan_rows(threads);
  std::vector<std::unique_ptr<Batch>> batches;
  std::vector<Contestant> contestants;
  for (ScaleRow& row : rows) {
    batches.push_back(std::make_unique<Batch>(std::span<const Sample>(samples_).first(row.jobs), Batch::Salts::drawn));
    contestants.push_back(contestant(*batches.back(), row));
  }
  say_(std::to_string(wishes_.rounds) + " rounds of all after one untimed, threads " + std::to_string(threads));
  summarise(rows, alternate(contestants, wishes_.rounds));
  return rows;
}

}  // namespace

bool ScaleRow::linear() const { return std::abs(linear_percent) <= bars::linear_percent_max; }
bool ScaleRow::bounded() const { return job_heap_bytes <= bars::job_heap_bytes_max; }
bool ScaleRow::quiet() const { return looks >= 2 && region_calls <= bars::region_calls_max; }
bool ScaleRow::few_calls() const { return calls <= bars::calls_max; }

bool Scale::all_met() const {
  return std::all_of(rows.begin(), rows.end(), [](const ScaleRow& row) {
    return row.linear() && row.bounded() && row.few_calls() && row.quiet();
  });
}

Scale measure_scale(const ScaleWishes& wishes, const std::function<void(const std::string&)>& say) {
  Scale scale;
  scale.rounds = wishes.rounds;
  scale.machine = describe_machine();
  Measurement measurement(wishes, say);
  if (scale.machine.threads > 1) scale.rows = measurement.on_threads(scale.machine.threads);
  const std::vector<ScaleRow> one = measurement.on_threads(1);
  scale.rows.insert(scale.rows.end(), one.begin(), one.end());
  scale.engine = measurement.engine();
  return scale;
}

}  // namespace lanecrypt::bench
