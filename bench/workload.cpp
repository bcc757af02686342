// Samples, batches and libcrypt. See the header.
#include "workload.hpp"

#include <cstdlib>
#include <cstring>

#include "setting.hpp"

namespace lanecrypt::bench {
namespace {

std::string numbered_password(std::size_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return "password_" + digits;
}

Salt numbered_salt(std::size_t number) noexcept {
  Salt salt;
  // A step that is odd and no power of two: neighbours differ in every byte.
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>(number * 167 + i * 29);
  return salt;
}

}  // namespace

std::vector<Sample> make_samples(std::size_t count, unsigned cost) {
  std::vector<Sample> samples;
  samples.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back({numbered_password(i), std::string(Setting::make('b', cost, numbered_salt(i)).text())});
  }
  return samples;
}

const char* wished_engine() noexcept {
  const char* const name = std::getenv("LANECRYPT_ENGINE");
  return name == nullptr || *name == '\0' ? nullptr : name;
}

lanecrypt_options make_options(unsigned threads) noexcept {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = wished_engine();
  options.threads = threads;
  return options;
}

const char* Libcrypt::hash(const char* password, const char* setting) {
  const char* const hash = crypt_r(password, setting, data_.get());
  if (hash == nullptr || std::strlen(hash) != hash_length) throw Fault("libcrypt declined " + std::string(setting));
  return hash;
}

Batch::Batch(std::span<const Sample> samples, Salts salts) : samples_(samples) {
  jobs_.reserve(samples.size());
  for (const Sample& sample : samples) {
    lanecrypt_hash_job job{};
    job.password = sample.password.data();
    job.password_length = sample.password.size();
    if (salts == Salts::given) job.setting = sample.setting.data();
    job.setting_length = sample.setting.size();
    jobs_.push_back(job);
  }
}

void Batch::run(const lanecrypt_options& options) noexcept {
  report_ = LANECRYPT_REPORT_INIT;
  ran_ = lanecrypt_hash_batch(jobs_.data(), jobs_.size(), sizeof(lanecrypt_hash_job), &options, &report_);
}

void Batch::check_ended(lanecrypt_status status) const {
  if (ran_ != LANECRYPT_OK) throw Fault("lanecrypt_hash_batch: " + std::string(lanecrypt_status_text(ran_)));
  if (report_.engines_failed > 0) throw Fault("a better engine failed its self-test: this would measure the wrong one");
  for (const lanecrypt_hash_job& job : jobs_) {
    if (job.status != status) throw Fault("a job ended with: " + std::string(lanecrypt_status_text(job.status)));
  }
}

void Batch::check(std::span<const std::string> hashes) {
  check_ended(LANECRYPT_OK);
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    check_hash(i, hashes[i]);
    std::memset(jobs_[i].hash, 0, sizeof jobs_[i].hash);
  }
}

void Batch::check_some(Libcrypt& libcrypt, std::size_t step) {
  check_ended(LANECRYPT_OK);
  for (std::size_t i = 0; i < jobs_.size(); i += step) {
    check_hash(i, libcrypt.hash(samples_[i].password.c_str(), jobs_[i].hash));
  }
  for (lanecrypt_hash_job& job : jobs_) std::memset(job.hash, 0, sizeof job.hash);
}

void Batch::check_hash(std::size_t i, std::string_view expected) const {
  if (expected != jobs_[i].hash) throw Fault("the hash of job " + std::to_string(i) + " is not libcrypt's");
}

}  // namespace lanecrypt::bench
