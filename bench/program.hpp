// What programs with a table of figures have in common: arguments, files, exit status, tables.
#pragma once

#include <functional>
#include <iostream>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lanecrypt::bench {

enum ExitStatus { done = 0, bar_missed = 1, wrong = 2 };

// The arguments that all of them take: --json FILE, --markdown FILE, --check (exit with bar_missed), --help.
struct Outputs {
  std::string json;
  std::string markdown;
  bool check = false;
  bool help = false;
};

// Takes an argument of the program's own, and its value where it has one. False: it has no such argument.
using OwnArgument = std::function<bool(std::string_view argument, const std::function<std::string()>& value)>;

// Throws std::invalid_argument, with what is wrong.
Outputs parse_arguments(std::span<char*> arguments, const OwnArgument& own);

// At least 1; throws std::invalid_argument.
unsigned parse_count(const std::string& text);

// A file of that name, or nothing where it has none. Throws std::runtime_error if it cannot be written.
void save(const std::string& path, const std::function<void(std::ostream&)>& write);

// main() of such a program: what it throws is told on stderr and ends it with `wrong`.
int run_program(std::string_view name, const std::function<ExitStatus()>& run);

// Measures, and writes the figures wherever they are wanted. What is measured has write_text, write_markdown and
// write_json beside it, and all_met().
template <typename Measure>
ExitStatus report_figures(const Outputs& outputs, std::string_view usage, const Measure& measure) {
  if (outputs.help) {
    std::cout << usage;
    return done;
  }
  const auto figures = measure([](std::string_view what) { std::cerr << "measuring: " << what << '\n'; });
  write_text(std::cout, figures);
  save(outputs.json, [&](std::ostream& out) { write_json(out, figures); });
  save(outputs.markdown, [&](std::ostream& out) { write_markdown(out, figures); });
  return outputs.check && !figures.all_met() ? bar_missed : done;
}

// Of a bar, as tables say it.
constexpr const char* met(bool is) { return is ? "met" : "MISSED"; }

// Of a table the first row is the header, and every row has as many cells.
using Cells = std::vector<std::string>;
void print_text(std::ostream& out, const std::vector<Cells>& table);
void print_markdown(std::ostream& out, const std::vector<Cells>& table);

}  // namespace lanecrypt::bench
