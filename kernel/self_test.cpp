// Known answers and the choice of an engine. See the header.
#include "self_test.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <new>

#include "cost_loop.hpp"

namespace lanecrypt {
namespace {

struct KnownAnswer {
  std::string_view password;
  std::string_view hash;
};

// Rows V1896 to V1899 of tests/vectors, crypt_blowfish's own self-test: all four prefixes, and bytes over 0x7f, on
// which the prefixes differ.
constexpr std::string_view eight_bit = "8b \xd0\xc1\xd2\xcf\xcc\xd8";
constexpr KnownAnswer cost_00[] = {
    {eight_bit, "$2a$00$abcdefghijklmnopqrstuui1D709vfamulimlGcq0qq3UvuUasvEa"},
    {eight_bit, "$2x$00$abcdefghijklmnopqrstuuVUrPmXD6q/nVSSp7pNDhCR9071IfIRe"},
    {eight_bit, "$2b$00$abcdefghijklmnopqrstuui1D709vfamulimlGcq0qq3UvuUasvEa"},
    {eight_bit, "$2y$00$abcdefghijklmnopqrstuui1D709vfamulimlGcq0qq3UvuUasvEa"},
};
// For engines that refuse cost 00: row V0002.
constexpr KnownAnswer cost_04[] = {
    {"-O_=*N!2JP", "$2a$04$......................JjuKLOX9OOwo5PceZZXSkaLDvdmgb82"},
};

// One group of the engine's own width or less, with answers that begin at a different one for each first.
bool answers_right(const Engine& engine, void* scratch, std::span<const KnownAnswer> answers, unsigned width,
                   unsigned first) noexcept {
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

// Verdicts by row of the table. Zero is "not known yet", so that no constructor has to run before the first use.
enum class Verdict : std::uint8_t { unknown, right, wrong };
constexpr std::size_t rows_max = 16;
std::array<std::atomic<Verdict>, rows_max> verdicts;

bool passes(const Engine& engine, std::size_t row) noexcept {
  Verdict verdict = verdicts[row].load(std::memory_order_acquire);
  if (verdict == Verdict::unknown) {
    verdict = self_test(engine) ? Verdict::right : Verdict::wrong;
    verdicts[row].store(verdict, std::memory_order_release);
  }
  return verdict == Verdict::right;
}

EngineState state_of_row(std::size_t row) noexcept {
  const Engine& engine = *engine_table()[row];
  if (!engine.usable(this_cpu())) return EngineState::cpu_lacks;
  return passes(engine, row) ? EngineState::ready : EngineState::failed_test;
}

}  // namespace

bool self_test(const Engine& engine) noexcept {
  void* const scratch = operator new(engine.scratch_bytes, std::align_val_t{scratch_alignment}, std::nothrow);
  if (scratch == nullptr) return false;
  const std::span<const KnownAnswer> answers =
      engine.cheapest_cost == 0 ? std::span<const KnownAnswer>(cost_00) : std::span<const KnownAnswer>(cost_04);
  bool right = true;
  for (unsigned width = 1; right && width <= engine.lanes; ++width) {
    right = answers_right(engine, scratch, answers, width, 0) && answers_right(engine, scratch, answers, width, 1);
  }
  operator delete(scratch, std::align_val_t{scratch_alignment});
  return right;
}

EngineState engine_state(const Engine& engine) noexcept {
  const auto table = engine_table();
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table[row] == &engine) return state_of_row(row);
  }
  return EngineState::cpu_lacks;
}

EngineChoice choose_engine(std::string_view name) noexcept {
  const auto table = engine_table();
  std::uint32_t failed = 0;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (!name.empty() && name != table[row]->name) continue;
    const EngineState state = state_of_row(row);
    if (state == EngineState::ready) return {table[row], Status::ok, failed};
    if (state == EngineState::failed_test) ++failed;
  }
  return {nullptr, name.empty() ? Status::internal : Status::unsupported, failed};
}

}  // namespace lanecrypt
