// Running one engine on a group, as the known-answer and differential tests do.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "control.hpp"
#include "cost_loop.hpp"
#include "cpu.hpp"
#include "engine.hpp"

namespace lanecrypt::test {

struct Scratch {
  explicit Scratch(const Engine& engine)
      : memory(operator new(engine.scratch_bytes, std::align_val_t{scratch_alignment})) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { operator delete(memory, std::align_val_t{scratch_alignment}); }
  void* memory;
};

struct Item {
  std::string password;  // at most 72 bytes
  std::string setting;
};

// Hashes up to engine.lanes items of one cost as one group; "" for each if the group had no status ok.
inline std::vector<std::string> hash_group(const Engine& engine, void* scratch, std::span<const Item> items) {
  std::vector<Job> jobs;
  std::vector<HashText> hashes(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto setting = Setting::parse_for_self_test(items[i].setting);
    if (!setting) throw std::invalid_argument("not a setting: " + items[i].setting);
    jobs.push_back({reinterpret_cast<const std::uint8_t*>(items[i].password.data()), items[i].password.size(), *setting,
                    hashes[i].data()});
  }
  Control control({}, items.size());
  const Status status = run_group(engine, scratch, jobs, control, false);
  std::vector<std::string> texts;
  for (const HashText& hash : hashes)
    texts.push_back(status == Status::ok ? std::string(hash.data(), hash.size()) : "");
  return texts;
}

// Every engine of the table that this machine can run.
inline std::vector<const Engine*> engines_here() {
  std::vector<const Engine*> usable;
  for (const Engine* engine : engine_table()) {
    if (engine->usable(this_cpu())) usable.push_back(engine);
  }
  return usable;
}

}  // namespace lanecrypt::test
