// The self-test's verdict on the engines of the table that are named, or on all, a line for each: for tests of other
// processors than this one and of engines with a wrong instruction (tests/engines).
#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>

#include "self_test.hpp"

namespace {

const char* word_for(lanecrypt::Verdict verdict) {
  switch (verdict) {
    case lanecrypt::Verdict::right:
      return "right";
    case lanecrypt::Verdict::wrong:
      return "wrong";
    case lanecrypt::Verdict::cpu_lacks:
      return "cpu_lacks";
    case lanecrypt::Verdict::unknown:
      break;
  }
  return "unknown";
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> names(argv + 1, argv + argc);
  for (const lanecrypt::Engine* engine : lanecrypt::engine_table()) {
    const auto is_it = [&](const char* name) { return std::string_view(name) == engine->name; };
    if (!names.empty() && std::none_of(names.begin(), names.end(), is_it)) continue;
    if (std::printf("%s %s\n", engine->name, word_for(lanecrypt::engine_verdict(*engine))) < 0) return 1;
    if (std::fflush(stdout) != 0) return 1;
  }
  return 0;
}
