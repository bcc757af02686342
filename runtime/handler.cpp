// From event text to answer text: limits, parsing, the event's source, and every exception turned into an error answer.
#include "handler.hpp"

#include <lanecrypt/lanecrypt.h>

#include <new>

#include "json.hpp"
#include "limits.hpp"
#include "request.hpp"
#include "sources/source.hpp"
#include "work.hpp"

namespace lanecrypt::runtime {
namespace {

constexpr std::string_view out_of_memory = "the event needs more memory than one invocation may take";

std::string_view answer_event(std::string_view event, Call& call) {
  if (event.size() > max_body_bytes) throw InvalidRequest{event_too_large};
  call.event_too_large = event.size() > max_event_bytes;
  JsonTree tree(call.arena);
  const std::string_view problem = JsonReader("the event", call.arena).read(event, tree);
  if (!problem.empty()) throw InvalidRequest{call.event_too_large ? event_too_large : problem};
  const Source& source = source_of(tree.root);
  if (call.event_too_large && &source != &http_source) throw InvalidRequest{event_too_large};
  call.summary.source = source.name;
  return source.answer(tree.root, tree, call);
}

HandlerResult answer_or_error(std::string_view event, Call& call) noexcept {
  HandlerResult result;
  try {
    result.answer = answer_event(event, call);
  } catch (const InvalidRequest& wrong) {
    result.error = HandlerError{"Function", "InvalidRequest", wrong.message};
  } catch (const HandlerError& error) {
    result.error = error;
  } catch (const BatchFailed& failed) {
    result.error = HandlerError{"Runtime", "BatchFailed", lanecrypt_status_text(failed.status)};
  } catch (const std::bad_alloc&) {
    result.error = HandlerError{"Function", "OutOfMemory", out_of_memory};
  } catch (...) {
    result.error = HandlerError{"Runtime", "Internal", "an internal error in the handler"};
  }
  return result;
}

std::optional<HandlerError> forced_engine_error(std::string_view name) {
  for (std::size_t index = 0; index < lanecrypt_engine_count(); ++index) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    if (lanecrypt_engine(index, &info) != LANECRYPT_OK || name != info.name) continue;
    if (info.state == LANECRYPT_ENGINE_READY) return std::nullopt;
    if (info.state == LANECRYPT_ENGINE_FAILED_TEST) {
      return HandlerError{"Runtime", "SelfTestFailed", "the engine of LANECRYPT_ENGINE failed its self-test"};
    }
    return HandlerError{"Runtime", "InvalidEngine", "the engine of LANECRYPT_ENGINE cannot run on this CPU"};
  }
  return HandlerError{"Runtime", "InvalidEngine", "LANECRYPT_ENGINE names no engine of this build"};
}

}  // namespace

std::optional<HandlerError> check_engine(const HandlerConfig& config) noexcept {
  return config.engine.empty() ? std::nullopt : forced_engine_error(config.engine);
}

Handler::Handler(HandlerConfig config)
    : config_(std::move(config)), workers_(workers_of_process(config_.worker_count)) {
  static_cast<void>(engine_name(config_.engine));  // reads CPUID for the first time, which is slow in a virtual machine
}

HandlerResult Handler::handle(std::string_view event, const InvocationContext& context, Arena& arena) const noexcept {
  InvocationSummary summary;
  Call call{config_, workers_, context, arena, summary, false};
  HandlerResult result = answer_or_error(event, call);
  result.summary = summary;
  wipe_stack();
  return result;
}

}  // namespace lanecrypt::runtime
