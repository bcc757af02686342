// See the header.
#include "call_options.hpp"

#include <string_view>

namespace lanecrypt::fuzz {
namespace {

int called_back(void* context, std::size_t done, std::size_t total) {
  check(done <= total, "no more is done than there is");
  char hash[LANECRYPT_HASH_SIZE];
  check(lanecrypt_hash("", 0, nullptr, 0, nullptr, hash) == LANECRYPT_BUSY, "a call from a callback is refused");
  check(std::all_of(hash, hash + sizeof hash, [](char c) { return c == 0; }), "and leaves no hash");
  return static_cast<Asked*>(context)->progress_answer;
}

bool numbers_are_valid(const Asked& asked) {
  const lanecrypt_options& o = asked.options;
  const unsigned ceiling = asked.max_cost();
  return in_range(ceiling, 4, 31) && (o.cost == 0 || in_range(o.cost, 4, ceiling)) &&
         (o.upgrade_cost == 0 || in_range(o.upgrade_cost, 4, ceiling)) && o.threads <= 1024 && o.long_passwords <= 1 &&
         o.equal_time <= 1;
}

lanecrypt_status expected_of(const Asked& asked, std::size_t size, bool tail) {
  if (size < sizeof(lanecrypt_options) || size > 4096) return LANECRYPT_INVALID_ARGUMENT;
  if (tail) return LANECRYPT_UNSUPPORTED;
  const lanecrypt_options& o = asked.options;
  const std::string_view prefix = o.prefix == nullptr ? "2b" : o.prefix;
  if ((prefix != "2a" && prefix != "2b" && prefix != "2y") || !numbers_are_valid(asked))
    return LANECRYPT_INVALID_ARGUMENT;
  const std::string_view engine = o.engine == nullptr ? "cheap" : o.engine;
  return engine == "cheap" || engine == "fussy" ? LANECRYPT_OK : LANECRYPT_UNSUPPORTED;
}

void choose_stops(Asked& asked, Choices& choices) {
  lanecrypt_options& o = asked.options;
  static constexpr std::uint64_t deadlines[] = {0, 0, 0, 1, UINT64_MAX, UINT64_MAX / 2};
  o.deadline_ns = choices.of(deadlines);
  asked.cancel = choices.one_in(8) ? 1 : 0;
  if (choices.one_in(2)) o.cancel = &asked.cancel;
  asked.progress_answer = choices.one_in(4) ? 1 : 0;
  if (choices.one_in(8)) o.progress = called_back, o.progress_context = &asked;
  asked.is_stopped = o.deadline_ns == 1 || (o.cancel != nullptr && asked.cancel != 0);
  asked.may_stop = asked.is_stopped || (o.progress != nullptr && asked.progress_answer != 0);
}

}  // namespace

// Numbers around every limit.
unsigned some_cost(Choices& choices) {
  static constexpr unsigned costs[] = {4, 5, 12, 14, 15, 31, 3, 32, 256, 0x80000004};
  return choices.one_in(4) ? choices.of(costs) : 0;
}

void choose_options(CallArena& arena, Asked& asked, Choices& choices) {
  static constexpr const char* engines[] = {"cheap", "fussy", "faulty", "foreign", "", "none"};
  static constexpr const char* prefixes[] = {"2b", "2a", "2y", "2x", "", "2b "};
  static constexpr unsigned threads[] = {2, 3, 0, 1024, 1025};
  if (choices.one_in(64) && may_use_threads()) return;  // NULL: threads as the machine has them
  lanecrypt_options& o = asked.options;
  if (choices.one_in(4)) o.engine = choices.of(engines);
  if (choices.one_in(4)) o.prefix = choices.of(prefixes);
  o.cost = some_cost(choices);
  o.max_cost = some_cost(choices);
  o.threads = choices.one_in(64) ? choices.of(threads) : 1;
  if (o.threads <= 1024 && !may_use_threads()) o.threads = 1;
  o.long_passwords = choices.one_in(32) ? 2 : choices.below(2);
  o.upgrade_cost = choices.one_in(2) ? 12 : some_cost(choices);
  o.equal_time = choices.one_in(32) ? 2 : choices.below(2);
  choose_stops(asked, choices);
  asked.fussy = o.engine != nullptr && std::string_view(o.engine) == "fussy";
  auto* const given = struct_in<lanecrypt_options>(arena, 0, choices);
  const std::size_t size = put_struct(o, given, choices);
  const bool tail =
      is_writable(size, sizeof o) && size > sizeof o && reinterpret_cast<unsigned char*>(given)[size - 1] != 0;
  asked.expected = expected_of(asked, size, tail);
  asked.given = given;
}

}  // namespace lanecrypt::fuzz
