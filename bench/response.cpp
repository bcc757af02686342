// lanecrypt_bench_response: how soon a batch returns after deadline or cancel. See bench/README.md.
#include "response.hpp"

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
    "usage: lanecrypt_bench_response [--quick] [--runs N] [--engine NAME]... [--check] [--json FILE] [--markdown "
    "FILE]\n"
    "  --quick   10 runs of few rows: does it run?\n"
    "  --runs    of each row (default 200)\n"
    "  --engine  this one alone; several, and the first is taken for the rows of the best engine\n"
    "  --check   exit with 1 if a bar is missed\n";

constexpr unsigned quick_runs = 10;

struct Wishes {
  ResponseWishes response;
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
    if (argument == "--quick") {
      wishes.response.quick = true;
      wishes.response.runs = quick_runs;
    } else if (argument == "--runs") {
      wishes.response.runs = static_cast<unsigned>(std::stoul(value(i)));
    } else if (argument == "--engine") {
      wishes.response.engines.push_back(value(i));
    } else if (argument == "--check") {
      wishes.check = true;
    } else if (argument == "--json") {
      wishes.json = value(i);
    } else if (argument == "--markdown") {
      wishes.markdown = value(i);
    } else if (argument == "--help") {
      wishes.help = true;
    } else {
      throw std::invalid_argument("unexpected argument " + std::string(argument));
    }
  }
  if (wishes.response.runs == 0) throw std::invalid_argument("--runs wants a number of at least 1");
  return wishes;
}

void save(const std::string& path, const Response& response, void (*write)(std::ostream&, const Response&)) {
  if (path.empty()) return;
  std::ofstream file(path);
  write(file, response);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

ExitStatus run(const Wishes& wishes) {
  if (wishes.help) {
    std::cout << usage;
    return done;
  }
  const Response response =
      measure_response(wishes.response, [](const std::string& what) { std::cerr << "measuring: " << what << '\n'; });
  write_text(std::cout, response);
  save(wishes.json, response, write_json);
  save(wishes.markdown, response, write_markdown);
  return wishes.check && !response.all_met() ? bar_missed : done;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse({argv, static_cast<std::size_t>(argc)}));
  } catch (const std::exception& error) {
    std::cerr << "lanecrypt_bench_response: " << error.what() << '\n';
    return wrong;
  }
}
