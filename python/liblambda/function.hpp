// Function: what stands behind liblambda.handler. It is to the Python runtime what bootstrap_main.cpp is to the Runtime
// API: an invocation's context read, the handler called, a log line written, an answer or an exception given back.
#ifndef LANECRYPT_PYTHON_LIBLAMBDA_FUNCTION_HPP
#define LANECRYPT_PYTHON_LIBLAMBDA_FUNCTION_HPP

#include <pybind11/pybind11.h>

#include "arena.hpp"
#include "errors.hpp"
#include "handler.hpp"
#include "log.hpp"

namespace lanecrypt::liblambda {

// Constant after construction: any number of threads may be in answer() at the same time, each with an arena of its
// own.
class Function {
 public:
  Function(pybind11::module_& module, runtime::HandlerConfig config);

  // event: made of what JSON parsers make. context: Lambda's, or None, or any object; of its attributes those that are
  // there and make sense are used.
  // deliver: where results of SQS and Kinesis records go, see delivery.hpp; or None.
  [[nodiscard]] pybind11::object answer(pybind11::handle event, pybind11::handle context,
                                        pybind11::handle deliver) const;

 private:
  [[nodiscard]] runtime::HandlerResult compute(pybind11::handle event, const runtime::InvocationContext& context,
                                               runtime::Arena& arena) const;
  void log(pybind11::handle context, const runtime::HandlerResult& result) const;

  runtime::Handler handler_;
  runtime::Log log_;
  ErrorClasses errors_;
  pybind11::object loads_;        // json.loads
  pybind11::object environment_;  // os.environ: getenv would race with threads that change it
};

}  // namespace lanecrypt::liblambda

#endif
