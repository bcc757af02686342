// lanecrypt_bench_scale: batches of 10 thousand to a million jobs through the C ABI. See bench/README.md.
#include "scale.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string_view>

namespace {

using namespace lanecrypt::bench;

enum ExitStatus { done = 0, bar_missed = 1, wrong = 2 };

constexpr std::string_view usage =
    "usage: lanecrypt_bench_scale [--small] [--full] [--rounds N] [--check] [--json FILE] [--markdown FILE]\n"
    "  --small   a thousandth part: does it run? Says nothing about scale\n"
    "  --full    the million on one core too, minutes for each turn\n"
    "  --rounds  alternating rounds after an untimed one (default 3)\n"
    "  --check   exit with 1 if a bar is missed\n";

struct Wishes {
  ScaleWishes scale;
  std::string json;
  std::string markdown;
  bool check = false;
  bool help = false;
};

Wishes parse(std::span<char*> arguments) {
  Wishes wishes;
  const auto value = [&](std::size_t& i) -> std::string {
    if (++i >= arguments.size()) throw std::invalid_argument("an argument wants a value; see --help");
    return arguments[i];
  };
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--small") {
      wishes.scale.jobs = {1'000, 3'000, 10'000};
    } else if (argument == "--full") {
      wishes.scale.one_thread_max = 1'000'000;
    } else if (argument == "--rounds") {
      wishes.scale.rounds = static_cast<unsigned>(std::stoul(value(i)));
    } else if (argument == "--json") {
      wishes.json = value(i);
    } else if (argument == "--markdown") {
      wishes.markdown = value(i);
    } else if (argument == "--check") {
      wishes.check = true;
    } else if (argument == "--help") {
      wishes.help = true;
    } else {
      throw std::invalid_argument("unexpected argument " + std::string(argument));
    }
  }
  if (wishes.scale.rounds == 0) throw std::invalid_argument("--rounds wants a number of at least 1");
  return wishes;
}

void save(const std::string& path, const Scale& scale, void (*write)(std::ostream&, const Scale&)) {
  if (path.empty()) return;
  std::ofstream file(path);
  write(file, scale);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

ExitStatus run(const Wishes& wishes) {
  if (wishes.help) {
    std::cout << usage;
    return done;
  }
  const Scale scale =
      measure_scale(wishes.scale, [](const std::string& what) { std::cerr << "measuring: " << what << '\n'; });
  write_text(std::cout, scale);
  save(wishes.json, scale, write_json);
  save(wishes.markdown, scale, write_markdown);
  return wishes.check && !scale.all_met() ? bar_missed : done;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse({argv, static_cast<std::size_t>(argc)}));
  } catch (const std::exception& error) {
    std::cerr << "lanecrypt_bench_scale: " << error.what() << '\n';
    return wrong;
  }
}
