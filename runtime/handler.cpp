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
  if (event.size() > max_event_bytes) throw InvalidRequest{event_too_large};
  JsonTree tree(call.arena);
  const std::string_view problem = read_json(event, call.arena, tree);
  if (!problem.empty()) throw InvalidRequest{problem};
  const boost::json::object* object = tree.root.if_object();
  if (object == nullptr) throw InvalidRequest{"the event must be a JSON object"};
  return source_of(*object).answer(*object, tree, call);
}

HandlerResult answer_or_error(std::string_view event, Call& call) noexcept {
  HandlerResult result;
  try {
    result.answer = answer_event(event, call);
  } catch (const InvalidRequest& wrong) {
    result.error = HandlerError{"Function", "InvalidRequest", wrong.message};
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

std::optional<HandlerError> Handler::check() const noexcept {
  if (!config_.engine.empty()) return forced_engine_error(config_.engine);
  if (!engine_name({}).empty()) return std::nullopt;
  return HandlerError{"Runtime", "SelfTestFailed", "no engine passed its self-test"};
}

HandlerResult Handler::handle(std::string_view event, const InvocationContext& context, Arena& arena) const noexcept {
  InvocationSummary summary;
  Call call{config_, context, arena, summary};
  HandlerResult result = answer_or_error(event, call);
  result.summary = summary;
  wipe_stack();
  return result;
}

}  // namespace lanecrypt::runtime
