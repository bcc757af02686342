// Every known answer, by every engine, in every group size and lane position.
#include <gtest/gtest.h>

#include <algorithm>

#include "engines.hpp"
#include "vectors.hpp"

namespace lanecrypt::test {
namespace {

// Costs of which every width and position is tried; dearer rows run once at full width.
constexpr unsigned every_position_to = LANECRYPT_SANITIZED ? 4 : 6;
constexpr unsigned once_to = LANECRYPT_SANITIZED ? 8 : 31;

std::vector<Vector> rows_for(const Engine& engine, unsigned cost) {
  std::vector<Vector> rows = computable_vectors(cost, cost);
  if (!engine.takes_nul)
    std::erase_if(rows, [](const Vector& row) { return row.truncated().find('\0') != std::string::npos; });
  return rows;
}

// One group, rows in a ring from `first` on.
void check_group(const Engine& engine, void* scratch, const std::vector<Vector>& rows, std::size_t first,
                 unsigned width) {
  std::vector<Item> items;
  for (unsigned l = 0; l < width; ++l) {
    const Vector& row = rows[(first + l) % rows.size()];
    items.push_back({row.truncated(), row.setting});
  }
  const std::vector<std::string> hashes = hash_group(engine, scratch, items);
  for (unsigned l = 0; l < width; ++l) {
    const Vector& row = rows[(first + l) % rows.size()];
    ASSERT_EQ(hashes[l].size(), hash_length) << engine.name << " " << row.id;
    ASSERT_EQ(hashes[l] == row.hash, !row.must_differ())
        << engine.name << " " << row.id << " in lane " << l << " of " << width << ": " << hashes[l];
  }
}

// Rows of one cost by groups of one width, as many times as there are lanes, a lane further each time: each row is in
// each lane once.
void check_every_position(const Engine& engine, unsigned cost, unsigned width) {
  const std::vector<Vector> rows = rows_for(engine, cost);
  ASSERT_FALSE(rows.empty());
  const Scratch scratch(engine);
  for (unsigned shift = 0; shift < width; ++shift) {
    for (std::size_t first = 0; first < rows.size(); first += width) {
      check_group(engine, scratch.memory, rows, first + shift, width);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

class KnownAnswers : public testing::TestWithParam<std::tuple<std::size_t, unsigned>> {
 protected:
  const Engine& engine() const { return *engine_table()[std::get<0>(GetParam())]; }
  unsigned width() const { return std::get<1>(GetParam()); }
};

TEST_P(KnownAnswers, EveryRowInEveryLane) {
  if (!engine().usable(this_cpu())) GTEST_SKIP() << engine().name << " needs instructions that this CPU has not";
  for (unsigned cost = cost_min; cost <= every_position_to; ++cost) check_every_position(engine(), cost, width());
}

std::vector<std::tuple<std::size_t, unsigned>> engine_widths() {
  std::vector<std::tuple<std::size_t, unsigned>> all;
  for (std::size_t row = 0; row < engine_table().size(); ++row) {
    for (unsigned width = 1; width <= engine_table()[row]->lanes; ++width) all.emplace_back(row, width);
  }
  return all;
}

std::string width_name(const testing::TestParamInfo<std::tuple<std::size_t, unsigned>>& info) {
  return std::string(engine_table()[std::get<0>(info.param)]->name) + "_width_" +
         std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Engines, KnownAnswers, testing::ValuesIn(engine_widths()), width_name);

class DearKnownAnswers : public testing::TestWithParam<std::size_t> {};

TEST_P(DearKnownAnswers, EveryRowOnce) {
  const Engine& engine = *engine_table()[GetParam()];
  if (!engine.usable(this_cpu())) GTEST_SKIP() << engine.name << " needs instructions that this CPU has not";
  const Scratch scratch(engine);
  for (unsigned cost = every_position_to + 1; cost <= once_to; ++cost) {
    const std::vector<Vector> rows = rows_for(engine, cost);
    for (std::size_t first = 0; first < rows.size(); first += engine.lanes) {
      const auto width = static_cast<unsigned>(std::min<std::size_t>(engine.lanes, rows.size() - first));
      check_group(engine, scratch.memory, rows, first, width);
      if (HasFatalFailure()) return;
    }
  }
}

std::vector<std::size_t> all_rows() {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < engine_table().size(); ++row) rows.push_back(row);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Engines, DearKnownAnswers, testing::ValuesIn(all_rows()),
                         [](const auto& info) { return std::string(engine_table()[info.param]->name); });

TEST(KnownAnswersOfCost00, ReproducedInsideTheKernel) {
  for (const Engine* engine : engines_here()) {
    if (engine->cheapest_cost > 0) continue;
    const Scratch scratch(*engine);
    int rows = 0;
    for (const Vector& row : vectors()) {
      // V1895 is what one library made of cost 00, which it took for another number of rounds.
      if (row.dialect != "cost00-internal" || row.id == "V1895") continue;
      const Item item{row.password, row.setting};
      EXPECT_EQ(hash_group(*engine, scratch.memory, {&item, 1})[0], row.hash) << engine->name << " " << row.id;
      ++rows;
    }
    EXPECT_EQ(rows, 4);
  }
}

TEST(KnownAnswersTable, HasPortableAndTheOracle) {
  std::vector<std::string> names;
  for (const Engine* engine : engine_table()) names.emplace_back(engine->name);
  EXPECT_NE(std::find(names.begin(), names.end(), "portable"), names.end());
  EXPECT_EQ(names.back(), "libcrypt");
}

}  // namespace
}  // namespace lanecrypt::test
