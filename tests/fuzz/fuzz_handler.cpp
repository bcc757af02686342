// The event handler with all its sources: an event is answered with JSON that fits it, or with one of the documented
// errors; neither answer, error nor what goes to a destination has a password of the event; a wipe leaves nothing.
//
// Input: an event, and behind it a byte that says how it is handled (the bits of How).
#include <array>
#include <memory>
#include <string_view>

#include "answer_check.hpp"
#include "arena_check.hpp"
#include "event_secrets.hpp"
#include "handler.hpp"

namespace lanecrypt::fuzz {
namespace {

using runtime::HandlerError;

enum How : unsigned {
  two_workers = 1,
  fussy_engine = 2,  // takes no NUL
  low_ceiling = 4,
  past_deadline = 8,
  cancelled = 16,
  has_destination = 32,
  delivers_half = 64,
  delivery_fails = 128
};

constexpr unsigned handlers = 8;  // by the first three bits

const runtime::Handler& handler_of(unsigned how) {
  static std::array<std::unique_ptr<runtime::Handler>, handlers> made;
  std::unique_ptr<runtime::Handler>& handler = made[how % handlers];
  if (handler == nullptr) {
    runtime::HandlerConfig config;
    config.worker_count = std::string(1, (how & two_workers) != 0 && may_use_threads() ? '2' : '1');
    config.engine = (how & fussy_engine) != 0 ? "fussy" : "";
    config.max_cost = (how & low_ceiling) != 0 ? 6 : 14;
    handler = std::make_unique<runtime::Handler>(config);
  }
  return *handler;
}

class TestDestination final : public runtime::Destination {
 public:
  TestDestination(unsigned how, const EventSecrets& secrets) : how_(how), secrets_(secrets) {}

  void deliver(std::string_view results, std::pmr::vector<std::uint8_t>& undelivered) const override {
    check_results(results, undelivered.size());
    check(!secrets_.any_in(results), "no password goes to a destination");
    if ((how_ & delivery_fails) != 0) throw HandlerError{"Function", "DeliveryFailed", "nothing was delivered"};
    if ((how_ & delivers_half) == 0) return;
    for (std::size_t i = 0; i < undelivered.size(); i += 2) undelivered[i] = 1;
  }

 private:
  unsigned how_;
  const EventSecrets& secrets_;
};

// No word of the event: printable ASCII and no character that fixed texts have not.
bool is_fixed_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
         text.find_first_of("~!@#%^&*|<>?`") == std::string_view::npos;
}

void check_error(std::string_view event, bool is_json, const HandlerError& error, const EventSecrets& secrets) {
  constexpr std::array<std::string_view, 4> documented = {"InvalidRequest", "NoDestination", "Unfinished",
                                                          "DeliveryFailed"};
  const bool large = event.size() > std::size_t{64} << 10;
  const bool known = std::find(documented.begin(), documented.end(), error.type) != documented.end();
  check(known || (large && error.type == "OutOfMemory"), "an error is a documented one");
  check(is_json || error.type == "InvalidRequest", "what is no JSON is an invalid request");
  check(error.category == "Function", "it is the event's fault");
  check(!error.message.empty() && is_fixed_text(error.message), "a message has no word of the event");
  check(!secrets.any_in(error.message), "no password is in an error");
}

void run(std::string_view event, unsigned how, runtime::Arena& arena) {
  boost::json::value value;
  const bool is_json = parse_json(event, value);
  const EventSecrets secrets(value);
  const TestDestination destination(how, secrets);
  const std::int32_t cancel = (how & cancelled) != 0 ? 1 : 0;
  const runtime::InvocationContext context{(how & past_deadline) != 0 ? std::uint64_t{1} : 0, &cancel,
                                           (how & has_destination) != 0 ? &destination : nullptr};
  const runtime::HandlerResult result = handler_of(how).handle(event, context, arena);
  check(result.error.has_value() == result.answer.empty(), "there is an answer or an error");
  if (result.error) return check_error(event, is_json, *result.error, secrets);
  check(is_json, "only JSON is answered");
  check(result.summary.failed <= result.summary.items, "no more items failed than there were");
  check(!secrets.any_in(result.answer), "no password is in an answer");
  check_answer(value, result.summary.source, result.answer);
}

}  // namespace
}  // namespace lanecrypt::fuzz

// Engines that an operator may name, which no event has a say in.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using namespace lanecrypt;
  runtime::HandlerConfig config;
  for (const char* name : {"", "cheap", "fussy"}) {
    config.engine = name;
    fuzz::check(!runtime::check_engine(config), "the engines of this program run");
  }
  for (const char* name : {"foreign", "faulty", "none"}) {
    config.engine = name;
    const auto error = runtime::check_engine(config);
    fuzz::check(error && error->category == "Runtime", "an engine that cannot run is an operator's fault");
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lanecrypt;
  static runtime::Arena arena;
  if (size == 0) return 0;
  const std::unique_ptr<char[]> event(new char[size - 1]);  // so that a read behind its end is seen
  std::copy_n(data, size - 1, event.get());
  fuzz::run({event.get(), size - 1}, data[size - 1], arena);
  fuzz::check_wipe(arena);
  return 0;
}
