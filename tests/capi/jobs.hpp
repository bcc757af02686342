// Jobs of the C ABI that own their text, for tests.
#pragma once

#include <lanecrypt/lanecrypt.h>

#include <algorithm>
#include <string>
#include <vector>

namespace lanecrypt::test {

inline const std::string known_password = "U*U";
inline const std::string known_setting = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.";
inline const std::string known_hash = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

inline lanecrypt_options default_options() {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  return options;
}

// A job that points into text owned by the caller, with rubbish where the library must write.
inline lanecrypt_hash_job hash_job(const std::string& password, const std::string* setting = nullptr) {
  lanecrypt_hash_job job;
  job.password = password.data();
  job.password_length = password.size();
  job.setting = setting == nullptr ? nullptr : setting->data();
  job.setting_length = setting == nullptr ? 77 : setting->size();
  job.cost = 0;
  job.status = -1;
  for (char& c : job.hash) c = '?';
  return job;
}

inline lanecrypt_verify_job verify_job(const std::string& password, const std::string* hash) {
  lanecrypt_verify_job job;
  job.password = password.data();
  job.password_length = password.size();
  job.hash = hash == nullptr ? nullptr : hash->data();
  job.hash_length = hash == nullptr ? 77 : hash->size();
  job.upgrade_cost = 0;
  job.status = -1;
  job.upgrade_status = -1;
  for (char& c : job.new_hash) c = '?';
  return job;
}

template <std::size_t size>
bool all_zero(const char (&text)[size]) {
  return std::all_of(text, text + size, [](char c) { return c == '\0'; });
}

inline lanecrypt_status run(std::vector<lanecrypt_hash_job>& jobs, const lanecrypt_options* options = nullptr,
                            lanecrypt_report* report = nullptr) {
  return lanecrypt_hash_batch(jobs.data(), jobs.size(), sizeof(lanecrypt_hash_job), options, report);
}

inline lanecrypt_status run(std::vector<lanecrypt_verify_job>& jobs, const lanecrypt_options* options = nullptr,
                            lanecrypt_report* report = nullptr) {
  return lanecrypt_verify_batch(jobs.data(), jobs.size(), sizeof(lanecrypt_verify_job), options, report);
}

}  // namespace lanecrypt::test
