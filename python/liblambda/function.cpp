// Passwords are in the event's objects, which are the runtime's, and in the arena, which is wiped on every way out. The
// answer, which becomes a str and then objects, holds none.
#include "function.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "delivery.hpp"
#include "event_text.hpp"
#include "request.hpp"

namespace lanecrypt::liblambda {
namespace {

namespace py = pybind11;

using runtime::HandlerError;
using runtime::HandlerResult;
using runtime::InvocationContext;

constexpr double longest_remaining_ms = 1e12;  // thirty years: whoever says more means none

py::object attribute(py::handle object, const char* name) { return py::getattr(object, name, py::none()); }

// Empty for what is no str, or none that UTF-8 can say.
std::string text_of(py::handle value) {
  if (!PyUnicode_Check(value.ptr())) return {};
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (text != nullptr) return {text, static_cast<std::size_t>(size)};
  PyErr_Clear();
  return {};
}

std::uint64_t now_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

// 0, which is none, where the context does not know, or answers with what is no time (a mock object).
std::uint64_t deadline_of(py::handle context) {
  const py::object remaining = attribute(context, "get_remaining_time_in_millis");
  if (PyCallable_Check(remaining.ptr()) == 0) return 0;
  const py::object answer = remaining();
  if (PyLong_Check(answer.ptr()) == 0 && PyFloat_Check(answer.ptr()) == 0) return 0;
  const double ms = PyFloat_AsDouble(answer.ptr());
  if (PyErr_Occurred() != nullptr) {  // an int too large for a double
    PyErr_Clear();
    return 0;
  }
  if (!(std::abs(ms) < longest_remaining_ms)) return 0;
  return now_ms() + static_cast<std::uint64_t>(std::max(ms, 0.0));
}

// The thread's arena for one call, wiped behind it: a small event finds its memory mapped. A `deliver` that calls a
// handler again finds it taken and gets one of its own.
class Lease {
 public:
  Lease() : taken_(std::exchange(busy(), true)) {}
  ~Lease() {
    arena().wipe();
    if (!taken_) busy() = false;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Lease(Lease&&) = delete;
  Lease& operator=(Lease&&) = delete;

  runtime::Arena& arena() noexcept {
    thread_local runtime::Arena kept;
    return taken_ ? own_ : kept;
  }

 private:
  static bool& busy() noexcept {
    thread_local bool flag = false;
    return flag;
  }

  bool taken_;
  runtime::Arena own_;
};

}  // namespace

Function::Function(py::module_& module, runtime::HandlerConfig config)
    : handler_(std::move(config)),
      log_(runtime::Log::from_environment()),
      errors_(module),
      loads_(py::module_::import("json").attr("loads")),
      environment_(py::module_::import("os").attr("environ")) {}

HandlerResult Function::compute(py::handle event, const InvocationContext& context, runtime::Arena& arena) const {
  try {
    const std::string_view text = write_event(event, arena);
    const py::gil_scoped_release others_may_run;
    return handler_.handle(text, context, arena);
  } catch (const runtime::InvalidRequest& wrong) {
    HandlerResult refused;
    refused.error = HandlerError{"Function", "InvalidRequest", wrong.message};
    return refused;
  }
}

// Without the GIL too: a pipe that nobody reads would hold all of Python.
void Function::log(py::handle context, const HandlerResult& result) const {
  const std::string request_id = text_of(attribute(context, "aws_request_id"));
  const std::string trace_id = text_of(environment_.attr("get")("_X_AMZN_TRACE_ID"));
  const py::gil_scoped_release others_may_run;
  log_.invocation(request_id, trace_id, result.summary, result.error);
}

py::object Function::answer(py::handle event, py::handle context, py::handle deliver) const {
  Lease lease;
  const Delivery delivery(deliver, loads_);
  InvocationContext invocation;
  invocation.deadline_unix_ms = deadline_of(context);
  if (!deliver.is_none()) invocation.destination = &delivery;
  const HandlerResult result = compute(event, invocation, lease.arena());
  log(context, result);
  delivery.raise_again();
  if (result.error) errors_.raise(*result.error);
  return loads_(py::str(result.answer.data(), result.answer.size()));
}

}  // namespace lanecrypt::liblambda
