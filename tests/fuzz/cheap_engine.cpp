// The table of engines of the fuzz targets, in place of kernel/engine_table.cpp. A test double for speed: parsers are
// what is fuzzed, and bcrypt would leave a thousand executions a second of a hundred thousand. What it gives are no
// bcrypt hashes, but each depends on all of password and setting, so that one that came from another job shows.
//
// "foreign" needs another processor; "faulty" fails its self-test, so the ABI's way to the next engine is walked;
// "cheap" is what computes; "fussy" takes no NUL and fails at its work where a password begins with 0xfe.
#include <algorithm>
#include <array>

#include "engine.hpp"

namespace lanecrypt {
namespace {

constexpr unsigned self_test_cost = 3;  // costs up to here are known answers': portable computes them

std::uint64_t mixed(std::uint64_t state, std::uint8_t byte) noexcept { return (state ^ byte) * 0x100000001b3; }

void write_hash(const Job& job) noexcept {
  std::uint64_t state = mixed(0xcbf29ce484222325, static_cast<std::uint8_t>(job.password_length));
  for (std::size_t i = 0; i < job.password_length; ++i) state = mixed(state, job.password[i]);
  for (const char c : job.setting.text()) state = mixed(state, static_cast<std::uint8_t>(c));
  std::array<std::uint8_t, digest_bytes> digest;
  for (std::uint8_t& byte : digest) {
    state = mixed(state, 1);
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  format_hash(job.setting, digest, job.hash);
}

bool is_self_test(std::span<const Job> group) noexcept { return group[0].setting.cost() <= self_test_cost; }

void begin(void* scratch, std::span<const Job> group) noexcept {
  if (is_self_test(group)) portable_engine.begin(scratch, group);
}

// One call has all iterations (divisible is false), so few of them are a self-test's.
void advance(void* scratch, unsigned lanes, std::uint64_t count) noexcept {
  if (count <= iterations(self_test_cost)) portable_engine.advance(scratch, lanes, count);
}

bool finish(void* scratch, std::span<const Job> group) noexcept {
  if (is_self_test(group)) return portable_engine.finish(scratch, group);
  std::for_each(group.begin(), group.end(), write_hash);
  return true;
}

bool finish_or_fail(void* scratch, std::span<const Job> group) noexcept {
  const auto fails = [](const Job& job) { return job.password_length > 0 && job.password[0] == 0xfe; };
  return !std::any_of(group.begin(), group.end(), fails) && finish(scratch, group);
}

Engine make_cheap() {
  Engine engine = portable_engine;
  engine.name = "cheap";
  engine.divisible = false;
  engine.begin = begin;
  engine.advance = advance;
  engine.finish = finish;
  return engine;
}

Engine make_faulty() {
  Engine engine = make_cheap();
  engine.name = "faulty";
  engine.finish = [](void*, std::span<const Job>) noexcept { return false; };
  return engine;
}

Engine make_fussy() {
  Engine engine = make_cheap();
  engine.name = "fussy";
  engine.takes_nul = false;
  engine.finish = finish_or_fail;
  return engine;
}

Engine make_foreign() {
  Engine engine = make_cheap();
  engine.name = "foreign";
  engine.usable = [](const CpuFeatures&) noexcept { return false; };
  return engine;
}

const Engine foreign = make_foreign();
const Engine faulty = make_faulty();
const Engine cheap = make_cheap();
const Engine fussy = make_fussy();
const Engine* const rows[] = {&foreign, &faulty, &cheap, &fussy};

}  // namespace

std::span<const Engine* const> engine_table() noexcept { return rows; }

}  // namespace lanecrypt
