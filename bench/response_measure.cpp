// How response is measured. See the header.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fstream>
#include <random>
#include <thread>

#include "hash_watch.hpp"
#include "response.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr auto response_max = static_cast<std::int64_t>(bars::response_ms_max) * millisecond;

std::int64_t now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1000 * millisecond + time.tv_nsec;
}

void sleep_until(std::int64_t monotonic) {
  const timespec time{monotonic / (1000 * millisecond), monotonic % (1000 * millisecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) != 0) continue;
}

// What the hypervisor has taken from all cores since the start of the machine, in milliseconds, ten exact; 0 where
// nobody says (proc(5), the eighth number of /proc/stat).
double stolen_ms() {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  std::int64_t ticks = 0;
  for (int i = 0; i < 8; ++i) file >> ticks;
  return file ? static_cast<double>(ticks) * 1000 / static_cast<double>(sysconf(_SC_CLK_TCK)) : 0;
}

// What one ended batch took, from the moment to the return of the call, in milliseconds.
struct Late {
  double ms = 0;
  double behind = 0;  // from the end of the last hash that libcrypt was computing at the moment, if that was later
  double busy = 0;    // processor time of all threads
  double stolen = 0;  // by the hypervisor, of all cores
};

// Jobs to hash, whose salts are drawn, or to verify; and the one call that is ended.
class EndedBatch {
 public:
  explicit EndedBatch(const ResponseRow& row)
      : row_(row), hashes_(row.verifies ? 0 : row.jobs), verifies_(row.verifies ? row.jobs : 0) {
    if (row.verifies) stored_ = stored_hash(row);
    for (lanecrypt_hash_job& job : hashes_) {
      job = {};
      job.password = password.data();
      job.password_length = password.size();
    }
    for (lanecrypt_verify_job& job : verifies_) {
      job = {};
      job.password = password.data();
      job.password_length = password.size();
      job.hash = stored_.data();
      job.hash_length = stored_.size();
    }
    options_.engine = row_.engine.c_str();
    options_.threads = row_.threads;
    options_.cost = row_.cost;
    options_.cancel = &cancel_;
  }
  EndedBatch(const EndedBatch&) = delete;
  EndedBatch& operator=(const EndedBatch&) = delete;

  // Ends the batch so long after the call; nothing if it was over by then.
  std::optional<Late> run(std::int64_t after) {
    __atomic_store_n(&cancel_, 0, __ATOMIC_RELAXED);
    options_.deadline_ns = 0;
    const std::int64_t moment = now(CLOCK_MONOTONIC) + after;
    if (row_.ending != Ending::cancel) {
      const std::int64_t away = row_.ending == Ending::deadline ? after : millisecond * 1000 * 3600;
      options_.deadline_ns = static_cast<std::uint64_t>(now(CLOCK_REALTIME) + away);
    }
    watch_hashes_anew();
    std::int64_t noted = 0;
    std::int64_t busy = 0;
    double stolen = 0;
    std::thread other([&] {
      sleep_until(moment);
      stolen = stolen_ms();
      noted = now(CLOCK_MONOTONIC);
      busy = now(CLOCK_PROCESS_CPUTIME_ID);
      if (row_.ending != Ending::deadline) __atomic_store_n(&cancel_, 1, __ATOMIC_RELAXED);
    });
    const std::int64_t returned = call();
    const std::int64_t busy_then = now(CLOCK_PROCESS_CPUTIME_ID);
    const double stolen_then = stolen_ms();
    other.join();
    if (count_ended() == 0) return std::nullopt;
    const std::int64_t from = row_.ending == Ending::deadline ? moment : noted;
    // A hash that is begun later than the bar allows is not one of those that may be finished.
    const std::int64_t computed = std::max(from, last_hash_end(from + response_max));
    return Late{.ms = static_cast<double>(returned - from) / millisecond,
                .behind = static_cast<double>(returned - computed) / millisecond,
                .busy = static_cast<double>(busy_then - busy) / millisecond,
                .stolen = stolen_then - stolen};
  }

  // Milliseconds that it takes if nobody ends it.
  double run_whole() {
    options_.deadline_ns = 0;
    const std::int64_t start = now(CLOCK_MONOTONIC);
    return static_cast<double>(call() - start) / millisecond;
  }

 private:
  static constexpr std::string_view password = "correct horse battery staple";

  static std::string stored_hash(const ResponseRow& row) {
    lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
    options.cost = row.cost;
    char hash[LANECRYPT_HASH_SIZE];
    if (lanecrypt_hash(password.data(), password.size(), nullptr, 0, &options, hash) != LANECRYPT_OK) {
      throw Fault("lanecrypt_hash failed");
    }
    return hash;
  }

  std::int64_t call() {
    const lanecrypt_status ran =
        row_.verifies ? lanecrypt_verify_batch(verifies_.data(), row_.jobs, sizeof verifies_[0], &options_, nullptr)
                      : lanecrypt_hash_batch(hashes_.data(), row_.jobs, sizeof hashes_[0], &options_, nullptr);
    const std::int64_t returned = now(CLOCK_MONOTONIC);
    if (ran != LANECRYPT_OK) throw Fault("a batch failed: " + std::string(lanecrypt_status_text(ran)));
    return returned;
  }

  // How many jobs were not computed. Hashes must be whole or none.
  std::size_t count_ended() const {
    const lanecrypt_status expected = row_.ending == Ending::deadline ? LANECRYPT_DEADLINE : LANECRYPT_CANCELLED;
    std::size_t ended = 0;
    for (const lanecrypt_verify_job& job : verifies_) {
      if (job.status != expected && job.status != LANECRYPT_OK) throw Fault("a job ended in a way of its own");
      ended += job.status == LANECRYPT_OK ? 0 : 1;
    }
    for (const lanecrypt_hash_job& job : hashes_) {
      const bool hashed = std::strlen(job.hash) == LANECRYPT_HASH_LENGTH;
      if (job.status != expected && job.status != LANECRYPT_OK) throw Fault("a job ended in a way of its own");
      if (hashed != (job.status == LANECRYPT_OK)) throw Fault("a job's hash is not what its status says");
      ended += hashed ? 0 : 1;
    }
    return ended;
  }

  const ResponseRow& row_;
  std::string stored_;
  std::vector<lanecrypt_hash_job> hashes_;
  std::vector<lanecrypt_verify_job> verifies_;
  lanecrypt_options options_ = LANECRYPT_OPTIONS_INIT;
  std::int32_t cancel_ = 0;
};

// A batch of another thread that keeps the gate until this goes.
class Before {
 public:
  explicit Before(const ResponseRow& row) {
    jobs_.assign(10'000, {});
    options_.threads = row.threads;
    options_.cost = 14;
    options_.cancel = &cancel_;
    options_.progress_context = this;
    options_.progress = [](void* self, std::size_t, std::size_t) {
      static_cast<Before*>(self)->runs_ = true;
      return 0;
    };
    thread_ = std::thread(
        [this] { lanecrypt_hash_batch(jobs_.data(), jobs_.size(), sizeof(lanecrypt_hash_job), &options_, nullptr); });
    while (!runs_) std::this_thread::yield();
  }
  Before(const Before&) = delete;
  Before& operator=(const Before&) = delete;
  ~Before() {
    __atomic_store_n(&cancel_, 1, __ATOMIC_RELAXED);
    thread_.join();
  }

 private:
  std::vector<lanecrypt_hash_job> jobs_;
  lanecrypt_options options_ = LANECRYPT_OPTIONS_INIT;
  std::int32_t cancel_ = 0;
  std::atomic<bool> runs_{false};
  std::thread thread_;
};

double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double sleep_once(std::int64_t after) {
  const std::int64_t moment = now(CLOCK_MONOTONIC) + after;
  sleep_until(moment);
  return static_cast<double>(now(CLOCK_MONOTONIC) - moment) / millisecond;
}

// A hash on each of the row's threads at once, since two cores together may be slower than one.
double one_hash_ms(const ResponseRow& row) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = row.engine.c_str();
  options.threads = row.threads;
  options.cost = row.cost;
  std::vector<lanecrypt_hash_job> jobs(row.threads);
  const std::int64_t start = now(CLOCK_MONOTONIC);
  if (lanecrypt_hash_batch(jobs.data(), jobs.size(), sizeof jobs[0], &options, nullptr) != LANECRYPT_OK) {
    throw Fault("lanecrypt_hash_batch failed");
  }
  return static_cast<double>(now(CLOCK_MONOTONIC) - start) / millisecond;
}

// So many hashes long are the moments of an engine that computes each in one step: also between two of them.
constexpr double hashes_spread = 1.25;

void measure_row(ResponseRow& row, unsigned runs) {
  std::mt19937_64 random(row.jobs + row.cost);
  std::optional<Before> before;
  if (row.waits) before.emplace(row);
  EndedBatch batch(row);
  if (row.to_the_end) row.spread_ms = batch.run_whole();
  if (row.whole) row.spread_ms = hashes_spread * one_hash_ms(row);
  std::uniform_real_distribution<double> moment(1, row.spread_ms);
  std::vector<double> late;
  unsigned in_vain = 0;
  while (late.size() < runs) {
    const auto after = static_cast<std::int64_t>(moment(random) * millisecond);
    const std::optional<Late> run = row.engine.empty() ? Late{.ms = sleep_once(after)} : batch.run(after);
    if (!run) {  // it was faster than the one that was timed: seldom, or nothing is measured here
      if (++in_vain > runs) throw Fault("batches are over before they can be ended: " + describe(row));
      continue;
    }
    late.push_back(run->ms);
    if (row.whole) row.behind_p100 = std::max(row.behind_p100.value_or(0), run->behind);
    if (!row.engine.empty()) row.busy_p100 = std::max(row.busy_p100.value_or(0), run->busy);
    if (run->ms <= row.p100) continue;
    row.p100 = run->ms;
    row.stolen_p100 = run->stolen;
  }
  std::sort(late.begin(), late.end());
  row.p50 = percentile(late, 0.5);
  row.p99 = percentile(late, 0.99);
}

// ---- Which rows

std::vector<std::string> engines_here() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    if (lanecrypt_engine(i, &info) == LANECRYPT_OK && info.state == LANECRYPT_ENGINE_READY)
      names.emplace_back(info.name);
  }
  return names;
}

class RowList {
 public:
  explicit RowList(unsigned threads) : threads_(threads) {}

  void add_all_threads(ResponseRow row) {
    for (unsigned t = 1; t <= (row.jobs == 1 ? 1 : threads_); ++t) {
      row.threads = t;
      add_both_endings(row);
    }
  }

  void add_both_endings(ResponseRow row) {
    for (const Ending ending : {Ending::deadline, Ending::cancel}) {
      row.ending = ending;
      rows_.push_back(row);
    }
  }

  // Batches that take longer than the moment's spread on any machine.
  void add_engine(const std::string& engine, bool quick) {
    struct Size {
      unsigned cost;
      std::size_t jobs;
    };
    const std::vector<Size> few = {{10, 100}};
    const std::vector<Size> all = {{4, 10'000}, {8, 1000}, {10, 100}, {12, 1}, {12, 20}, {14, 1}, {14, 20}, {14, 1000}};
    const std::vector<Size> of_whole = {{10, 100}, {12, 20}, {14, 20}};  // one hash is never cut
    const bool whole = engine == "libcrypt";                             // which hash_watch.hpp watches
    for (const Size& size : quick ? few : whole ? of_whole : all) {
      add_all_threads({.engine = engine, .cost = size.cost, .jobs = size.jobs, .whole = whole});
    }
  }

  // Moments while many jobs are prepared and planned, over the whole length of a batch, and while one waits for its
  // turn.
  void add_best_engine(const std::string& engine, bool quick) {
    add_both_endings({.engine = engine, .cost = 5, .jobs = 100'000, .threads = threads_, .spread_ms = 150});
    if (!quick) {
      ResponseRow million = {.engine = engine, .cost = 5, .jobs = 1'000'000, .threads = threads_, .spread_ms = 1500};
      add_both_endings(million);
      million.ending = Ending::cancel_before_deadline;
      rows_.push_back(million);
      million.verifies = true;
      rows_.push_back(million);
      million.ending = Ending::deadline;
      rows_.push_back(million);
    }
    if (!quick) {
      add_both_endings(
          {.engine = engine, .cost = 4, .jobs = 10'000, .threads = threads_, .verifies = true, .to_the_end = true});
    }
    if (threads_ > 1) {
      add_both_endings({.engine = engine, .cost = 14, .jobs = 20, .threads = threads_, .waits = true});
    }
  }

  std::vector<ResponseRow> take() { return std::move(rows_); }

 private:
  unsigned threads_;
  std::vector<ResponseRow> rows_ = {{.engine = ""}};
};

}  // namespace

std::optional<bool> ResponseRow::met() const {
  if (engine.empty()) return std::nullopt;
  return behind_p100.value_or(p100) <= bars::response_ms_max;
}

bool Response::all_met() const {
  return std::none_of(rows.begin(), rows.end(), [](const ResponseRow& row) { return row.met() == false; });
}

Response measure_response(const ResponseWishes& wishes, const std::function<void(const std::string&)>& say) {
  Response response;
  response.machine = describe_machine();
  response.runs = wishes.runs;
  RowList list(response.machine.threads);
  const std::vector<std::string> engines = wishes.engines.empty() ? engines_here() : wishes.engines;
  list.add_best_engine(engines.front(), wishes.quick);
  for (const std::string& engine : engines) list.add_engine(engine, wishes.quick);
  response.rows = list.take();
  for (ResponseRow& row : response.rows) {
    say(describe(row));
    measure_row(row, response.runs);
    say("  " + result(row));
  }
  return response;
}

}  // namespace lanecrypt::bench
