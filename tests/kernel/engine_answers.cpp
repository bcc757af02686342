// Known answers by one engine, each row once in every width: for tests of other processors than this one
// (tests/engines, tests/arm64), where those of known_answers_test.cpp would take minutes. Prints a line for each width.
//
//     lanecrypt_engine_answers ENGINE [DEAREST [WIDTH]]
//
// Rows of cost 00 and of 04 to DEAREST (04), in groups of 1 to all of the engine's lanes, or of WIDTH lanes.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "engines.hpp"
#include "vectors.hpp"

namespace lanecrypt::test {
namespace {

const Engine* engine_of(std::string_view name) {
  for (const Engine* engine : engines_here()) {
    if (name == engine->name) return engine;
  }
  return nullptr;
}

// Cost 00 is what only the inside of the kernel computes. V1895 took it for another number of rounds.
std::vector<Vector> rows_of(unsigned cost) {
  if (cost >= cost_min) return computable_vectors(cost, cost);
  std::vector<Vector> rows = vectors();
  std::erase_if(rows, [](const Vector& row) { return row.dialect != "cost00-internal" || row.id == "V1895"; });
  return rows;
}

// How many of a group are wrong: rows in a ring from `first` on.
std::size_t wrong_in_group(const Engine& engine, void* scratch, const std::vector<Vector>& rows, std::size_t first,
                           unsigned width) {
  std::vector<Item> items;
  for (unsigned l = 0; l < width; ++l) {
    const Vector& row = rows[(first + l) % rows.size()];
    items.push_back({row.truncated(), row.setting});
  }
  const std::vector<std::string> hashes = hash_group(engine, scratch, items);
  std::size_t wrong = 0;
  for (unsigned l = 0; l < width; ++l) {
    const Vector& row = rows[(first + l) % rows.size()];
    wrong += (hashes[l] == row.hash) == row.must_differ();
  }
  return wrong;
}

bool print_width(const Engine& engine, unsigned dearest, unsigned width) {
  const Scratch scratch(engine);
  std::size_t rows_tried = 0;
  std::size_t wrong = 0;
  for (unsigned cost = 0; cost <= dearest; ++cost) {
    if (cost > 0 && cost < cost_min) continue;
    const std::vector<Vector> rows = rows_of(cost);
    for (std::size_t first = 0; first < rows.size(); first += width) {
      wrong += wrong_in_group(engine, scratch.memory, rows, first, width);
    }
    rows_tried += rows.size();
  }
  return std::printf("width %u rows %zu wrong %zu\n", width, rows_tried, wrong) > 0;
}

int answer(std::string_view name, unsigned dearest, unsigned only_width) {
  const Engine* const engine = engine_of(name);
  if (engine == nullptr || only_width > engine->lanes) return 2;
  for (unsigned width = 1; width <= engine->lanes; ++width) {
    if (only_width != 0 && width != only_width) continue;
    if (!print_width(*engine, dearest, width)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace lanecrypt::test

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) return 2;
  try {
    const unsigned long dearest = argc > 2 ? std::stoul(argv[2]) : lanecrypt::cost_min;
    const unsigned long width = argc > 3 ? std::stoul(argv[3]) : 0;
    return lanecrypt::test::answer(argv[1], static_cast<unsigned>(dearest), static_cast<unsigned>(width));
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
