// lanecrypt_soak_differential: random jobs in mixed batches through the C ABI, by each engine, against libcrypt, whose
// answers are computed once for all engines. `./dev test` runs a thousand of them, `./dev soak` a million; the runs
// that were made are in DIFFERENTIAL.md. What an engine does inside of one group is
// tests/kernel/differential_test.cpp's.
#include <lanecrypt/lanecrypt.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "differential_jobs.hpp"

namespace lanecrypt::soak {
namespace {

constexpr const char* usage =
    "usage: lanecrypt_soak_differential [--jobs N] [--seed S] [--from J] [--threads T] [--engine NAME]... [--planted]\n"
    "  --jobs     how many jobs each engine computes (default 1000000)\n"
    "  --seed     of all that is random; drawn and printed where it is not given\n"
    "  --from     the first job, a multiple of 2000: goes on with a run that was interrupted\n"
    "  --threads  of libcrypt and of each engine (default 1)\n"
    "  --engine   by name, again for more; all that run here but libcrypt where none is named\n"
    "  --planted  turns one bit of one answer of the last engine; succeeds if exactly that is found\n";

struct Wishes {
  std::uint64_t jobs = 1'000'000;
  std::uint64_t seed = std::random_device{}();
  std::uint64_t from = 0;
  unsigned threads = 1;
  std::vector<std::string> engines;
  bool planted = false;
  bool help = false;
};

std::uint64_t number(std::string_view text, std::string_view name) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(std::string(name) + " wants a number");
  }
  return value;
}

Wishes parse(std::span<char*> arguments) {
  Wishes wishes;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--planted") {
      wishes.planted = true;
    } else if (name == "--help") {
      wishes.help = true;
    } else if (++i == arguments.size()) {
      throw std::invalid_argument("unexpected argument, or one that wants a value; see --help");
    } else if (name == "--jobs") {
      wishes.jobs = number(arguments[i], name);
    } else if (name == "--seed") {
      wishes.seed = number(arguments[i], name);
    } else if (name == "--from") {
      wishes.from = number(arguments[i], name);
    } else if (name == "--threads") {
      wishes.threads = static_cast<unsigned>(std::clamp<std::uint64_t>(number(arguments[i], name), 1, 64));
    } else if (name == "--engine") {
      wishes.engines.emplace_back(arguments[i]);
    } else {
      throw std::invalid_argument("unexpected argument " + std::string(name));
    }
  }
  if (wishes.from % chunk_jobs != 0) throw std::invalid_argument("--from wants a multiple of 2000");
  if (wishes.jobs <= wishes.from) throw std::invalid_argument("--jobs wants a number above --from");
  return wishes;
}

std::vector<std::string> engines_here() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    if (lanecrypt_engine(i, &info) != LANECRYPT_OK || info.state == LANECRYPT_ENGINE_CPU_LACKS) continue;
    if (std::string_view(info.name) != "libcrypt") names.emplace_back(info.name);
  }
  return names;
}

// One engine's answers, in one call. Every other setting is given as the whole hash that begins with it.
std::vector<lanecrypt_hash_job> answers(const std::string& engine, const std::vector<JudgedJob>& jobs,
                                        unsigned threads) {
  std::vector<lanecrypt_hash_job> batch(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string& setting = i % 2 == 0 || jobs[i].hash.size() != 60 ? jobs[i].setting : jobs[i].hash;
    batch[i].password = jobs[i].password.data();
    batch[i].password_length = jobs[i].password.size();
    batch[i].setting = setting.data();
    batch[i].setting_length = setting.size();
  }
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = engine.c_str();
  options.threads = threads;
  options.long_passwords = LANECRYPT_LONG_TRUNCATE;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  const lanecrypt_status ran = lanecrypt_hash_batch(batch.data(), batch.size(), sizeof batch[0], &options, &report);
  if (ran != LANECRYPT_OK) throw std::runtime_error(engine + ": " + lanecrypt_status_text(ran));
  if (report.engine != engine) throw std::runtime_error(engine + " did not compute: " + report.engine + " did");
  return batch;
}

// Where the one wrong bit is planted.
struct Plant {
  std::uint64_t job = UINT64_MAX;
  std::size_t character = 0;
  unsigned bit = 0;
};

Plant choose_plant(const Wishes& wishes) {
  std::mt19937_64 random(wishes.seed);
  return {wishes.from + random() % (wishes.jobs - wishes.from), random() % LANECRYPT_HASH_LENGTH,
          static_cast<unsigned>(random() % 7)};
}

class Run {
 public:
  explicit Run(const Wishes& wishes)
      : wishes_(wishes), engines_(wishes.engines.empty() ? engines_here() : wishes.engines) {
    if (wishes.planted) plant_ = choose_plant(wishes);
  }

  // The exit code.
  int all() {
    std::string names;
    for (const std::string& engine : engines_) names.append(names.empty() ? "" : ", ").append(engine);
    std::printf("seed %llu, jobs %llu to %llu, %u threads, engines %s\n", ull(wishes_.seed), ull(wishes_.from),
                ull(wishes_.jobs), wishes_.threads, names.c_str());
    for (std::uint64_t first = wishes_.from; first < wishes_.jobs; first += chunk_jobs) {
      chunk(first, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_jobs, wishes_.jobs - first)));
      report_progress(first + chunk_jobs);
    }
    std::printf("%llu answers of %zu engines compared with libcrypt's, %llu wrong\n", ull(compared_), engines_.size(),
                ull(wrong_));
    if (!wishes_.planted) return wrong_ == 0 ? 0 : 1;
    std::printf("planted: bit %u of character %zu of job %llu, %s\n", plant_.bit, plant_.character, ull(plant_.job),
                plant_found_ ? "found" : "NOT FOUND");
    return wrong_ == 1 && plant_found_ ? 0 : 1;
  }

 private:
  static unsigned long long ull(std::uint64_t value) { return value; }

  void chunk(std::uint64_t first, std::size_t count) {
    const std::vector<JudgedJob> jobs = judged_jobs(wishes_.seed, first / chunk_jobs, count, wishes_.threads);
    for (const std::string& engine : engines_) {
      std::vector<lanecrypt_hash_job> batch = answers(engine, jobs, wishes_.threads);
      if (&engine == &engines_.back() && plant_.job >= first && plant_.job - first < count) {
        char& planted = batch[plant_.job - first].hash[plant_.character];
        planted = static_cast<char>(planted ^ (1 << plant_.bit));
      }
      for (std::size_t i = 0; i < count; ++i) compare(engine, first + i, jobs[i], batch[i]);
    }
  }

  void compare(const std::string& engine, std::uint64_t number, const JudgedJob& job,
               const lanecrypt_hash_job& answer) {
    ++compared_;
    // With the NUL behind it, and nothing but a whole hash can be right: libcrypt's failure token has two characters.
    if (answer.status == LANECRYPT_OK && job.hash.size() == LANECRYPT_HASH_LENGTH &&
        std::equal(answer.hash, answer.hash + LANECRYPT_HASH_SIZE, job.hash.c_str())) {
      return;
    }
    ++wrong_;
    if (number == plant_.job && engine == engines_.back()) plant_found_ = true;
    std::printf("WRONG: job %llu, engine %s, %s, a password of %zu bytes: %s, not %s (%s)\n", ull(number),
                engine.c_str(), job.setting.c_str(), job.password.size(), answer.hash, job.hash.c_str(),
                lanecrypt_status_name(answer.status));
  }

  // A line every 30 seconds.
  void report_progress(std::uint64_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (now - said_ < std::chrono::seconds(30)) return;
    said_ = now;
    std::printf("%llu of %llu jobs, %llu wrong\n", ull(std::min(done, wishes_.jobs)), ull(wishes_.jobs), ull(wrong_));
    std::fflush(stdout);
  }

  Wishes wishes_;
  std::vector<std::string> engines_;
  Plant plant_;
  bool plant_found_ = false;
  std::uint64_t compared_ = 0;
  std::uint64_t wrong_ = 0;
  std::chrono::steady_clock::time_point said_ = std::chrono::steady_clock::now();
};

}  // namespace
}  // namespace lanecrypt::soak

int main(int argc, char** argv) {
  using namespace lanecrypt::soak;
  try {
    const Wishes wishes = parse({argv, static_cast<std::size_t>(argc)});
    if (wishes.help) return std::printf("%s", usage) < 0;
    return Run(wishes).all();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lanecrypt_soak_differential: %s\n", error.what());
    return 2;
  }
}
