// lanecrypt_bench_micro: the parts in isolation, by Google Benchmark. One thread, no comparison: where time goes and
// whether a change moved it. The figures that this project is judged by are in lanecrypt_bench_figures.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "constant_time.hpp"
#include "cost_loop.hpp"
#include "entropy.hpp"
#include "kernel_jobs.hpp"
#include "plan.hpp"
#include "radix64.hpp"
#include "self_test.hpp"

namespace {

using namespace lanecrypt;
using namespace lanecrypt::bench;
using benchmark::State;

constexpr unsigned group_cost = 5;
constexpr std::size_t batch_sizes[] = {1, 2, 3, 4, 8, 20, 64};
constexpr std::size_t plan_sizes[] = {10'000, 1'000'000};

void count_hashes(State& state, std::size_t hashes_per_iteration) {
  state.counters["hashes/s"] =
      benchmark::Counter(static_cast<double>(hashes_per_iteration), benchmark::Counter::kIsIterationInvariantRate);
}

// One lane group, as a thread of a batch computes it.
void group(State& state, const Engine& engine, unsigned lanes) {
  const std::vector<Sample> samples = make_samples(lanes, group_cost);
  std::vector<HashText> hashes(lanes);
  std::vector<Job> jobs;
  jobs.reserve(lanes);
  for (unsigned l = 0; l < lanes; ++l) jobs.push_back(make_job(samples[l], hashes[l]));
  const Scratch scratch(engine);
  Control control({}, lanes);
  for (auto _ : state) {
    if (run_group(engine, scratch.data(), jobs, control, false) != Status::ok) return state.SkipWithError("no hash");
  }
  count_hashes(state, lanes);
}

void hash_by_crypt_r(State& state, unsigned cost) {
  const std::vector<Sample> samples = make_samples(1, cost);
  Libcrypt libcrypt;
  for (auto _ : state) {
    benchmark::DoNotOptimize(libcrypt.hash(samples[0].password.c_str(), samples[0].setting.c_str()));
  }
  count_hashes(state, 1);
}

void hash_by_lanecrypt(State& state, unsigned cost) {
  const Sample sample = make_samples(1, cost)[0];
  const lanecrypt_options options = make_options(1);
  char hash[LANECRYPT_HASH_SIZE];
  for (auto _ : state) {
    const lanecrypt_status status = lanecrypt_hash(sample.password.data(), sample.password.size(),
                                                   sample.setting.data(), sample.setting.size(), &options, hash);
    if (status != LANECRYPT_OK) return state.SkipWithError(lanecrypt_status_text(status));
  }
  count_hashes(state, 1);
}

void batch(State& state, std::size_t count, unsigned cost) {
  const std::vector<Sample> samples = make_samples(count, cost);
  const lanecrypt_options options = make_options(1);
  Batch jobs(samples, Batch::Salts::given);
  for (auto _ : state) jobs.run(options);
  jobs.check_ended(LANECRYPT_OK);
  count_hashes(state, count);
}

// costs: how many different ones, 10 and more.
void plan(State& state, std::size_t count, unsigned threads, unsigned costs) {
  std::vector<std::uint8_t> cost_of_job(count);
  for (std::size_t i = 0; i < count; ++i) cost_of_job[i] = static_cast<std::uint8_t>(10 + i % costs);
  const Engine& engine = *choose_engine({}).engine;
  for (auto _ : state) {
    benchmark::DoNotOptimize(make_plan(width_times(engine, engine.lanes), cost_of_job, threads));
  }
  state.counters["jobs/s"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate);
}

constexpr std::string_view sample_hash = "$2a$04$......................JjuKLOX9OOwo5PceZZXSkaLDvdmgb82";

void parse_setting(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Setting::parse(sample_hash.substr(0, setting_length)));
}

void parse_whole_hash(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_hash(sample_hash));
}

void draw_setting(State& state) {
  for (auto _ : state) {
    Salt salt;
    if (!draw_salt(salt)) return state.SkipWithError("no entropy");
    benchmark::DoNotOptimize(Setting::make('b', 10, salt));
  }
}

void encode_digest(State& state) {
  std::array<std::uint8_t, digest_bytes> digest{};
  std::array<char, radix64_length(digest_bytes)> text{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(digest.data());
    radix64_encode(digest, text.data());
    benchmark::DoNotOptimize(text.data());
    benchmark::ClobberMemory();
  }
}

void decode_digest(State& state) {
  std::array<std::uint8_t, digest_bytes> digest{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(radix64_decode(&sample_hash[setting_length], digest));
    benchmark::ClobberMemory();
  }
}

// difference: the index of the character in which the two differ. The times must not depend on it.
void compare(State& state, std::size_t difference) {
  std::string other(sample_hash);
  if (difference < other.size()) other[difference] = '!';
  for (auto _ : state) {
    benchmark::DoNotOptimize(constant_time_equal(sample_hash.data(), other.data(), hash_length));
    benchmark::ClobberMemory();
  }
}

void run_self_test(State& state, const Engine& engine) {
  for (auto _ : state) {
    if (self_test(engine, all_widths(engine)) != Verdict::right) return state.SkipWithError("self-test failed");
  }
}

template <typename F>
benchmark::internal::Benchmark* add(const std::string& name, F f) {
  return benchmark::RegisterBenchmark(name.c_str(), f);
}

void add_engines() {
  for (const Engine* const engine : engine_table()) {
    if (engine_verdict(*engine) != Verdict::right) continue;
    const std::string name = engine->name;
    for (unsigned lanes = 1; lanes <= engine->lanes; ++lanes) {
      add("group/" + name + "/cost:" + std::to_string(group_cost) + "/lanes:" + std::to_string(lanes),
          [engine, lanes](State& state) { group(state, *engine, lanes); })
          ->Unit(benchmark::kMillisecond);
    }
    add("self_test/" + name, [engine](State& state) { run_self_test(state, *engine); })->Unit(benchmark::kMillisecond);
  }
}

void add_hashes() {
  for (const unsigned cost : {5U, 10U}) {
    const std::string of_cost = "/cost:" + std::to_string(cost);
    add("hash/crypt_r" + of_cost, [cost](State& state) {
      hash_by_crypt_r(state, cost);
    })->Unit(benchmark::kMillisecond);
    add("hash/lanecrypt" + of_cost, [cost](State& state) {
      hash_by_lanecrypt(state, cost);
    })->Unit(benchmark::kMillisecond);
    for (const std::size_t count : batch_sizes) {
      add("batch/one_thread" + of_cost + "/jobs:" + std::to_string(count), [count, cost](State& state) {
        batch(state, count, cost);
      })->Unit(benchmark::kMillisecond);
    }
  }
}

void add_plans() {
  for (const std::size_t count : plan_sizes) {
    for (const unsigned threads : {1U, 6U}) {
      for (const unsigned costs : {1U, 4U}) {
        add("plan/jobs:" + std::to_string(count) + "/threads:" + std::to_string(threads) +
                "/costs:" + std::to_string(costs),
            [count, threads, costs](State& state) { plan(state, count, threads, costs); })
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

void add_texts() {
  add("setting/parse", parse_setting);
  add("setting/parse_hash", parse_whole_hash);
  add("setting/draw", draw_setting);
  add("radix64/encode_digest", encode_digest);
  add("radix64/decode_digest", decode_digest);
  add("verify/compare/equal", [](State& state) { compare(state, hash_length); });
  add("verify/compare/first_differs", [](State& state) { compare(state, 0); });
  add("verify/compare/last_differs", [](State& state) { compare(state, hash_length - 1); });
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const char* const wished = wished_engine();
  const EngineChoice choice = choose_engine(wished == nullptr ? std::string_view{} : std::string_view(wished));
  if (choice.engine == nullptr || choice.failed > 0) {
    std::fprintf(stderr, "lanecrypt_bench_micro: %s\n",
                 choice.failed > 0 ? "an engine failed its self-test" : "the engine asked for cannot run here");
    return 1;
  }
  benchmark::AddCustomContext("lanecrypt", lanecrypt_version());
  benchmark::AddCustomContext("engine of hash/lanecrypt and batch", choice.engine->name);
  add_engines();
  add_hashes();
  add_plans();
  add_texts();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
