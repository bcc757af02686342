// Batches of the C ABI for Python: without the GIL, stopped by signals (Ctrl-C), by a Cancel or by an answer of
// progress.
#pragma once

#include <lanecrypt/lanecrypt.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>

#include "column.hpp"

namespace lanecrypt::python {

// A flag that any thread, and a signal handler of Python's, may set to end the batches that were given it.
class Cancel {
 public:
  void set() noexcept { __atomic_store_n(&flag_, 1, __ATOMIC_RELAXED); }
  bool is_set() const noexcept { return __atomic_load_n(&flag_, __ATOMIC_RELAXED) != 0; }
  const volatile std::int32_t* flag() const noexcept { return &flag_; }

 private:
  std::int32_t flag_ = 0;
};

// What stays the same from call to call. Ranges are the package's to check; the ABI checks them again.
struct Options {
  std::uint32_t cost = LANECRYPT_COST_DEFAULT;
  std::string prefix = "2b";
  bool truncate = false;
  std::uint32_t max_cost = LANECRYPT_MAX_COST_DEFAULT;
  std::uint32_t threads = 0;
  std::uint32_t upgrade_cost = 0;
  bool equal_time = false;
  std::optional<std::string> engine;
};

// What belongs to one call.
struct Call {
  std::uint64_t deadline_ns = 0;
  pybind11::object progress;  // None, or called as progress(done, total); False cancels
  pybind11::object cancel;    // None or a Cancel
};

// Both answer (status of the call, results, failures, report). results has one entry for each item from start to stop:
// a hash, or True and False, or None where there is none. failures has (index, status name) for each item that ended in
// an error. report is (engine or None, threads that computed, nanoseconds inside of the library).
pybind11::tuple hash_batch(const Column& passwords, const Column* settings, std::size_t start, std::size_t stop,
                           const Options& options, const Call& call);

// results has (match, new hash or None, status name of the upgrade) where options.upgrade_cost is set.
pybind11::tuple verify_batch(const Column& passwords, const Column& hashes, std::size_t start, std::size_t stop,
                             const Options& options, const Call& call);

// One hash on the calling thread: (status name, hash or None).
pybind11::tuple hash_one(const pybind11::bytes& password, const pybind11::bytes& setting, const Options& options);

// One verification on the calling thread: the status name.
std::string verify_one(const pybind11::bytes& password, const pybind11::bytes& hash, const Options& options);

// The inner hash of bcrypt_pbkdf for each 64-byte digest of a salt: (status name, 32 bytes each).
pybind11::tuple pbkdf_hash(const pybind11::bytes& password_digest, const pybind11::bytes& salt_digests);

}  // namespace lanecrypt::python
