// lanecrypt_bench_peer: our side of `./dev bench peers`, and libcrypt's. A worker that hashes what it is asked for,
// line by line; the protocol is in bench/README.md.
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "control.hpp"
#include "cost_loop.hpp"
#include "kernel_jobs.hpp"
#include "self_test.hpp"
#include "workload.hpp"

namespace {

using namespace lanecrypt;
using namespace lanecrypt::bench;

constexpr std::string_view usage =
    "usage: lanecrypt_bench_peer engines           the engines that run here: name and widest group\n"
    "       lanecrypt_bench_peer batch [ENGINE]    lanecrypt_hash_batch\n"
    "       lanecrypt_bench_peer single [ENGINE]   lanecrypt_hash, one after the other\n"
    "       lanecrypt_bench_peer group ENGINE      one lane group below the C ABI\n"
    "       lanecrypt_bench_peer crypt_r           libcrypt\n"
    "A request is a line COUNT COST THREADS TIMES; the answer is the nanoseconds and COUNT hashes, a line each.\n";

struct Request {
  std::size_t count = 0;
  unsigned cost = 0;
  unsigned threads = 0;
  std::size_t times = 0;
};

// What hashes. One is made for each request: its constructor prepares what the clock should not see.
class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;
  virtual void run() = 0;
  virtual std::string hash(std::size_t i) const = 0;
};

class BatchSubject final : public Subject {
 public:
  BatchSubject(const std::vector<Sample>& samples, const Request& request)
      : batch_(samples, Batch::Salts::given), options_(make_options(request.threads)) {}
  void run() override { batch_.run(options_); }
  std::string hash(std::size_t i) const override {
    if (i == 0) batch_.check_ended(LANECRYPT_OK);
    return batch_.hash(i);
  }

 private:
  Batch batch_;
  lanecrypt_options options_;
};

class SingleSubject final : public Subject {
 public:
  explicit SingleSubject(const std::vector<Sample>& samples) : samples_(samples), hashes_(samples.size()) {}
  void run() override {
    const lanecrypt_options options = make_options(1);
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const auto& [password, setting] = samples_[i];
      lanecrypt_hash(password.data(), password.size(), setting.data(), setting.size(), &options, hashes_[i].data());
    }
  }
  std::string hash(std::size_t i) const override { return hashes_[i].data(); }

 private:
  const std::vector<Sample>& samples_;
  std::vector<std::array<char, LANECRYPT_HASH_SIZE>> hashes_;
};

class GroupSubject final : public Subject {
 public:
  GroupSubject(const Engine& engine, const std::vector<Sample>& samples)
      : engine_(engine), hashes_(samples.size()), scratch_(engine) {
    if (samples.empty() || samples.size() > engine.lanes) throw Fault("the engine has no group of that width");
    for (std::size_t i = 0; i < samples.size(); ++i) jobs_.push_back(make_job(samples[i], hashes_[i]));
  }
  void run() override {
    Control control({}, jobs_.size());
    if (run_group(engine_, scratch_.data(), jobs_, control, false) != Status::ok) throw Fault("a group failed");
  }
  std::string hash(std::size_t i) const override { return {hashes_[i].data(), hash_length}; }

 private:
  const Engine& engine_;
  std::vector<HashText> hashes_;
  std::vector<Job> jobs_;
  Scratch scratch_;
};

class LibcryptSubject final : public Subject {
 public:
  LibcryptSubject(const std::vector<Sample>& samples, unsigned threads)
      : samples_(samples), hashes_(samples.size()), libcrypts_(threads) {}
  void run() override {
    std::vector<std::thread> others;
    for (std::size_t t = 1; t < libcrypts_.size(); ++t) others.emplace_back([this, t] { run_share(t); });
    run_share(0);
    for (std::thread& other : others) other.join();
  }
  std::string hash(std::size_t i) const override { return hashes_[i]; }

 private:
  void run_share(std::size_t thread) {
    for (std::size_t i = thread; i < samples_.size(); i += libcrypts_.size()) {
      hashes_[i] = libcrypts_[thread].hash(samples_[i].password.c_str(), samples_[i].setting.c_str());
    }
  }

  const std::vector<Sample>& samples_;
  std::vector<std::string> hashes_;
  std::vector<Libcrypt> libcrypts_;  // one for each thread
};

const Engine& engine_named(std::string_view name) {
  for (const Engine* const engine : engine_table()) {
    if (engine->name == name && engine_verdict(*engine) == Verdict::right) return *engine;
  }
  throw Fault("no such engine runs here: " + std::string(name));
}

std::unique_ptr<Subject> make_subject(std::string_view kind, const std::string& engine,
                                      const std::vector<Sample>& samples, const Request& request) {
  if (kind == "batch") return std::make_unique<BatchSubject>(samples, request);
  if (kind == "single") return std::make_unique<SingleSubject>(samples);
  if (kind == "group") return std::make_unique<GroupSubject>(engine_named(engine), samples);
  return std::make_unique<LibcryptSubject>(samples, request.threads);
}

void answer(std::string_view kind, const std::string& engine, const Request& request) {
  const std::vector<Sample> samples = make_samples(request.count, request.cost);
  const std::unique_ptr<Subject> subject = make_subject(kind, engine, samples, request);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (std::size_t t = 0; t < request.times; ++t) subject->run();
  const std::chrono::nanoseconds elapsed = Clock::now() - start;
  std::cout << elapsed.count() << '\n';
  for (std::size_t i = 0; i < request.count; ++i) std::cout << subject->hash(i) << '\n';
  std::cout.flush();
}

void serve(std::string_view kind, const std::string& engine) {
  for (std::string line; std::getline(std::cin, line);) {
    Request request;
    std::istringstream(line) >> request.count >> request.cost >> request.threads >> request.times;
    if (request.times == 0) throw Fault("a request is COUNT COST THREADS TIMES");
    answer(kind, engine, request);
  }
}

void print_engines() {
  for (const Engine* const engine : engine_table()) {
    if (engine_verdict(*engine) == Verdict::right) std::cout << engine->name << ' ' << engine->lanes << '\n';
  }
}

void run(const std::vector<std::string>& arguments) {
  const std::string kind = arguments.empty() ? "" : arguments[0];
  const std::string engine = arguments.size() > 1 ? arguments[1] : "";
  if (kind == "engines") return print_engines();
  if (kind != "batch" && kind != "single" && kind != "group" && kind != "crypt_r") throw Fault(std::string(usage));
  // The C ABI takes its engine as the other benchmarks do.
  if (!engine.empty() && setenv("LANECRYPT_ENGINE", engine.c_str(), 1) != 0) throw Fault("no environment");
  serve(kind, engine);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanecrypt_bench_peer: " << error.what() << '\n';
    return 2;
  }
}
