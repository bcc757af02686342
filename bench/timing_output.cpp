// What lanecrypt_bench_timing prints.
#include <ostream>
#include <string>
#include <vector>

#include "decimal.hpp"
#include "lanecrypt/lanecrypt.h"
#include "program.hpp"
#include "timing.hpp"

namespace lanecrypt::bench {

namespace {

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

}  // namespace

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

}  // namespace lanecrypt::bench
