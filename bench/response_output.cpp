// Response as text, Markdown and JSON.
#include <lanecrypt/lanecrypt.h>

#include <algorithm>
#include <ostream>

#include "decimal.hpp"
#include "program.hpp"
#include "response.hpp"

namespace lanecrypt::bench {
namespace {

std::string ended_by(const ResponseRow& row) {
  std::string text = row.ending == Ending::deadline ? "deadline" : "cancel";
  if (row.ending == Ending::cancel_before_deadline) text += ", with a deadline";
  if (row.verifies) text += ", verifying";
  if (row.to_the_end) text += ", at any moment";
  if (row.waits) text += ", waiting for its turn";
  return text;
}

std::string bar_cell(const ResponseRow& row) {
  const std::optional<bool> met = row.met();
  if (!met) return "";
  return "<= " + decimal(bars::response_ms_max, 0) + (*met ? ", met" : ", MISSED");
}

Cells cells(const ResponseRow& row) {
  Cells cells = {"no batch: a thread that sleeps", "", "", "", ""};
  if (!row.engine.empty()) {
    cells = {row.engine, std::to_string(row.cost), std::to_string(row.jobs), std::to_string(row.threads),
             ended_by(row)};
  }
  for (const double ms : {row.p50, row.p99, row.p100}) cells.push_back(decimal(ms, 2));
  cells.push_back(row.behind_p100 ? decimal(*row.behind_p100, 2) : "");
  cells.push_back(row.busy_p100 && !row.waits ? decimal(*row.busy_p100, 2) : "");
  cells.push_back(decimal(row.stolen_p100, 0));
  cells.push_back(bar_cell(row));
  return cells;
}

std::vector<Cells> table(const Response& response) {
  std::vector<Cells> table = {{"engine", "cost", "jobs", "threads", "ended by", "p50, ms", "p99", "p100",
                               "p100 behind the hash in hand", "most computing", "stolen from the slowest",
                               "bar of the slowest"}};
  for (const ResponseRow& row : response.rows) table.push_back(cells(row));
  return table;
}

Cells notes(const Response& response) {
  const Machine& m = response.machine;
  Cells notes = {"lanecrypt " + std::string(lanecrypt_version()) +
                     ": milliseconds from deadline or cancel flag to the "
                     "return of the call, of " +
                     std::to_string(response.runs) +
                     " runs each, each ended at a moment of "
                     "its own.",
                 m.cpu + "; " + std::to_string(m.cores) + " cores online, a budget of " + std::to_string(m.threads) +
                     " threads; " + m.compiler + ", " + m.build_type + "; load average " + decimal(m.load, 2) +
                     " at the start."};
  if (m.load > 0.5) notes.emplace_back("The machine was not quiet: the first row says how late it wakes a thread.");
  return notes;
}

void write_row(std::ostream& out, const ResponseRow& row) {
  out << R"({"engine": ")" << row.engine << R"(", "cost": )" << row.cost << R"(, "jobs": )" << row.jobs
      << R"(, "threads": )" << row.threads << R"(, "ended_by": ")" << ended_by(row) << R"(", "waits": )"
      << (row.waits ? "true" : "false") << R"(, "verifies": )" << (row.verifies ? "true" : "false") << R"(, "p50_ms": )"
      << decimal(row.p50, 3) << R"(, "p99_ms": )" << decimal(row.p99, 3) << R"(, "p100_ms": )" << decimal(row.p100, 3)
      << R"(, "busy_p100_ms": )" << (row.busy_p100 ? decimal(*row.busy_p100, 3) : "null") << R"(, "stolen_p100_ms": )"
      << decimal(row.stolen_p100, 0) << R"(, "behind_hash_p100_ms": )"
      << (row.behind_p100 ? decimal(*row.behind_p100, 3) : "null") << R"(, "bar_ms": )"
      << decimal(bars::response_ms_max, 0) << '}';
}

}  // namespace

std::string describe(const ResponseRow& row) {
  std::string text;
  for (const std::string& cell : {row.engine, std::to_string(row.cost), std::to_string(row.jobs)}) text += cell + " ";
  return text + std::to_string(row.threads) + " " + ended_by(row);
}

std::string result(const ResponseRow& row) {
  return "p50 " + decimal(row.p50, 2) + ", p99 " + decimal(row.p99, 2) + ", p100 " + decimal(row.p100, 2) + " ms, " +
         (row.behind_p100 ? "behind the hash in hand " + decimal(*row.behind_p100, 2) + ", " : "") + "stolen " +
         decimal(row.stolen_p100, 0) + "; bar " + bar_cell(row);
}

void write_text(std::ostream& out, const Response& response) {
  for (const std::string& note : notes(response)) out << note << '\n';
  out << '\n';
  print_text(out, table(response));
}

void write_markdown(std::ostream& out, const Response& response) {
  out << "# Response\n\nPrinted by `lanecrypt_bench_response --markdown`; how it is measured is in bench/README.md.\n";
  for (const std::string& note : notes(response)) out << '\n' << note << '\n';
  out << '\n';
  print_markdown(out, table(response));
}

void write_json(std::ostream& out, const Response& response) {
  // The CPU's name is the one text that others wrote, and it has neither quotes nor backslashes.
  out << "{\n  \"version\": \"" << lanecrypt_version() << "\",\n  \"cpu\": \"" << response.machine.cpu
      << "\",\n  \"threads\": " << response.machine.threads
      << ",\n  \"load_average\": " << decimal(response.machine.load, 2) << ",\n  \"runs\": " << response.runs
      << ",\n  \"rows\": [";
  const char* before = "\n    ";
  for (const ResponseRow& row : response.rows) {
    out << before;
    write_row(out, row);
    before = ",\n    ";
  }
  out << "\n  ]\n}\n";
}

}  // namespace lanecrypt::bench
