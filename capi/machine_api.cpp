// The ABI's functions about this machine: engines, the thread budget, and how a batch would be cut.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#include "abi_struct.hpp"
#include "options.hpp"
#include "plan.hpp"
#include "thread_budget.hpp"
#include "width.hpp"

namespace lanecrypt::capi {
namespace {

constexpr std::uint32_t to_abi(Verdict verdict) noexcept {
  if (verdict == Verdict::right) return LANECRYPT_ENGINE_READY;
  return verdict == Verdict::cpu_lacks ? LANECRYPT_ENGINE_CPU_LACKS : LANECRYPT_ENGINE_FAILED_TEST;
}

}  // namespace
}  // namespace lanecrypt::capi

using namespace lanecrypt;  // the ABI's functions stand at global scope
using namespace lanecrypt::capi;

std::size_t lanecrypt_engine_count() noexcept { return engine_table().size(); }

lanecrypt_status lanecrypt_engine(std::size_t index, lanecrypt_engine_info* info) noexcept {
  if (index >= engine_table().size() || !writable_struct(info, sizeof *info)) return LANECRYPT_INVALID_ARGUMENT;
  const Engine& engine = *engine_table()[index];
  const Verdict verdict = engine_verdict(engine);
  if (verdict == Verdict::unknown) return LANECRYPT_OUT_OF_MEMORY;
  lanecrypt_engine_info filled = LANECRYPT_ENGINE_INFO_INIT;
  filled.name = engine.name;
  filled.lanes = engine.lanes;
  filled.state = to_abi(verdict);
  std::copy(engine.relative_time.begin(), engine.relative_time.end(), filled.relative_time);
  write_struct(filled, info);
  return LANECRYPT_OK;
}

lanecrypt_status lanecrypt_threads(lanecrypt_thread_budget* budget) noexcept {
  if (!writable_struct(budget, sizeof *budget)) return LANECRYPT_INVALID_ARGUMENT;
  const ThreadBudget read = this_thread_budget();
  lanecrypt_thread_budget filled = LANECRYPT_THREAD_BUDGET_INIT;
  filled.threads = read.threads;
  filled.visible_cores = read.visible_cores;
  filled.affinity = read.affinity;
  filled.cgroup = read.cgroup;
  filled.lambda = read.lambda;
  write_struct(filled, budget);
  return LANECRYPT_OK;
}

lanecrypt_status lanecrypt_plan(std::size_t count, const lanecrypt_options* options, std::uint32_t* widths,
                                std::size_t capacity, lanecrypt_plan_info* info) noexcept {
  // Callers from before the width's reasons have a struct that ends there.
  constexpr std::size_t first_size = offsetof(lanecrypt_plan_info, width_limit);
  if (!writable_struct(info, first_size) || (widths == nullptr && capacity > 0)) return LANECRYPT_INVALID_ARGUMENT;
  constexpr std::size_t count_max = 100'000'000;  // a plan takes memory for each job, as its batch would
  if (count > count_max) return LANECRYPT_INVALID_ARGUMENT;
  Options read;
  const lanecrypt_status status = read_options(options, read);
  if (status != LANECRYPT_OK) return status;
  try {
    const std::vector<std::uint8_t> costs(count, static_cast<std::uint8_t>(read.cost));
    const Engine& engine = *read.choice.engine;
    const CpuFeatures cpu = this_cpu();
    const WidthChoice width = choose_width(engine, cpu);
    const Plan plan = make_plan(width_times(engine, width.width), costs, thread_count(read));
    lanecrypt_plan_info filled = LANECRYPT_PLAN_INFO_INIT;
    filled.engine = engine.name;
    filled.threads = count == 0 ? 0 : plan.threads;
    filled.groups = plan.groups.size();
    filled.relative_time = plan.relative_time;
    filled.width_limit = width.width;
    filled.width_reason = text(width.reason);
    filled.l1d_bytes = cpu.l1d_bytes;
    filled.l1d_threads = cpu.l1d_threads;
    for (const PlannedGroup& group : plan.groups) ++filled.groups_of_width[group.width];
    for (std::size_t i = 0; i < std::min(capacity, plan.groups.size()); ++i) widths[i] = plan.groups[i].width;
    write_struct(filled, info);
    return LANECRYPT_OK;
  } catch (const std::bad_alloc&) {
    return LANECRYPT_OUT_OF_MEMORY;
  }
}
