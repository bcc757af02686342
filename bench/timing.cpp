// lanecrypt_bench_timing: what a failed login's time tells, and what the comparison's. See bench/README.md.
#include "timing.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>

#include "decimal.hpp"
#include "lanecrypt/lanecrypt.h"
#include "program.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {

bool Timing::all_met() const {
  return std::all_of(logins.begin(), logins.end(), [](const Login& login) { return login.met(); }) &&
         std::all_of(leaks.begin(), leaks.end(), [](const Leak& leak) { return leak.met(); });
}

namespace {

constexpr std::string_view usage =
    "usage: lanecrypt_bench_timing [--small] [--rounds N] [--check] [--json FILE] [--markdown FILE]\n"
    "  --small     a few rounds at cost 4: does it run? Says nothing about time\n"
    "  --rounds    alternating rounds of the verifications after an untimed one (default 61)\n"
    "  --check     exit with 1 if a bar is missed\n";

std::string met(bool is) { return is ? "met" : "MISSED"; }

std::string percent_cell(const Login& login) {
  std::string text(login.percent < 0 ? "" : "+");
  text.append(decimal(login.percent, 2)).append(" %");
  return login.barred ? text + ", " + met(login.met()) : text;
}

std::string t_cell(const Leak& leak) {
  return decimal(leak.t, 2) + (leak.planted ? ", must be found: " : ", ") + met(leak.met());
}

std::vector<std::string> notes(const Timing& timing) {
  const Machine& m = timing.machine;
  std::vector<std::string> notes = {
      "lanecrypt " + std::string(lanecrypt_version()) + ", engine " + timing.engine + ", cost " +
          std::to_string(timing.wishes.cost) + "; best and median of " + std::to_string(timing.wishes.rounds) +
          " alternating rounds on one thread.",
      m.cpu + "; " + m.compiler + "; load average " + decimal(m.load, 2) + " at the start.",
      "Bars: medians within " + decimal(bars::apart_percent_max, 0) + " % of a wrong password's; Welch's t below " +
          decimal(bars::t_max, 1) + ", and at least " + decimal(bars::planted_t_min, 0) +
          " where a comparison that leaves early was planted."};
  if (m.load > 0.5) notes.emplace_back("The machine was not quiet.");
  return notes;
}

void write_text(std::ostream& out, const Timing& timing) {
  for (const std::string& note : notes(timing)) out << note << "\n\n";
  out << "| verification | jobs in a call | best, ms | median, ms | over a wrong password |\n|---|---|---|---|---|\n";
  for (const Login& login : timing.logins) {
    out << "| " << login.text << " | " << login.jobs << " | " << decimal(login.seconds.best * 1e3, 3) << " | "
        << decimal(login.seconds.median * 1e3, 3) << " | " << percent_cell(login) << " |\n";
  }
  out << "\n| comparison, in two classes | measured | median, ns | largest t |\n|---|---|---|---|\n";
  for (const Leak& leak : timing.leaks) {
    out << "| " << leak.text << " | " << leak.measured << " | " << decimal(leak.nanoseconds, 0) << " | " << t_cell(leak)
        << " |\n";
  }
}

void write_markdown(std::ostream& out, const Timing& timing) {
  out << "# Timing\n\nPrinted by `./dev bench timing`; how it is measured is in bench/README.md.\n\n";
  write_text(out, timing);
}

// The CPU's name is the one text that others wrote, and it has neither quotes nor backslashes.
void write_json(std::ostream& out, const Timing& timing) {
  out << "{\n  \"version\": \"" << lanecrypt_version() << "\",\n  \"engine\": \"" << timing.engine
      << "\",\n  \"cpu\": \"" << timing.machine.cpu << "\",\n  \"load_average\": " << decimal(timing.machine.load, 2)
      << ",\n  \"logins\": [";
  const char* before = "\n    ";
  for (const Login& login : timing.logins) {
    out << before << R"({"what": ")" << login.text << R"(", "jobs": )" << login.jobs << R"(, "median_ms": )"
        << decimal(login.seconds.median * 1e3, 4) << R"(, "percent": )" << decimal(login.percent, 2) << '}';
    before = ",\n    ";
  }
  out << "\n  ],\n  \"comparisons\": [";
  before = "\n    ";
  for (const Leak& leak : timing.leaks) {
    out << before << R"({"what": ")" << leak.text << R"(", "measured": )" << leak.measured << R"(, "t": )"
        << decimal(leak.t, 2) << '}';
    before = ",\n    ";
  }
  out << "\n  ]\n}\n";
}

std::string engine_name() {
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  const lanecrypt_options options = make_options(1);
  if (lanecrypt_plan(1, &options, nullptr, 0, &plan) != LANECRYPT_OK) throw Fault("the engine cannot run here");
  return plan.engine;
}

ExitStatus run(std::span<char*> arguments) {
  TimingWishes wishes;
  const Outputs outputs =
      parse_arguments(arguments, [&](std::string_view argument, const std::function<std::string()>& value) {
        if (argument == "--small") {
          wishes = {4, 5, 50'000};
        } else if (argument == "--rounds") {
          wishes.rounds = parse_count(value());
        } else {
          return false;
        }
        return true;
      });
  if (outputs.help) {
    std::cout << usage;
    return done;
  }
  Timing timing{engine_name(), wishes, describe_machine(), {}, {}};
  std::cerr << "measuring: verifications\n";
  timing.logins = measure_logins(wishes);
  std::cerr << "measuring: comparisons\n";
  timing.leaks = measure_compares(wishes);
  write_text(std::cout, timing);
  save(outputs.json, [&](std::ostream& out) { write_json(out, timing); });
  save(outputs.markdown, [&](std::ostream& out) { write_markdown(out, timing); });
  return outputs.check && !timing.all_met() ? bar_missed : done;
}

}  // namespace
}  // namespace lanecrypt::bench

int main(int argc, char** argv) {
  using namespace lanecrypt::bench;
  return run_program("lanecrypt_bench_timing", [&] { return run({argv, static_cast<std::size_t>(argc)}); });
}
