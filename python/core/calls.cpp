// See the header.
#include "calls.hpp"

#include <stdexcept>
#include <vector>

#include "without_gil.hpp"

namespace py = pybind11;

namespace lanecrypt::python {
namespace {

// Passed to the library as its progress callback, which it calls about every 50 ms on the calling thread: the place to
// look for signals, which Python only notes. An exception waits here until the batch has ended.
class Watch {
 public:
  explicit Watch(const py::object& progress) : progress_(progress) {}

  static int called(void* self, std::size_t done, std::size_t total) noexcept {
    return static_cast<Watch*>(self)->go_on(done, total) ? 0 : 1;
  }

  // With the GIL: what was raised meanwhile is raised.
  void rethrow() {
    if (raised_) throw py::error_already_set(std::move(*raised_));
  }

 private:
  // NOLINTNEXTLINE(bugprone-exception-escape): pybind11 where it can have no thread state: nobody could be told.
  bool go_on(std::size_t done, std::size_t total) noexcept {
    if (!ends_itself_ && interpreter_ends()) return false;
    std::optional<py::gil_scoped_acquire> gil;
    stop_with_python([&] { gil.emplace(); });
    if (raised_) return false;
    try {
      if (stop_with_python(PyErr_CheckSignals) != 0) throw py::error_already_set();
      return progress_.is_none() || !ask(py::make_tuple(done, total)).is(py::bool_(false));
    } catch (py::error_already_set& error) {
      raised_.emplace(std::move(error));
    } catch (...) {  // pybind11's own, where arguments could not be made into objects
      PyErr_SetString(PyExc_RuntimeError, "progress could not be called");
      raised_.emplace();
    }
    return false;
  }

  py::object ask(const py::tuple& arguments) {
    PyObject* const answer = stop_with_python([&] { return PyObject_CallObject(progress_.ptr(), arguments.ptr()); });
    if (answer == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(answer);
  }

  const py::object& progress_;
  const bool ends_itself_ = interpreter_ends();  // as in WithoutGil
  std::optional<py::error_already_set> raised_;
};

lanecrypt_options abi_options(const Options& options, const Call& call, Watch& watch) {
  lanecrypt_options abi = LANECRYPT_OPTIONS_INIT;
  abi.engine = options.engine ? options.engine->c_str() : nullptr;
  abi.prefix = options.prefix.c_str();
  abi.cost = options.cost;
  abi.max_cost = options.max_cost;
  abi.threads = options.threads;
  abi.long_passwords = options.truncate ? LANECRYPT_LONG_TRUNCATE : LANECRYPT_LONG_REFUSE;
  abi.upgrade_cost = options.upgrade_cost;
  abi.equal_time = options.equal_time ? 1 : 0;
  abi.deadline_ns = call.deadline_ns;
  abi.cancel = call.cancel.is_none() ? nullptr : call.cancel.cast<const Cancel&>().flag();
  abi.progress = &Watch::called;
  abi.progress_context = &watch;
  return abi;
}

void check_range(const Column& passwords, const Column* others, std::size_t start, std::size_t stop) {
  if (start > stop || stop > passwords.size() || (others != nullptr && others->size() != passwords.size())) {
    throw std::out_of_range("start and stop must lie inside of columns of equal length");
  }
}

// A password that is none, as arguments that the ABI answers with LANECRYPT_INVALID_ARGUMENT.
void set_password(const Item& item, const void*& password, std::size_t& length) {
  const bool value = item.kind == ItemKind::value;
  password = value ? item.data : nullptr;
  length = value ? item.size : 1;
}

// A stored hash or a setting: null is left away. What is no bytes has no characters, and so is invalid.
void set_text(const Item& item, const char*& text, std::size_t& length) {
  // An empty row of an Arrow array may have no address; to the library that would be an absent text.
  text = item.kind == ItemKind::null ? nullptr : item.data != nullptr ? item.data : "";
  length = item.size;
}

py::object hash_or_none(const char (&hash)[LANECRYPT_HASH_SIZE]) {
  if (hash[0] == '\0') return py::none();
  return py::bytes(hash, LANECRYPT_HASH_LENGTH);
}

void add_failure(py::list& failures, std::size_t index, lanecrypt_status status) {
  failures.append(py::make_tuple(index, lanecrypt_status_name(status)));
}

// Runs run(abi options) without the GIL and then raises what a signal handler or progress raised.
template <typename Run>
lanecrypt_status watched(const Options& options, const Call& call, Run run) {
  Watch watch(call.progress);
  const lanecrypt_options abi = abi_options(options, call, watch);
  lanecrypt_status status = LANECRYPT_OK;
  {
    const WithoutGil released;
    status = run(abi);
  }
  watch.rethrow();
  return status;
}

py::tuple about(const lanecrypt_report& report) {
  return py::make_tuple(report.engine, report.threads, report.elapsed_ns);
}

py::object verified(const lanecrypt_verify_job& job, bool upgrades) {
  const bool known = job.status == LANECRYPT_OK || job.status == LANECRYPT_MISMATCH;
  if (!known) return py::none();
  const bool match = job.status == LANECRYPT_OK;
  if (!upgrades) return py::bool_(match);
  return py::make_tuple(match, hash_or_none(job.new_hash), lanecrypt_status_name(job.upgrade_status));
}

}  // namespace

py::tuple hash_batch(const Column& passwords, const Column* settings, std::size_t start, std::size_t stop,
                     const Options& options, const Call& call) {
  check_range(passwords, settings, start, stop);
  std::vector<lanecrypt_hash_job> jobs;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  const lanecrypt_status status = watched(options, call, [&](const lanecrypt_options& abi) {
    jobs.resize(stop - start);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      set_password(passwords.at(start + i), jobs[i].password, jobs[i].password_length);
      if (settings != nullptr) set_text(settings->at(start + i), jobs[i].setting, jobs[i].setting_length);
    }
    return lanecrypt_hash_batch(jobs.data(), jobs.size(), sizeof jobs[0], &abi, &report);
  });
  py::list results(jobs.size());
  py::list failures;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    results[i] = hash_or_none(jobs[i].hash);
    if (jobs[i].status != LANECRYPT_OK) add_failure(failures, start + i, jobs[i].status);
  }
  return py::make_tuple(lanecrypt_status_name(status), results, failures, about(report));
}

py::tuple verify_batch(const Column& passwords, const Column& hashes, std::size_t start, std::size_t stop,
                       const Options& options, const Call& call) {
  check_range(passwords, &hashes, start, stop);
  std::vector<lanecrypt_verify_job> jobs;
  lanecrypt_report report = LANECRYPT_REPORT_INIT;
  const lanecrypt_status status = watched(options, call, [&](const lanecrypt_options& abi) {
    jobs.resize(stop - start);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      set_password(passwords.at(start + i), jobs[i].password, jobs[i].password_length);
      set_text(hashes.at(start + i), jobs[i].hash, jobs[i].hash_length);
    }
    return lanecrypt_verify_batch(jobs.data(), jobs.size(), sizeof jobs[0], &abi, &report);
  });
  py::list results(jobs.size());
  py::list failures;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const lanecrypt_verify_job& job = jobs[i];
    results[i] = verified(job, options.upgrade_cost != 0);
    if (job.status != LANECRYPT_OK && job.status != LANECRYPT_MISMATCH) add_failure(failures, start + i, job.status);
  }
  return py::make_tuple(lanecrypt_status_name(status), results, failures, about(report));
}

py::tuple hash_one(const py::bytes& password, const py::bytes& setting, const Options& options) {
  const std::string_view secret = password;
  const std::string_view salt = setting;
  char hash[LANECRYPT_HASH_SIZE];
  const Call call{0, py::none(), py::none()};
  const lanecrypt_status status = watched(options, call, [&](const lanecrypt_options& abi) {
    return lanecrypt_hash(secret.data(), secret.size(), salt.data(), salt.size(), &abi, hash);
  });
  return py::make_tuple(lanecrypt_status_name(status), hash_or_none(hash));
}

std::string verify_one(const py::bytes& password, const py::bytes& hash, const Options& options) {
  const std::string_view secret = password;
  const std::string_view stored = hash;
  const Call call{0, py::none(), py::none()};
  return lanecrypt_status_name(watched(options, call, [&](const lanecrypt_options& abi) {
    return lanecrypt_verify(secret.data(), secret.size(), stored.data(), stored.size(), &abi);
  }));
}

py::tuple pbkdf_hash(const py::bytes& password_digest, const py::bytes& salt_digests) {
  const std::string_view password = password_digest;
  const std::string_view salts = salt_digests;
  constexpr std::size_t digest_size = LANECRYPT_PBKDF_DIGEST_SIZE;
  if (password.size() != digest_size || salts.size() % digest_size != 0) {
    throw py::value_error("digests must have 64 bytes each");
  }
  const std::size_t count = salts.size() / digest_size;
  py::bytes blocks(nullptr, count * LANECRYPT_PBKDF_BLOCK_SIZE);
  auto* const out = reinterpret_cast<std::uint8_t*>(PyBytes_AS_STRING(blocks.ptr()));
  lanecrypt_status status = LANECRYPT_OK;
  {
    const WithoutGil released;
    status = lanecrypt_pbkdf_hash(reinterpret_cast<const std::uint8_t*>(password.data()),
                                  reinterpret_cast<const std::uint8_t*>(salts.data()), count, out);
  }
  return py::make_tuple(lanecrypt_status_name(status), blocks);
}

}  // namespace lanecrypt::python
