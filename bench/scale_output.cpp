// Scale as text, Markdown and JSON.
#include <ostream>

#include "decimal.hpp"
#include "lanecrypt/lanecrypt.h"
#include "program.hpp"
#include "scale.hpp"

namespace lanecrypt::bench {
namespace {

std::string region_cell(const ScaleRow& row) {
  if (row.looks < 2) return "not seen: the batch was too short";
  return std::to_string(row.region_calls) + " in " + std::to_string(row.looks) + " looks, " + met(row.quiet());
}

std::string linear_cell(const ScaleRow& row) {
  std::string text(row.linear_percent < 0 ? "" : "+");
  text.append(decimal(row.linear_percent, 2)).append(" %, ").append(met(row.linear()));
  return text;
}

std::vector<std::string> cells(const ScaleRow& row) {
  const std::string repeats = row.repeats > 1 ? " (" + std::to_string(row.repeats) + " in a turn)" : "";
  return {std::to_string(row.jobs) + repeats,
          std::to_string(row.threads),
          decimal(row.job_seconds.best * 1e6, 2),
          decimal(row.job_seconds.median * 1e6, 2),
          linear_cell(row),
          decimal(row.job_heap_bytes, 1) + " bytes, " + met(row.bounded()),
          decimal(static_cast<double>(row.heap_peak) / (1024 * 1024), 1) + " MiB",
          std::to_string(row.calls) + ", " + met(row.few_calls()),
          region_cell(row)};
}

std::vector<std::string> notes(const Scale& scale) {
  const Machine& m = scale.machine;
  std::vector<std::string> notes = {
      "lanecrypt " + std::string(lanecrypt_version()) + ", engine " + scale.engine +
          ", cost 4, salts drawn; best and median of " + std::to_string(scale.rounds) + " alternating rounds.",
      m.cpu + ", " + describe_l1d(m) + "; " + std::to_string(m.cores) + " cores online, a budget of " +
          std::to_string(m.threads) + " threads; " + m.compiler + "; load average " + decimal(m.load, 2) +
          " at the start.",
      "Bars: time for each job within " + decimal(bars::linear_percent_max, 0) +
          " % of the smallest batch's on as many threads; at most " + decimal(bars::job_heap_bytes_max, 0) +
          " bytes of heap for each job, on top of a small batch's and of the caller's array of " +
          std::to_string(sizeof(lanecrypt_hash_job)) + " bytes a job; at most " + std::to_string(bars::calls_max) +
          " allocations in a call, and none while groups are computed."};
  if (m.load > 0.5) notes.emplace_back("The machine was not quiet.");
  return notes;
}

void print_table(std::ostream& out, const Scale& scale) {
  out << "| jobs | threads | best, us a job | median | over the smallest batch | heap for each job | heap at its peak "
         "| "
         "allocations in a call | while groups are computed |\n|---|---|---|---|---|---|---|---|---|\n";
  for (const ScaleRow& row : scale.rows) {
    out << '|';
    for (const std::string& cell : cells(row)) out << ' ' << cell << " |";
    out << '\n';
  }
}

void write_row(std::ostream& out, const ScaleRow& row) {
  out << "{\"jobs\": " << row.jobs << ", \"threads\": " << row.threads << ", \"repeats\": " << row.repeats
      << ", \"best_us\": " << decimal(row.job_seconds.best * 1e6, 3)
      << ", \"median_us\": " << decimal(row.job_seconds.median * 1e6, 3)
      << ", \"linear_percent\": " << decimal(row.linear_percent, 3) << ", \"heap_peak_bytes\": " << row.heap_peak
      << ", \"job_heap_bytes\": " << decimal(row.job_heap_bytes, 2) << ", \"allocations\": " << row.calls
      << ", \"allocations_in_region\": " << row.region_calls << ", \"looks\": " << row.looks << '}';
}

}  // namespace

void write_text(std::ostream& out, const Scale& scale) {
  for (const std::string& note : notes(scale)) out << note << '\n';
  out << '\n';
  print_table(out, scale);
}

void write_markdown(std::ostream& out, const Scale& scale) {
  out << "# Scale\n\nPrinted by `./dev bench scale`; how it is measured is in bench/README.md.\n";
  for (const std::string& note : notes(scale)) out << '\n' << note << '\n';
  out << '\n';
  print_table(out, scale);
}

void write_json(std::ostream& out, const Scale& scale) {
  // The CPU's name is the one text that others wrote, and it has neither quotes nor backslashes.
  out << "{\n  \"version\": \"" << lanecrypt_version() << "\",\n  \"engine\": \"" << scale.engine
      << "\",\n  \"cpu\": \"" << scale.machine.cpu << "\",\n  \"threads\": " << scale.machine.threads
      << ",\n  \"load_average\": " << decimal(scale.machine.load, 2) << ",\n  \"rounds\": " << scale.rounds
      << ",\n  \"rows\": [";
  const char* before = "\n    ";
  for (const ScaleRow& row : scale.rows) {
    out << before;
    write_row(out, row);
    before = ",\n    ";
  }
  out << "\n  ]\n}\n";
}

}  // namespace lanecrypt::bench
