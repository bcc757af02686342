// A batch whose answers are known: neighbours have passwords and salts of their own, so that lanes, groups or callers
// that are mixed up show. It is computed with whatever lanecrypt_hash_batch it is handed: the linked one or a loaded
// one.
#pragma once

#include <lanecrypt/lanecrypt.h>

#include <cstddef>
#include <string>
#include <vector>

namespace lanecrypt::test {

using HashBatch = decltype(&lanecrypt_hash_batch);
using VerifyBatch = decltype(&lanecrypt_verify_batch);

class KnownBatch {
 public:
  // The answers come from hash_batch too, one by one on the calling thread. The first is known from elsewhere at
  // cost 4.
  explicit KnownBatch(HashBatch hash_batch, std::size_t count, unsigned cost = 4);

  // Jobs whose hashes are right after a batch of all of them; count() where nothing went wrong.
  std::size_t hash(const lanecrypt_options& options, lanecrypt_report* report = nullptr) const;
  std::size_t verify(VerifyBatch verify_batch, const lanecrypt_options& options) const;

  bool known_answer_is_right() const { return right_; }  // at cost 4
  std::size_t count() const { return passwords_.size(); }

 private:
  std::vector<lanecrypt_hash_job> jobs() const;

  HashBatch hash_batch_;
  std::vector<std::string> passwords_;
  std::vector<std::string> settings_;
  std::vector<std::string> hashes_;
  bool right_ = false;
};

// Options for so many threads, 0: as many as the process may have.
inline lanecrypt_options on_threads(unsigned threads) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.threads = threads;
  return options;
}

}  // namespace lanecrypt::test
