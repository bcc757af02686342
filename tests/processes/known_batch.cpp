// Batches with known answers. See the header.
#include "known_batch.hpp"

#include <algorithm>

namespace lanecrypt::test {
namespace {

// As many jobs as are computed one by one; a number that no group is as wide as, nor a multiple of.
constexpr std::size_t different = 13;

// Of "pw": by libcrypt and by pyca/bcrypt.
constexpr char published[] = "$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC";

std::string setting_number(std::size_t number, unsigned cost) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
  std::string setting = "$2b$";
  setting += static_cast<char>('0' + cost / 10);
  setting += static_cast<char>('0' + cost % 10);
  setting += "$abcdefghijklmnopqrstu.";
  for (std::size_t at = 7; number > 0; number /= 32, ++at) setting[at] = digits[number % 32];
  return setting;
}

lanecrypt_hash_job job_for(const std::string& password, const std::string& setting) {
  lanecrypt_hash_job job{};
  job.password = password.data();
  job.password_length = password.size();
  job.setting = setting.data();
  job.setting_length = setting.size();
  job.status = LANECRYPT_INTERNAL;
  return job;
}

}  // namespace

KnownBatch::KnownBatch(HashBatch hash_batch, std::size_t count, unsigned cost) : hash_batch_(hash_batch) {
  for (std::size_t i = 0; i < std::min(count, different); ++i) {
    passwords_.push_back(i == 0 ? "pw" : "password " + std::to_string(i));
    settings_.push_back(setting_number(i, cost));
    lanecrypt_hash_job job = job_for(passwords_[i], settings_[i]);
    const lanecrypt_options options = on_threads(1);
    hash_batch_(&job, 1, sizeof job, &options, nullptr);
    hashes_.emplace_back(job.hash);
  }
  for (std::size_t i = different; i < count; ++i) {
    passwords_.push_back(passwords_[i % different]);
    settings_.push_back(settings_[i % different]);
    hashes_.push_back(hashes_[i % different]);
  }
  right_ = cost == 4 && count > 0 && hashes_[0] == published;
}

std::vector<lanecrypt_hash_job> KnownBatch::jobs() const {
  std::vector<lanecrypt_hash_job> jobs;
  for (std::size_t i = 0; i < count(); ++i) jobs.push_back(job_for(passwords_[i], settings_[i]));
  return jobs;
}

std::size_t KnownBatch::hash(const lanecrypt_options& options, lanecrypt_report* report) const {
  std::vector<lanecrypt_hash_job> batch = jobs();
  if (hash_batch_(batch.data(), batch.size(), sizeof(lanecrypt_hash_job), &options, report) != LANECRYPT_OK) return 0;
  std::size_t right = 0;
  for (std::size_t i = 0; i < count(); ++i) right += batch[i].status == LANECRYPT_OK && hashes_[i] == batch[i].hash;
  return right;
}

std::size_t KnownBatch::verify(VerifyBatch verify_batch, const lanecrypt_options& options) const {
  std::vector<lanecrypt_verify_job> batch;
  for (std::size_t i = 0; i < count(); ++i) {
    lanecrypt_verify_job job{};
    job.password = passwords_[i].data();
    job.password_length = passwords_[i].size();
    // Every third one has its neighbour's hash: a mismatch is an answer too.
    const std::string& stored = hashes_[i % 3 == 2 ? i - 1 : i];
    job.hash = stored.data();
    job.hash_length = stored.size();
    job.status = LANECRYPT_INTERNAL;
    batch.push_back(job);
  }
  if (verify_batch(batch.data(), batch.size(), sizeof(lanecrypt_verify_job), &options, nullptr) != LANECRYPT_OK)
    return 0;
  std::size_t right = 0;
  for (std::size_t i = 0; i < count(); ++i) {
    right += batch[i].status == (i % 3 == 2 ? LANECRYPT_MISMATCH : LANECRYPT_OK);
  }
  return right;
}

}  // namespace lanecrypt::test
