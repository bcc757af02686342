// Known answers and the choice of an engine. See the header.
#include "self_test.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>

#include "cost_loop.hpp"

namespace lanecrypt {
namespace {

// Two iterations each, so that a step of more than one is tried. All prefixes; bytes over 0x7f, on which they differ;
// an empty password, one of 72 bytes, one with a NUL; and "\xff\xff\xa3", which $2a$ must keep apart from what $2x$
// makes of it (CVE-2011-2483). No library computes cost 01: tests/kernel/self_test_test.cpp has another implementation
// do it.
constexpr KnownAnswer cost_01[] = {
    {"\xff\xff\xa3", "$2a$01$/OK.fbVrR/bpIqNJ5ianF.k4uqiCyUjnmOofY./UKR/qKl/IuuhL6"},
    {"8b \xd0\xc1\xd2\xcf\xcc\xd8", "$2x$01$abcdefghijklmnopqrstuuVNRZY3earFkCkzMwsS7tDqHO2JDAQmu"},
    {"", "$2b$01$CCCCCCCCCCCCCCCCCCCCC.1DqgQyLPaQ44etthUS6hUcvrWENI6Gi"},
    {"U*U*U", "$2y$01$XXXXXXXXXXXXXXXXXXXXXOtWSmdTnXmWhggY04zif03lFj9YIPBJ6"},
    {"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
     "$2b$01$zVHmKQtGGQob.b/Nc7l9NOIjmvuZjakiRm4Ws8bT6QcM9mnDttek2"},
    {"\xa3", "$2x$01$/OK.fbVrR/bpIqNJ5ianF.fH2Qf6MZQSSIe0jmNmTQQWyteDIvw5G"},
    {{"a\0b", 3}, "$2a$01$m0CrhHm10qJ3lXRY.5zDGO77kYCMYun90sooXFctk3W3Zik6afSG2"},
    {"\xd1\x91", "$2y$01$6bNw2HLQYeqHYyBfLMsv/ORMNHT3HnnlcPhxdOuRpxh28lk.b9Joe"},
};
// For engines that refuse less than 04. The same passwords and prefixes, checked against the system's crypt_r by the
// same test.
constexpr KnownAnswer cost_04[] = {
    {"\xff\xff\xa3", "$2a$04$/OK.fbVrR/bpIqNJ5ianF.Ias9ej8rVP83dbQWecz/ebYDer7Sfq6"},
    {"8b \xd0\xc1\xd2\xcf\xcc\xd8", "$2x$04$abcdefghijklmnopqrstuuAafniYpK36e1a4CCxYcmOEo6p1QYe8u"},
    {"", "$2b$04$CCCCCCCCCCCCCCCCCCCCC.Cg0ly9t/KVBCBYYDfOmZKwry9JuXClC"},
    {"U*U*U", "$2y$04$XXXXXXXXXXXXXXXXXXXXXOXE4PeeqIBpdXThwhJUIBb8dLS8ZodY."},
    {"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
     "$2b$04$zVHmKQtGGQob.b/Nc7l9NOUcP6yHHrmC92RK9zEp3aNaJLNHg8ViO"},
    {"\xa3", "$2x$04$/OK.fbVrR/bpIqNJ5ianF.79F7iyfPXU.AMPgYp2WOmvgKQ4Ez/5."},
    {"\xd1\x91", "$2y$04$6bNw2HLQYeqHYyBfLMsv/OTYm9/uf6UIU/ABNCCNhqtS6kicVxqpa"},
};

// One group of `width` answers in a ring from `first` on.
bool answers_right(const Engine& engine, void* scratch, std::span<const KnownAnswer> answers, unsigned width,
                   std::size_t first) noexcept {
  std::array<Job, lanes_max> jobs;
  std::array<HashText, lanes_max> hashes{};
  for (unsigned l = 0; l < width; ++l) {
    const KnownAnswer& answer = answers[(first + l) % answers.size()];
    const auto setting = Setting::parse_for_self_test(answer.hash.substr(0, setting_length));
    if (!setting) return false;
    jobs[l] = {reinterpret_cast<const std::uint8_t*>(answer.password.data()), answer.password.size(), *setting,
               hashes[l].data()};
  }
  Control control({}, width);
  if (run_group(engine, scratch, {jobs.data(), width}, control, false) != Status::ok) return false;
  for (unsigned l = 0; l < width; ++l) {
    if (std::memcmp(hashes[l].data(), answers[(first + l) % answers.size()].hash.data(), hash_length) != 0)
      return false;
  }
  return true;
}

// What is known of a row of the table. Zero is "nothing", so that no constructor has to run before the first use.
struct RowState {
  std::atomic<bool> wrong;
  std::atomic<Widths> right;
};
constexpr std::size_t rows_max = 16;
std::array<RowState, rows_max> states;

std::size_t table_rows() noexcept { return std::min(engine_table().size(), rows_max); }

// Tests those of the widths that are not known to be right.
Verdict verdict_of_row(std::size_t row, Widths widths) noexcept {
  const Engine& engine = *engine_table()[row];
  RowState& state = states[row];
  if (!engine.usable(this_cpu())) return Verdict::cpu_lacks;
  if (state.wrong.load(std::memory_order_acquire)) return Verdict::wrong;
  const Widths right = state.right.load(std::memory_order_acquire);
  Widths untested = widths & ~right;
  if (untested == 0) return Verdict::right;
  if (right == 0) untested |= Widths{1} << engine.lanes;
  const Verdict verdict = self_test(engine, untested);
  if (verdict == Verdict::right) state.right.fetch_or(untested, std::memory_order_release);
  if (verdict == Verdict::wrong) state.wrong.store(true, std::memory_order_release);
  return verdict;
}

}  // namespace

std::span<const KnownAnswer> self_test_answers(const Engine& engine) noexcept {
  if (engine.cheapest_cost == 0) return cost_01;
  return cost_04;
}

Widths all_widths(const Engine& engine) noexcept { return (Widths{2} << engine.lanes) - 2; }

Verdict self_test(const Engine& engine, Widths widths) noexcept {
  void* const scratch = operator new(engine.scratch_bytes, std::align_val_t{scratch_alignment}, std::nothrow);
  if (scratch == nullptr) return Verdict::unknown;
  const std::span<const KnownAnswer> answers = self_test_answers(engine);
  bool right = true;
  for (unsigned width = 1; right && width <= engine.lanes; ++width) {
    if ((widths >> width & 1) == 0) continue;
    // One group of each width, and of the widest as many as make every answer come. Each width begins at another
    // answer, so that answers change lanes.
    const std::size_t count = width == engine.lanes ? answers.size() : width;
    for (std::size_t first = 0; right && first < count; first += width) {
      right = answers_right(engine, scratch, answers, width, first + width);
    }
  }
  operator delete(scratch, std::align_val_t{scratch_alignment});
  return right ? Verdict::right : Verdict::wrong;
}

Verdict widths_verdict(const Engine& engine, Widths widths) noexcept {
  for (std::size_t row = 0; row < table_rows(); ++row) {
    if (engine_table()[row] == &engine) return verdict_of_row(row, widths);
  }
  return Verdict::right;
}

Verdict engine_verdict(const Engine& engine) noexcept { return widths_verdict(engine, all_widths(engine)); }

EngineChoice choose_engine(std::string_view name) noexcept {
  const auto table = engine_table();
  std::uint32_t failed = 0;
  for (std::size_t row = 0; row < table_rows(); ++row) {
    if (!name.empty() && name != table[row]->name) continue;
    const Verdict verdict = verdict_of_row(row, 0);
    if (verdict == Verdict::right) return {table[row], Status::ok, failed};
    if (verdict == Verdict::wrong) ++failed;
  }
  return {nullptr, name.empty() ? Status::internal : Status::unsupported, failed};
}

}  // namespace lanecrypt
