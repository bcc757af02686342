// Relative times of group widths. See the header.
#include "widths.hpp"

#include <algorithm>
#include <ostream>

#include "alternate.hpp"
#include "cost_loop.hpp"
#include "decimal.hpp"
#include "kernel_jobs.hpp"
#include "machine.hpp"
#include "self_test.hpp"
#include "width.hpp"

namespace lanecrypt::bench {
namespace {

// 256 iterations: begin and finish are below half a per cent of a group, as they are in any cost that protects
// somebody.
constexpr unsigned cost = 8;

// Groups of one engine on one thread.
class Groups {
 public:
  explicit Groups(const Engine& engine)
      : engine_(engine), samples_(make_samples(engine.lanes, cost)), hashes_(engine.lanes), scratch_(engine) {
    Libcrypt libcrypt;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const Sample& sample = samples_[i];
      expected_.emplace_back(libcrypt.hash(sample.password.c_str(), sample.setting.c_str()));
      jobs_.push_back(make_job(sample, hashes_[i]));
    }
  }

  Contestant of_width(unsigned width) {
    return {[this, width] { run(width); }, [this, width] { check(width); }};
  }

 private:
  void run(unsigned width) {
    Control control({}, width);
    const Status status = run_group(engine_, scratch_.data(), {jobs_.data(), width}, control, false);
    if (status != Status::ok) throw Fault("a group did not end well");
  }

  void check(unsigned width) {
    for (unsigned l = 0; l < width; ++l) {
      if (std::string_view(hashes_[l].data(), hash_length) != expected_[l])
        throw Fault("a lane's hash is not libcrypt's");
      hashes_[l].fill(0);
    }
  }

  const Engine& engine_;
  std::vector<Sample> samples_;
  std::vector<HashText> hashes_;
  std::vector<std::string> expected_;
  std::vector<Job> jobs_;
  Scratch scratch_;
};

void print_engine(std::ostream& out, const Engine& engine, unsigned rounds) {
  Groups groups(engine);
  std::vector<Contestant> widths;
  for (unsigned w = 1; w <= engine.lanes; ++w) widths.push_back(groups.of_width(w));
  const std::vector<Times> times = alternate(widths, rounds);

  const WidthChoice choice = choose_width(engine, this_cpu());
  out << "// " << engine.name << " is used with up to " << choice.width << " lanes here: " << text(choice.reason)
      << ".\n";
  const auto disturbed = [](const Times& t) { return t.median > 1.05 * t.best; };
  if (std::any_of(times.begin(), times.end(), disturbed)) out << "// The machine was not quiet: do not use this row.\n";
  out << "// " << engine.name << ", cost " << cost << ", hashes per second of 1.." << engine.lanes << " lanes:";
  for (unsigned w = 1; w <= engine.lanes; ++w) out << ' ' << decimal(w / times[w - 1].best, 0);
  out << "\n.relative_time = {0, 1";
  for (unsigned w = 2; w <= engine.lanes; ++w) out << ", " << decimal(times[w - 1].best / times[0].best, 2);
  out << "},\n";
}

}  // namespace

void print_widths(std::ostream& out, unsigned rounds) {
  const Machine machine = describe_machine();
  out << "// " << machine.cpu << ", " << describe_l1d(machine) << ".\n";
  for (const Engine* const engine : engine_table()) {
    if (engine->lanes > 1 && engine->divisible && engine_verdict(*engine) == Verdict::right) {
      print_engine(out, *engine, rounds);
    }
  }
}

}  // namespace lanecrypt::bench
