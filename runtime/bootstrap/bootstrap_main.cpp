// The native Lambda bootstrap: set up, then event after event until SIGTERM or a Runtime API that cannot be talked to.
// Exit status: 0 after SIGTERM; 1 after an init error, a 5xx of the Runtime API, or too many failures in a row.
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>

#include "../arena.hpp"
#include "../config.hpp"
#include "../handler.hpp"
#include "../limits.hpp"
#include "../log.hpp"
#include "runtime_api.hpp"
#include "shutdown.hpp"

// Takes the place of libstdc++'s, which would print the text of an exception nobody caught, and brings a demangler of
// 60 KB for it.
namespace __gnu_cxx {
void __verbose_terminate_handler() { abort(); }
}  // namespace __gnu_cxx

namespace lanecrypt::runtime {
namespace {

// libgomp reads its environment in a constructor. This runs before all constructors: threads that spin after a batch
// would be billed, and would steal the answer's CPU. Whoever sets the variable otherwise is obeyed.
void choose_passive_waiting() { setenv("OMP_WAIT_POLICY", "PASSIVE", 0); }
[[gnu::used, gnu::section(".preinit_array")]] void (*const before_constructors)() = choose_passive_waiting;

// A core dump would hold passwords: not only the arena's, but stacks and registers of a batch that was under way. A
// sanitizer's leak check must attach to the process, so its builds stay as they are.
void forbid_core_dumps() {
#ifndef LANECRYPT_SANITIZED
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

// _X_AMZN_TRACE_ID for this invocation, absent where none came. The environment gets one buffer that is written over:
// setenv would keep every value that it ever was given.
void export_trace_id(std::string_view id) {
  constexpr std::string_view name = "_X_AMZN_TRACE_ID=";
  static std::array<char, 1024> variable{};
  unsetenv("_X_AMZN_TRACE_ID");
  if (id.empty() || id.size() >= variable.size() - name.size()) return;
  char* end = std::copy(name.begin(), name.end(), variable.data());
  *std::copy(id.begin(), id.end(), end) = '\0';
  putenv(variable.data());
}

std::string_view exported_trace_id() {
  const char* id = getenv("_X_AMZN_TRACE_ID");
  return id == nullptr ? std::string_view{} : std::string_view{id};
}

HandlerResult handle(const Handler& handler, const Invocation& invocation, Arena& arena) {
  if (invocation.event_too_large) {
    HandlerResult result;
    result.error = HandlerError{"Function", "InvalidRequest", event_too_large};
    return result;
  }
  InvocationContext context;
  context.deadline_unix_ms = invocation.deadline_unix_ms;
  context.cancel = shutdown_flag();
  return handler.handle(invocation.event, context, arena);
}

// One event from arrival to answer. The arenas are wiped on every way out, after what lives in them. What is posted is
// put together in the second: an event that has filled the first is answered like any other.
// The handler is made while the first event is on its way: what it asks the machine takes as long as that.
Next serve_one(RuntimeApi& api, const HandlerConfig& config, std::optional<Handler>& handler, const Log& log,
               Arena& arena, Arena& post_arena) {
  const ArenaWipe wipe(arena);
  const ArenaWipe wipe_post(post_arena);
  Invocation invocation;
  const Next next = api.next(arena, invocation, [&] {
    if (!handler) handler.emplace(config);
  });
  if (next != Next::invocation || !handler) return next;
  export_trace_id(invocation.trace_id);
  const HandlerResult result = handle(*handler, invocation, arena);
  const bool go_on = result.error ? api.error(invocation.request_id, *result.error, post_arena)
                                  : api.answer(invocation.request_id, result.answer, post_arena);
  log.invocation(invocation.request_id, exported_trace_id(), result.summary, result.error);
  return go_on ? Next::invocation : Next::failed;
}

std::optional<HandlerError> initialise(HandlerConfig& config) {
  if (auto error = config_from_environment(config)) return error;
  return check_engine(config);
}

int run_bootstrap(const Log& log) {
  const char* address = getenv("AWS_LAMBDA_RUNTIME_API");
  const std::optional<Endpoint> endpoint = parse_endpoint(address == nullptr ? "" : address);
  if (!endpoint) {
    log.message(LogLevel::fatal, "AWS_LAMBDA_RUNTIME_API must be ADDRESS:PORT, as Lambda and its emulators set it");
    return EXIT_FAILURE;
  }
  Arena arena;
  Arena post_arena;
  static_cast<void>(post_arena.keep("x"));  // its first chunk, which it keeps, must not be asked for when memory is out
  RuntimeApi api(*endpoint, log);
  HandlerConfig config;
  if (const auto error = initialise(config)) {
    log.message(LogLevel::fatal, error->message);
    api.init_error(*error, arena);
    return EXIT_FAILURE;
  }
  std::optional<Handler> handler;
  Next next = Next::invocation;
  while (next == Next::invocation) next = serve_one(api, config, handler, log, arena, post_arena);
  return next == Next::shut_down ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace lanecrypt::runtime

int main() {
  using namespace lanecrypt::runtime;
  forbid_core_dumps();
  const Log log = Log::from_environment();
  if (!install_shutdown()) {
    log.message(LogLevel::fatal, "signal handlers could not be installed");
    return EXIT_FAILURE;
  }
  try {
    return run_bootstrap(log);
  } catch (...) {  // memory is out, most likely; nothing that can be said depends on the event
    log.message(LogLevel::fatal, "the bootstrap ran out of memory or met an internal error");
    return EXIT_FAILURE;
  }
}
