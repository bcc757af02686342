// lanecrypt_bench_scale: batches of 10 thousand to a million jobs through the C ABI. See bench/README.md.
#include "scale.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "program.hpp"

namespace {

using namespace lanecrypt::bench;

constexpr std::string_view usage =
    "usage: lanecrypt_bench_scale [--small] [--full] [--rounds N] [--check] [--json FILE] [--markdown FILE]\n"
    "  --small   a thousandth part: does it run? Says nothing about scale\n"
    "  --full    the million on one core too, minutes for each turn\n"
    "  --rounds  alternating rounds after an untimed one (default 3)\n"
    "  --check   exit with 1 if a bar is missed\n";

ExitStatus run(std::span<char*> arguments) {
  ScaleWishes wishes;
  const Outputs outputs =
      parse_arguments(arguments, [&](std::string_view argument, const std::function<std::string()>& value) {
        if (argument == "--small") {
          wishes.jobs = {1'000, 3'000, 10'000};
        } else if (argument == "--full") {
          wishes.one_thread_max = 1'000'000;
        } else if (argument == "--rounds") {
          wishes.rounds = parse_count(value());
        } else {
          return false;
        }
        return true;
      });
  return report_figures(outputs, usage, [&](const auto& tell) { return measure_scale(wishes, tell); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("lanecrypt_bench_scale", [&] { return run({argv, static_cast<std::size_t>(argc)}); });
}
