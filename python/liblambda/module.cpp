// The module liblambda as Python sees it: handler(event, context), the exceptions, and an import that fails where the
// bootstrap would fail to start.
#include <lanecrypt/lanecrypt.h>
#include <pybind11/pybind11.h>

#include <memory>

#include "../main_interpreter.hpp"
#include "config.hpp"
#include "errors.hpp"
#include "function.hpp"

namespace {

namespace py = pybind11;
namespace runtime = lanecrypt::runtime;

constexpr const char* module_text = "lanecrypt's Lambda function: name liblambda.handler as the handler.";
constexpr const char* handler_text =
    "Answers one Lambda event: {'op': 'hash' or 'verify', 'items': [...]}, {'count': ..., 'mode': ...}, HTTP (API "
    "Gateway,\n"
    "Function URL, load balancer), a Pipe's records, a Distributed Map's batch.\n\n"
    "An event that is wrong as a whole raises InvalidRequest (over HTTP it is answered with a status); an item that "
    "is\n"
    "wrong says so in its answer. context may be None: there is no deadline then.";
constexpr const char* record_handler_text =
    "A handler that also takes events of SQS and Kinesis, whose results go to deliver.\n\n"
    "deliver is called at most once for an event, with a list of dicts in the order of the records, one for each that "
    "was\n"
    "computed: {'record': messageId or sequenceNumber, 'source': 'aws:sqs' or 'aws:kinesis', 'group': ..., 'arn': "
    "...,\n"
    "'answer': {...}}. It returns the indexes of those that it could not deliver, or None. They, and what must not "
    "overtake\n"
    "them (a FIFO queue's group, a stream), are reported as failed and come again. If it raises, the invocation "
    "fails.\n\n"
    "Any number of threads may call the handler; deliver is called on the caller's.";

// Has the environment a configuration that can run here? What is wrong with it is the Python error.
bool is_configured() {
  runtime::HandlerConfig config;
  std::optional<runtime::HandlerError> error = runtime::config_from_environment(config);
  if (!error) error = runtime::check_engine(config);
  if (error) lanecrypt::liblambda::set_import_error(*error);
  return !error;
}

}  // namespace

PYBIND11_MODULE(liblambda_of_main, module, py::mod_gil_not_used()) {
  using lanecrypt::liblambda::Function;
  module.doc() = module_text;
  module.attr("__version__") = lanecrypt_version();
  runtime::HandlerConfig config;
  static_cast<void>(runtime::config_from_environment(config));  // is_configured() has seen it
  const auto function = std::make_shared<const Function>(module, std::move(config));
  module.def(
      "handler",
      [function](py::handle event, py::handle context) { return function->answer(event, context, py::none()); },
      py::arg("event"), py::arg("context") = py::none(), handler_text);
  module.def(
      "record_handler",
      [function](py::function deliver) {  // NOLINT(performance-unnecessary-value-param): it is moved
        return py::cpp_function(
            [function, deliver = std::move(deliver)](py::handle event, py::handle context) {
              return function->answer(event, context, deliver);
            },
            py::name("handler"), py::arg("event"), py::arg("context") = py::none(), handler_text);
      },
      py::arg("deliver"), record_handler_text);
}

extern "C" PYBIND11_EXPORT PyObject* PyInit_liblambda() {
  if (!lanecrypt::python::in_main_interpreter("liblambda") || !is_configured()) return nullptr;
  return PyInit_liblambda_of_main();
}
