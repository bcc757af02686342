// lanecrypt_bench_figures: the table of figures beside libcrypt, measured in one run. See bench/README.md.
#include "figures.hpp"

#include <getopt.h>

#include <charconv>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "program.hpp"
#include "widths.hpp"

namespace {

using namespace lanecrypt::bench;

constexpr std::string_view usage =
    "usage: lanecrypt_bench_figures [--rounds N] [--json FILE] [--markdown FILE] [--check]\n"
    "       lanecrypt_bench_figures [--rounds N] --widths\n"
    "  --rounds N       alternating rounds of each measurement, at least 5 (default 7)\n"
    "  --json FILE      write the figures there too, for programs\n"
    "  --markdown FILE  write the figures there too, for people\n"
    "  --check          exit with 1 if a bar is missed\n"
    "  --widths         print each engine's row of Engine::relative_time instead\n"
    "LANECRYPT_ENGINE names the engine to measure. Exit status 2: a hash is not libcrypt's, or the arguments are "
    "wrong.\n";

constexpr unsigned rounds_min = 5;

struct Wishes {
  unsigned rounds = 7;
  std::string json;
  std::string markdown;
  bool check = false;
  bool widths = false;
  bool help = false;
};

unsigned parse_rounds(std::string_view text) {
  unsigned rounds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (error != std::errc{} || end != text.data() + text.size() || rounds < rounds_min) {
    throw std::invalid_argument("--rounds wants a number of at least " + std::to_string(rounds_min));
  }
  return rounds;
}

Wishes parse_wishes(int argc, char** argv) {
  constexpr option options[] = {{"rounds", required_argument, nullptr, 'r'},
                                {"json", required_argument, nullptr, 'j'},
                                {"markdown", required_argument, nullptr, 'm'},
                                {"check", no_argument, nullptr, 'c'},
                                {"widths", no_argument, nullptr, 'w'},
                                {"help", no_argument, nullptr, 'h'},
                                {nullptr, 0, nullptr, 0}};
  Wishes wishes;
  for (int letter = 0; (letter = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    switch (letter) {
      case 'r':
        wishes.rounds = parse_rounds(optarg);
        break;
      case 'j':
        wishes.json = optarg;
        break;
      case 'm':
        wishes.markdown = optarg;
        break;
      case 'c':
        wishes.check = true;
        break;
      case 'w':
        wishes.widths = true;
        break;
      case 'h':
        wishes.help = true;
        break;
      default:
        throw std::invalid_argument("see --help");  // getopt_long has named the option
    }
  }
  if (optind < argc) throw std::invalid_argument("unexpected argument " + std::string(argv[optind]));
  return wishes;
}

// Before anything is measured: a path that cannot be written should not cost two minutes. What the file holds stays
// until there is something better.
void probe(const std::string& path) {
  if (!path.empty() && !std::ofstream(path, std::ios::app)) throw std::runtime_error("cannot write " + path);
}

ExitStatus run(const Wishes& wishes) {
  if (wishes.help) {
    std::cout << usage;
    return done;
  }
  if (wishes.widths) {
    print_widths(std::cout, wishes.rounds * 5);  // a round of these takes a fifth of a second
    return done;
  }
  probe(wishes.json);
  probe(wishes.markdown);
  const Figures figures =
      measure_figures(wishes.rounds, [](const std::string& what) { std::cerr << "measuring: " << what << '\n'; });
  write_text(std::cout, figures);
  save(wishes.json, [&](std::ostream& out) { write_json(out, figures); });
  save(wishes.markdown, [&](std::ostream& out) { write_markdown(out, figures); });
  return wishes.check && !figures.all_met() ? bar_missed : done;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("lanecrypt_bench_figures", [&] { return run(parse_wishes(argc, argv)); });
}
