// Reading of the vector files. See the header.
#include "vectors.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

namespace lanecrypt::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "vectors: %s\n", what.c_str());
  std::abort();
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t from = 0;
  for (std::size_t tab; (tab = line.find('\t', from)) != std::string::npos; from = tab + 1) {
    cells.push_back(line.substr(from, tab - from));
  }
  cells.push_back(line.substr(from));
  return cells;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

using Row = std::map<std::string, std::string>;

std::vector<Row> read_rows(const std::string& name, std::size_t expected) {
  std::ifstream file(std::string(LANECRYPT_VECTORS) + "/" + name);
  if (!file) fail("cannot read " + name);
  std::vector<std::string> head;
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::vector<std::string> cells = split(line);
    if (head.empty()) {
      head = cells;
      continue;
    }
    if (cells.size() != head.size()) fail("a row of " + name + " has another number of cells than the head");
    Row row;
    for (std::size_t i = 0; i < head.size(); ++i) row[head[i]] = cells[i];
    rows.push_back(row);
  }
  if (rows.size() != expected) fail(name + " has " + std::to_string(rows.size()) + " rows");
  return rows;
}

std::vector<Vector> read_vectors() {
  std::vector<Vector> all;
  for (const Row& row : read_rows("bcrypt_vectors.tsv", 1632)) {
    const Vector vector{row.at("id"), from_hex(row.at("password_hex")), row.at("setting"), row.at("expected_hash"),
                        row.at("dialect")};
    if (vector.password.size() != std::stoul(row.at("password_len"))) fail("length of " + vector.id);
    all.push_back(vector);
  }
  return all;
}

std::vector<BadInput> read_bad_inputs() {
  std::vector<BadInput> all;
  for (const Row& row : read_rows("bcrypt_badsalts.tsv", 411)) {
    all.push_back({row.at("id"), row.at("kind"), from_hex(row.at("value_hex")), row.at("why")});
  }
  return all;
}

std::vector<PbkdfBlock> read_pbkdf_blocks() {
  std::vector<PbkdfBlock> all;
  for (const Row& row : read_rows("pbkdf_blocks.tsv", 40)) {
    all.push_back({row.at("id"), from_hex(row.at("password_digest")), from_hex(row.at("salt_digest")),
                   from_hex(row.at("block"))});
    const PbkdfBlock& read = all.back();
    if (read.password_digest.size() != 64 || read.salt_digest.size() != 64 || read.block.size() != 32) {
      fail("sizes of " + read.id);
    }
  }
  return all;
}

}  // namespace

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all = read_vectors();
  return all;
}

const std::vector<BadInput>& bad_inputs() {
  static const std::vector<BadInput> all = read_bad_inputs();
  return all;
}

const std::vector<PbkdfBlock>& pbkdf_blocks() {
  static const std::vector<PbkdfBlock> all = read_pbkdf_blocks();
  return all;
}

std::vector<Vector> computable_vectors(unsigned cost_low, unsigned cost_high) {
  std::vector<Vector> chosen;
  for (const Vector& vector : vectors()) {
    if (!vector.refused() && vector.cost() >= cost_low && vector.cost() <= cost_high) chosen.push_back(vector);
  }
  return chosen;
}

}  // namespace lanecrypt::test
