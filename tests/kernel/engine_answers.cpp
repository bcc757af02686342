// The cheap known answers by one engine, each row once in every width: for tests of other processors than this one
// (tests/engines), where those of known_answers_test.cpp would take minutes. Prints a line for each width.
#include <cstdio>
#include <exception>
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

// Of cost 04, and of cost 00, which only the inside of the kernel computes. V1895 took 00 for another number of rounds.
std::vector<Vector> rows_of(unsigned cost) {
  if (cost == cost_min) return computable_vectors(cost_min, cost_min);
  std::vector<Vector> rows = vectors();
  std::erase_if(rows, [](const Vector& row) { return row.dialect != "cost00-internal" || row.id == "V1895"; });
  return rows;
}

bool print_width(const Engine& engine, unsigned width) {
  const Scratch scratch(engine);
  std::size_t rows_tried = 0;
  std::size_t wrong = 0;
  for (const unsigned cost : {0U, cost_min}) {
    const std::vector<Vector> rows = rows_of(cost);
    for (std::size_t first = 0; first < rows.size(); first += width) {
      std::vector<Item> items;
      for (unsigned l = 0; l < width; ++l) {
        const Vector& row = rows[(first + l) % rows.size()];
        items.push_back({row.truncated(), row.setting});
      }
      const std::vector<std::string> hashes = hash_group(engine, scratch.memory, items);
      for (unsigned l = 0; l < width; ++l) {
        const Vector& row = rows[(first + l) % rows.size()];
        wrong += (hashes[l] == row.hash) == row.must_differ();
      }
    }
    rows_tried += rows.size();
  }
  return std::printf("width %u rows %zu wrong %zu\n", width, rows_tried, wrong) > 0;
}

int answer(std::string_view name) {
  const Engine* const engine = engine_of(name);
  if (engine == nullptr) return 2;
  for (unsigned width = 1; width <= engine->lanes; ++width) {
    if (!print_width(*engine, width)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace lanecrypt::test

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    return lanecrypt::test::answer(argv[1]);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
