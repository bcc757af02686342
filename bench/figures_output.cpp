// The table of figures as text and Markdown: the same cells in two frames.
#include <algorithm>
#include <ostream>
#include <string_view>

#include "decimal.hpp"
#include "figures.hpp"
#include "lanecrypt/lanecrypt.h"
#include "program.hpp"

namespace lanecrypt::bench {

std::optional<bool> Figure::met() const {
  if (!bar || !best) return std::nullopt;
  return bar->kind == Bar::Kind::at_least ? *best >= bar->value : *best <= bar->value;
}

bool Figures::all_met() const {
  return std::none_of(figures.begin(), figures.end(), [](const Figure& f) { return f.met() == false; });
}

namespace {

using Row = Cells;

// First row: the heads of the columns.
using Table = std::vector<Row>;

std::string value_cell(const Figure& figure, std::optional<double> value) {
  if (!value) return "";
  if (figure.unit == "bytes") return decimal(*value, 0) + " bytes";
  return decimal(*value, 2) + " " + figure.unit;
}

std::string bar_cell(const Figure& figure) {
  if (!figure.bar) return "";
  std::string bar =
      (figure.bar->kind == Bar::Kind::at_least ? ">= " : "<= ") + decimal(figure.bar->value, 2) + " " + figure.unit;
  const std::optional<bool> met = figure.met();
  if (!met) return bar;
  return bar + (*met ? ", met" : ", MISSED");
}

Table figure_table(const Figures& figures) {
  Table table = {{"figure", "best", "median", "bar", "measured"}};
  for (const Figure& figure : figures.figures) {
    const std::string best = figure.best ? value_cell(figure, figure.best) : "not measured";
    table.push_back({figure.text, best, value_cell(figure, figure.median), bar_cell(figure), figure.detail});
  }
  return table;
}

std::string join(const std::vector<std::uint32_t>& widths) {
  std::string text;
  for (const std::uint32_t width : widths) {
    if (!text.empty()) text += '+';
    text += std::to_string(width);
  }
  return text;
}

Table plan_table(const Figures& figures) {
  Table table = {{"threads", "groups of 20 jobs", "predicted", "best", "median"}};
  for (const PlanRow& row : figures.plan) {
    table.push_back({std::to_string(row.threads), join(row.widths), decimal(row.predicted, 2) + " x",
                     row.best ? decimal(*row.best, 2) + " x" : "predicted only",
                     row.median ? decimal(*row.median, 2) + " x" : ""});
  }
  return table;
}

// What was measured and where, a sentence each.
Row notes(const Figures& figures) {
  const Machine& m = figures.machine;
  Row notes = {"lanecrypt " + std::string(lanecrypt_version()) + ", engine " + figures.engine + ", beside " +
                   m.libcrypt + "; best and median of " + std::to_string(figures.rounds) + " alternating rounds.",
               m.cpu + ", " + describe_l1d(m) + "; " + std::to_string(m.cores) + " cores online, a budget of " +
                   std::to_string(m.threads) + " threads; " + m.compiler + ", " + m.build_type + "; load average " +
                   decimal(m.load, 2) + " at the start."};
  // The average of a quiet machine's last minute is below this even where a build has just ended.
  if (m.load > 0.5) notes.emplace_back("The machine was not quiet: rows of two threads say little.");
  return notes;
}

constexpr std::string_view plan_note =
    "The plan of 20 jobs at cost 10: time until the last thread ends, over the time of a single hash.";

}  // namespace

void write_text(std::ostream& out, const Figures& figures) {
  for (const std::string& note : notes(figures)) out << note << '\n';
  out << '\n';
  print_text(out, figure_table(figures));
  out << '\n' << plan_note << '\n';
  print_text(out, plan_table(figures));
}

void write_markdown(std::ostream& out, const Figures& figures) {
  out << "# Figures\n\nPrinted by `lanecrypt_bench_figures --markdown`; how each is measured is in bench/README.md.\n";
  for (const std::string& note : notes(figures)) out << '\n' << note << '\n';
  out << '\n';
  print_markdown(out, figure_table(figures));
  out << '\n' << plan_note << "\n\n";
  print_markdown(out, plan_table(figures));
}

}  // namespace lanecrypt::bench
