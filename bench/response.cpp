// lanecrypt_bench_response: how soon a batch returns after deadline or cancel. See bench/README.md.
#include "response.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "program.hpp"

namespace {

using namespace lanecrypt::bench;

constexpr std::string_view usage =
    "usage: lanecrypt_bench_response [--quick] [--runs N] [--engine NAME]... [--check] [--json FILE] [--markdown "
    "FILE]\n"
    "  --quick   10 runs of few rows: does it run?\n"
    "  --runs    of each row (default 200)\n"
    "  --engine  this one alone; several, and the first is taken for the rows of the best engine\n"
    "  --check   exit with 1 if a bar is missed\n";

constexpr unsigned quick_runs = 10;

ExitStatus run(std::span<char*> arguments) {
  ResponseWishes wishes;
  const Outputs outputs =
      parse_arguments(arguments, [&](std::string_view argument, const std::function<std::string()>& value) {
        if (argument == "--quick") {
          wishes.quick = true;
          wishes.runs = quick_runs;
        } else if (argument == "--runs") {
          wishes.runs = parse_count(value());
        } else if (argument == "--engine") {
          wishes.engines.push_back(value());
        } else {
          return false;
        }
        return true;
      });
  return report_figures(outputs, usage, [&](const auto& tell) { return measure_response(wishes, tell); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("lanecrypt_bench_response", [&] { return run({argv, static_cast<std::size_t>(argc)}); });
}
