// lanecrypt_bench_timing: what a failed login's time tells, and what the comparison's. See bench/README.md.
#include "timing.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lanecrypt/lanecrypt.h"
#include "program.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {

bool Timing::all_met() const {
  return std::all_of(logins.begin(), logins.end(), [](const Login& login) { return login.met(); }) &&
         std::all_of(leaks.begin(), leaks.end(), [](const Leak& leak) { return leak.met(); });
}

namespace {

constexpr std::string_view usage =
    "usage: lanecrypt_bench_timing [--small] [--rounds N] [--check] [--json FILE] [--markdown FILE]\n"
    "  --small     a few rounds at cost 4: does it run? Says nothing about time\n"
    "  --rounds    alternating rounds of the verifications after an untimed one (default 61)\n"
    "  --check     exit with 1 if a bar is missed\n";

std::string engine_name() {
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  const lanecrypt_options options = make_options(1);
  if (lanecrypt_plan(1, &options, nullptr, 0, &plan) != LANECRYPT_OK) throw Fault("the engine cannot run here");
  return plan.engine;
}

ExitStatus run(std::span<char*> arguments) {
  TimingWishes wishes;
  const Outputs outputs =
      parse_arguments(arguments, [&](std::string_view argument, const std::function<std::string()>& value) {
        if (argument == "--small") {
          wishes = {4, 5, 50'000};
        } else if (argument == "--rounds") {
          wishes.rounds = parse_count(value());
        } else {
          return false;
        }
        return true;
      });
  return report_figures(outputs, usage, [&](const auto& tell) {
    Timing timing{engine_name(), wishes, describe_machine(), {}, {}};
    tell("verifications");
    timing.logins = measure_logins(wishes);
    tell("comparisons");
    timing.leaks = measure_compares(wishes);
    return timing;
  });
}

}  // namespace
}  // namespace lanecrypt::bench

int main(int argc, char** argv) {
  using namespace lanecrypt::bench;
  return run_program("lanecrypt_bench_timing", [&] { return run({argv, static_cast<std::size_t>(argc)}); });
}
