// One batch call per event. Passwords are not copied: jobs point at the parsed event in the arena.
#include "work.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace lanecrypt::runtime {
namespace {

constexpr std::uint32_t sample_workers = 6;   // the vCPUs of the largest Lambda
constexpr std::uint32_t most_threads = 1024;  // of the ABI
constexpr std::uint64_t ns_per_ms = 1'000'000;

// The number that the whole text is, held to 1..most. False, and count as it was, if it is no number.
bool parse_count(std::string_view text, std::uint32_t most, std::uint32_t& count) {
  if (text.starts_with('+')) text.remove_prefix(1);  // as Rust's parse does
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return false;
  if (error == std::errc::result_out_of_range) number = most;
  count = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(number, 1, most));
  return true;
}

// What the sample counts: the cores that are there, less what affinity and cgroup take away. 0 is a bound not known.
std::uint32_t detected_cpus(const lanecrypt_thread_budget& budget) {
  std::uint32_t least = 0;
  for (const std::uint32_t bound : {budget.visible_cores, budget.affinity, budget.cgroup}) {
    if (bound != 0 && (least == 0 || bound < least)) least = bound;
  }
  return std::max(least, std::uint32_t{1});
}

// A deadline that is there is never answered with 0, which would mean none. One beyond the year 2554 is no deadline.
std::uint64_t deadline_ns(const InvocationContext& context, std::uint32_t reserve_ms) {
  const std::uint64_t deadline = context.deadline_unix_ms;
  if (deadline == 0 || deadline > std::numeric_limits<std::uint64_t>::max() / ns_per_ms) return 0;
  return deadline > reserve_ms ? (deadline - reserve_ms) * ns_per_ms : 1;
}

lanecrypt_options options_of(const Request& request, const Call& call, const Workers& workers) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = call.config.engine.empty() ? nullptr : call.config.engine.c_str();
  options.prefix = request.prefix;
  // Where the ceiling is below the default cost, the operator has decided what the default is.
  options.cost = request.cost != 0 ? request.cost : std::min<std::uint32_t>(LANECRYPT_COST_DEFAULT, request.max_cost);
  options.max_cost = request.max_cost;
  options.threads = workers.threads;
  options.long_passwords = request.truncate ? LANECRYPT_LONG_TRUNCATE : LANECRYPT_LONG_REFUSE;
  options.upgrade_cost = request.upgrade_cost;
  options.deadline_ns = deadline_ns(call.context, call.config.reserve_ms);
  options.cancel = call.context.cancel;
  return options;
}

lanecrypt_hash_job hash_job(const Item& item) {
  lanecrypt_hash_job job{};
  job.password = item.password.data();
  job.password_length = item.password.size();
  if (item.has_stored) {
    job.setting = item.stored.data();
    job.setting_length = item.stored.size();
  }
  job.cost = item.cost;
  return job;
}

lanecrypt_verify_job verify_job(const Item& item) {
  lanecrypt_verify_job job{};
  job.password = item.password.data();
  job.password_length = item.password.size();
  if (item.has_stored) {
    job.hash = item.stored.data();
    job.hash_length = item.stored.size();
  }
  return job;
}

template <typename Job, typename Make>
void make_jobs(const Request& request, Make make, std::pmr::vector<Job>& jobs) {
  jobs.reserve(request.items.size());
  for (const Item& item : request.items) {
    if (item.problem.empty()) jobs.push_back(make(item));
  }
}

lanecrypt_status run_jobs(const Request& request, const lanecrypt_options& options, Outcome& outcome) {
  if (request.op == Op::hash) {
    make_jobs(request, hash_job, outcome.hash_jobs);
    return lanecrypt_hash_batch(outcome.hash_jobs.data(), outcome.hash_jobs.size(), sizeof(lanecrypt_hash_job),
                                &options, &outcome.report);
  }
  make_jobs(request, verify_job, outcome.verify_jobs);
  return lanecrypt_verify_batch(outcome.verify_jobs.data(), outcome.verify_jobs.size(), sizeof(lanecrypt_verify_job),
                                &options, &outcome.report);
}

// An event may have more than one batch.
void summarise(const Request& request, const Outcome& outcome, InvocationSummary& summary) {
  summary.batches += 1;
  summary.items += request.items.size();
  summary.failed += outcome.failed;
  summary.hashes += outcome.report.succeeded + outcome.report.mismatched;
  summary.duration_ns += outcome.report.elapsed_ns;
  summary.engine = outcome.engine;
  summary.threads = std::max(summary.threads, outcome.report.threads);
}

}  // namespace

WorkersOfProcess workers_of_process(std::string_view worker_count) {
  lanecrypt_thread_budget budget = LANECRYPT_THREAD_BUDGET_INIT;
  if (lanecrypt_threads(&budget) != LANECRYPT_OK) budget.threads = 1;
  const std::uint32_t most = std::min(std::max(sample_workers, budget.visible_cores), most_threads);
  WorkersOfProcess workers;
  workers.detected = detected_cpus(budget);
  workers.threads = budget.threads;
  static_cast<void>(parse_count(worker_count, most, workers.threads));
  return workers;
}

Workers choose_workers(const WorkersOfProcess& most, Mode mode) {
  Workers workers;
  workers.detected = most.detected;
  workers.threads = most.threads;
  workers.parallel = mode == Mode::parallel || (mode == Mode::automatic && workers.threads > 1);
  if (!workers.parallel) workers.threads = 1;
  return workers;
}

// By a plan of nothing, which tests no engine: a cold start can do without.
std::string_view engine_name(const std::string& wanted) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  lanecrypt_plan_info info = LANECRYPT_PLAN_INFO_INIT;
  options.engine = wanted.empty() ? nullptr : wanted.c_str();
  options.threads = 1;
  return lanecrypt_plan(0, &options, nullptr, 0, &info) == LANECRYPT_OK ? info.engine : "";
}

void run(const Request& request, Call& call, Outcome& outcome) {
  outcome.workers = choose_workers(call.workers, request.mode);
  const lanecrypt_options options = options_of(request, call, outcome.workers);
  const lanecrypt_status status = run_jobs(request, options, outcome);
  if (status != LANECRYPT_OK) throw BatchFailed{status};
  const std::size_t jobs = outcome.hash_jobs.size() + outcome.verify_jobs.size();
  outcome.failed = request.items.size() - jobs + outcome.report.failed;
  outcome.engine = outcome.report.engine != nullptr ? outcome.report.engine : engine_name(call.config.engine);
  summarise(request, outcome, call.summary);
}

}  // namespace lanecrypt::runtime
