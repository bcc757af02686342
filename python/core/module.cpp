// lanecrypt._core: what Python sees of the C ABI. Names, types and defaults for people are the package's
// (python/lanecrypt); this module is its private part and keeps no state of its own, so it needs no GIL to be safe.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "../main_interpreter.hpp"
#include "calls.hpp"
#include "machine.hpp"

namespace py = pybind11;
namespace core = lanecrypt::python;

namespace {

core::Call make_call(std::uint64_t deadline_ns, py::object progress, py::object cancel) {
  if (!cancel.is_none() && !py::isinstance<core::Cancel>(cancel))
    throw py::type_error("cancel must be a Cancel or None");
  return {deadline_ns, std::move(progress), std::move(cancel)};
}

py::list refusals(const core::Column& column) {
  py::list list;
  for (const auto& [index, reason] : column.refusals()) list.append(py::make_tuple(index, reason));
  return list;
}

core::Options make_options(std::uint32_t cost, std::string prefix, bool truncate, std::uint32_t max_cost,
                           std::uint32_t threads, std::uint32_t upgrade_cost, bool equal_time,
                           std::optional<std::string> engine) {
  return {cost, std::move(prefix), truncate, max_cost, threads, upgrade_cost, equal_time, std::move(engine)};
}

py::tuple hash_batch(const core::Column& passwords, const core::Column* settings, std::size_t start, std::size_t stop,
                     const core::Options& options, std::uint64_t deadline_ns, py::object progress, py::object cancel) {
  return core::hash_batch(passwords, settings, start, stop, options,
                          make_call(deadline_ns, std::move(progress), std::move(cancel)));
}

py::tuple verify_batch(const core::Column& passwords, const core::Column& hashes, std::size_t start, std::size_t stop,
                       const core::Options& options, std::uint64_t deadline_ns, py::object progress,
                       py::object cancel) {
  return core::verify_batch(passwords, hashes, start, stop, options,
                            make_call(deadline_ns, std::move(progress), std::move(cancel)));
}

py::object next_column(core::ArrowStream& stream) {
  auto items = stream.next();
  return items == nullptr ? py::none() : py::cast(core::Column(std::move(items)));
}

core::Column make_column(py::handle items, const char* argument) { return {items, argument}; }
core::ArrowStream make_arrow_stream(py::handle stream, const char* argument) { return {stream, argument}; }

void add_classes(py::module_& module) {
  py::options help;
  help.disable_function_signatures();  // they would show this module's name, which is private
  py::class_<core::Cancel>(module, "Cancel", py::is_final(),
                           "A flag that ends the batches that were given it.\n\n"
                           "set() may be called from any thread, as often as one likes, and from a signal handler.\n"
                           "Batches that run end within a few milliseconds, and those begun later at once: items that\n"
                           "were not finished fail with the code 'cancelled'.")
      .def(py::init<>())
      .def("set", &core::Cancel::set, "Ends the batches that were given this object.")
      .def("is_set", &core::Cancel::is_set, "Whether set() was called.");
  // Made by functions that return them by value: where pybind11 has no memory to note a new object in, its constructors
  // end the process, and what comes in a unique_ptr is freed twice.
  const py::class_<core::Options> options(module, "Options", py::is_final());
  module.def("make_options", &make_options, py::kw_only(), py::arg("cost"), py::arg("prefix"), py::arg("truncate"),
             py::arg("max_cost"), py::arg("threads"), py::arg("upgrade_cost"), py::arg("equal_time"),
             py::arg("engine").none(true));
  py::class_<core::Column>(module, "Column", py::is_final())
      .def("__len__", &core::Column::size)
      .def("forget", &core::Column::forget)
      .def("refusals", &refusals)
      .def("nulls", &core::Column::nulls);
  module.def("make_column", &make_column, py::arg("items"), py::arg("argument"));
  py::class_<core::ArrowStream>(module, "ArrowStream", py::is_final()).def("next", &next_column);
  module.def("make_arrow_stream", &make_arrow_stream, py::arg("stream"), py::arg("argument"));
}

}  // namespace

PYBIND11_MODULE(_core_of_main, module, py::mod_gil_not_used()) {
  add_classes(module);
  core::add_machine(module);
  core::add_texts(module);
  module.def("hash_batch", &hash_batch, py::arg("passwords"), py::arg("settings").none(true), py::arg("start"),
             py::arg("stop"), py::arg("options"), py::arg("deadline_ns"), py::arg("progress"), py::arg("cancel"));
  module.def("verify_batch", &verify_batch, py::arg("passwords"), py::arg("hashes"), py::arg("start"), py::arg("stop"),
             py::arg("options"), py::arg("deadline_ns"), py::arg("progress"), py::arg("cancel"));
  module.def("hash_one", &core::hash_one, py::arg("password"), py::arg("setting"), py::arg("options"));
  module.def("verify_one", &core::verify_one, py::arg("password"), py::arg("hash"), py::arg("options"));
  module.def("pbkdf_hash", &core::pbkdf_hash, py::arg("password_digest"), py::arg("salt_digests"));
}

extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
  return lanecrypt::python::in_main_interpreter("lanecrypt") ? PyInit__core_of_main() : nullptr;
}
