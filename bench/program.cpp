// See the header.
#include "program.hpp"

#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace lanecrypt::bench {

Outputs parse_arguments(std::span<char*> arguments, const OwnArgument& own) {
  Outputs outputs;
  std::size_t i = 1;
  const auto value = [&]() -> std::string {
    if (++i >= arguments.size()) throw std::invalid_argument("an argument wants a value; see --help");
    return arguments[i];
  };
  for (; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--json") {
      outputs.json = value();
    } else if (argument == "--markdown") {
      outputs.markdown = value();
    } else if (argument == "--check") {
      outputs.check = true;
    } else if (argument == "--help") {
      outputs.help = true;
    } else if (!own(argument, value)) {
      throw std::invalid_argument("unexpected argument " + std::string(argument));
    }
  }
  return outputs;
}

unsigned parse_count(const std::string& text) {
  const unsigned long count = std::stoul(text);
  if (count == 0 || count > 1'000'000) throw std::invalid_argument("a number from 1 to 1,000,000 is wanted");
  return static_cast<unsigned>(count);
}

void save(const std::string& path, const std::function<void(std::ostream&)>& write) {
  if (path.empty()) return;
  std::ofstream file(path);
  write(file);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

int run_program(std::string_view name, const std::function<ExitStatus()>& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return wrong;
  }
}

void print_text(std::ostream& out, const std::vector<Cells>& table) {
  std::vector<std::size_t> widths(table[0].size(), 0);
  for (const Cells& row : table) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  for (const Cells& row : table) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += row[c] + std::string(widths[c] - row[c].size() + 2, ' ');
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

void print_markdown(std::ostream& out, const std::vector<Cells>& table) {
  for (std::size_t r = 0; r < table.size(); ++r) {
    out << '|';
    for (const std::string& cell : table[r]) out << ' ' << cell << " |";
    out << '\n';
    if (r > 0) continue;
    out << '|';
    for (std::size_t c = 0; c < table[0].size(); ++c) out << "---|";
    out << '\n';
  }
}

}  // namespace lanecrypt::bench
