// Batches as the kernel's tests run them: jobs with room for their hashes, and what became of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "control.hpp"
#include "engines.hpp"

namespace lanecrypt::test {

// Jobs with room for their hashes.
struct Batch {
  std::vector<Item> items;
  std::vector<Job> jobs;
  std::vector<HashText> hashes;
  std::vector<Status> statuses;

  explicit Batch(std::vector<Item> given) : items(std::move(given)), hashes(items.size()), statuses(items.size()) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string& password = items[i].password;
      jobs.push_back({reinterpret_cast<const std::uint8_t*>(password.data()), password.size(),
                      *Setting::parse(items[i].setting), hashes[i].data()});
    }
  }
  Status run(const Engine& engine, unsigned threads, Control& control, Recipient* recipient = nullptr) {
    return run_batch(engine, jobs, statuses, threads, control, report, recipient);
  }
  Status run(const Engine& engine, unsigned threads, Recipient* recipient = nullptr) {
    Control control({}, items.size());
    return run(engine, threads, control, recipient);
  }
  std::string hash(std::size_t i) const { return {hashes[i].data(), hashes[i].size()}; }

  BatchReport report;
};

// So many jobs of one cost, with passwords of their own.
inline Batch equal_batch(std::size_t count, unsigned cost) {
  std::vector<Item> items;
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back({"password" + std::to_string(i), std::string(Setting::make('b', cost, Salt{}).text())});
  }
  return Batch(items);
}

}  // namespace lanecrypt::test
