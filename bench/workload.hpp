// What is hashed, and beside whom: numbered passwords with numbered salts, batches of them through the C ABI, and
// libcrypt's crypt_r called as its users call it, with nothing of ours around it.
#pragma once

#include <crypt.h>
#include <lanecrypt/lanecrypt.h>

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lanecrypt::bench {

// A call failed or a hash is not libcrypt's: there is nothing left to measure.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A password and the setting it is hashed with.
struct Sample {
  std::string password;
  std::string setting;
};

// The same samples in every run: password_000000 with salt 0, password_000001 with salt 1, ...
std::vector<Sample> make_samples(std::size_t count, unsigned cost);

// The engine asked for in LANECRYPT_ENGINE; nullptr: the best that runs here.
const char* wished_engine() noexcept;

// The default options with the wished engine.
lanecrypt_options make_options(unsigned threads) noexcept;

class Libcrypt {
 public:
  // Valid until the next call. Throws Fault where crypt_r declines.
  const char* hash(const char* password, const char* setting);

 private:
  std::unique_ptr<crypt_data> data_ = std::make_unique<crypt_data>();
};

// Jobs of the C ABI and their outputs. Refers to its samples.
class Batch {
 public:
  enum class Salts { given, drawn };  // drawn: the library makes a setting of its own for each job

  Batch(std::span<const Sample> samples, Salts salts);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // The C call and nothing else: this is what is timed.
  void run(const lanecrypt_options& options) noexcept;

  // Throws Fault unless the last run was LANECRYPT_OK, by the engine it should be, and every job has this status.
  void check_ended(lanecrypt_status status) const;

  // Throws Fault unless all jobs ended well and hash i is hashes[i]. Wipes the hashes, so that none is taken for the
  // next run's.
  void check(std::span<const std::string> hashes);

  // The same, with every step-th hash computed again by libcrypt under the setting that it came out with.
  void check_some(Libcrypt& libcrypt, std::size_t step);

  const lanecrypt_report& report() const noexcept { return report_; }  // of the last run
  const char* hash(std::size_t i) const noexcept { return jobs_[i].hash; }

 private:
  void check_hash(std::size_t i, std::string_view expected) const;

  std::span<const Sample> samples_;
  std::vector<lanecrypt_hash_job> jobs_;
  lanecrypt_report report_ = LANECRYPT_REPORT_INIT;
  lanecrypt_status ran_ = LANECRYPT_OK;
};

}  // namespace lanecrypt::bench
