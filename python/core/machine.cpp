// See the header. All answers are plain tuples; the package gives their fields names.
#include "machine.hpp"

#include <lanecrypt/lanecrypt.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <vector>

#include "without_gil.hpp"

namespace py = pybind11;

namespace lanecrypt::python {
namespace {

const char* state_name(std::uint32_t state) {
  switch (state) {
    case LANECRYPT_ENGINE_READY:
      return "ready";
    case LANECRYPT_ENGINE_CPU_LACKS:
      return "cpu_lacks";
    default:
      return "failed_test";
  }
}

// (name, lanes, state, relative time by width from 1)
py::list engines() {
  py::list rows;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) {
    lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
    {
      const WithoutGil released;  // its self-test may run
      if (lanecrypt_engine(i, &info) != LANECRYPT_OK) continue;
    }
    py::list times;
    for (std::uint32_t width = 1; width <= info.lanes; ++width) times.append(info.relative_time[width]);
    rows.append(py::make_tuple(info.name, info.lanes, state_name(info.state), py::tuple(times)));
  }
  return rows;
}

py::tuple cpu_budget() {
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  lanecrypt_threads(&budget);
  return py::make_tuple(budget.threads, budget.visible_cores, budget.affinity, budget.cgroup, budget.lambda);
}

// (status name, engine, threads, widths of the groups in their order, relative time, width limit and its reason, L1D
// bytes, hardware threads that share it)
py::tuple plan(std::size_t count, std::uint32_t threads, const std::optional<std::string>& engine) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.threads = threads;
  options.engine = engine ? engine->c_str() : nullptr;
  lanecrypt_plan_info info = LANECRYPT_PLAN_INFO_INIT;
  std::vector<std::uint32_t> widths;
  lanecrypt_status status = LANECRYPT_OK;
  {
    const WithoutGil released;
    status = lanecrypt_plan(count, &options, nullptr, 0, &info);
    widths.resize(info.groups);
    if (status == LANECRYPT_OK) status = lanecrypt_plan(count, &options, widths.data(), widths.size(), &info);
  }
  py::tuple in_order(widths.size());
  for (std::size_t i = 0; i < widths.size(); ++i) in_order[i] = widths[i];
  return py::make_tuple(lanecrypt_status_name(status), info.engine, info.threads, in_order, info.relative_time,
                        info.width_limit, info.width_reason, info.l1d_bytes, info.l1d_threads);
}

py::object gensalt(std::uint32_t cost, const std::string& prefix) {
  char setting[LANECRYPT_SETTING_SIZE];
  const lanecrypt_status status = lanecrypt_gensalt(cost, prefix.c_str(), setting);
  if (status == LANECRYPT_NO_ENTROPY) throw py::value_error(lanecrypt_status_text(status));
  return status == LANECRYPT_OK ? py::object(py::bytes(setting)) : py::none();
}

// (prefix, cost, setting), or None for what is no stored hash
py::object parse_hash(const py::bytes& hash) {
  const std::string_view text = hash;
  lanecrypt_hash_info info = LANECRYPT_HASH_INFO_INIT;
  if (lanecrypt_parse_hash(text.data(), text.size(), &info) != LANECRYPT_OK) return py::none();
  return py::make_tuple(py::bytes(info.prefix), info.cost, py::bytes(info.setting));
}

py::tuple needs_rehash(const py::bytes& hash, std::uint32_t cost, const std::string& prefix) {
  const std::string_view text = hash;
  int needs = 0;
  const lanecrypt_status status = lanecrypt_needs_rehash(text.data(), text.size(), cost, prefix.c_str(), &needs);
  return py::make_tuple(lanecrypt_status_name(status), needs != 0);
}

// The sentence of a status, by its name.
py::object status_text(const std::string& name) {
  for (lanecrypt_status status = 0; status <= LANECRYPT_INTERNAL; ++status) {
    if (name == lanecrypt_status_name(status)) return py::str(lanecrypt_status_text(status));
  }
  return py::none();
}

}  // namespace

void add_machine(py::module_& module) {
  module.def("version", &lanecrypt_version);
  module.def("engines", &engines);
  module.def("cpu_budget", &cpu_budget);
  module.def("plan", &plan, py::arg("count"), py::arg("threads"), py::arg("engine").none(true));
}

void add_texts(py::module_& module) {
  module.def("gensalt", &gensalt, py::arg("cost"), py::arg("prefix"));
  module.def("parse_hash", &parse_hash, py::arg("hash"));
  module.def("needs_rehash", &needs_rehash, py::arg("hash"), py::arg("cost"), py::arg("prefix"));
  module.def("status_text", &status_text, py::arg("name"));
}

}  // namespace lanecrypt::python
