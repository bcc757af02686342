// lanecrypt_verify_batch and lanecrypt_verify: a full recomputation, then a comparison in constant time.
#include <cstring>
#include <memory>

#include "batch_call.hpp"
#include "batch_work.hpp"
#include "constant_time.hpp"
#include "secure_zero.hpp"

namespace lanecrypt::capi {
namespace {

using VerifyJobs = JobArray<lanecrypt_verify_job>;

void reset(lanecrypt_verify_job& job, lanecrypt_status status) noexcept {
  job.status = status;
  job.upgrade_status = LANECRYPT_OK;
  std::memset(job.new_hash, 0, sizeof job.new_hash);
}

// What is computed for a stored hash, or for nobody: the unknown user's dummy costs the same and matches nothing. It is
// there too where the stored hash is none that may be computed.
Status choose_setting(const lanecrypt_verify_job& job, const Options& options, Setting& setting) noexcept {
  setting = Setting::make('b', options.cost, Salt{});
  if (job.hash == nullptr) return Status::ok;
  const auto stored = parse_hash({job.hash, job.hash_length});
  if (!stored) return Status::invalid_hash;
  if (stored->cost() > options.max_cost) return Status::cost_too_high;
  setting = *stored;
  return Status::ok;
}

// The upgrade that a job asks for; 0: none.
unsigned upgrade_cost(const lanecrypt_verify_job& job, const Options& options) noexcept {
  return job.upgrade_cost == 0 ? options.upgrade_cost : job.upgrade_cost;
}

// The options' own wish was checked with them.
Status check_upgrade(const lanecrypt_verify_job& job, const Options& options) noexcept {
  if (job.upgrade_cost == 0) return Status::ok;
  if (job.upgrade_cost < cost_min || job.upgrade_cost > cost_max) return Status::invalid_argument;
  return job.upgrade_cost > options.max_cost ? Status::cost_too_high : Status::ok;
}

struct Prepared {
  Job job;
  Status status = Status::ok;  // anything else is the answer, also of a job that is computed
  bool computed = false;
};

// What is wrong with the call is told at once, whoever logs in; what is wrong with a login may have to take its time.
Prepared prepare(const lanecrypt_verify_job& job, const Options& options) noexcept {
  Prepared prepared;
  Status& status = prepared.status;
  status = check_upgrade(job, options);
  if (status == Status::ok) status = take_password(job.password, job.password_length, options, prepared.job);
  const bool too_long = status == Status::password_too_long;
  if (status != Status::ok && !(too_long && options.equal_time)) return prepared;
  const Status stored = choose_setting(job, options, prepared.job.setting);
  if (!too_long) status = stored;
  prepared.computed = status == Status::ok || options.equal_time;
  return prepared;
}

// Room for the recomputed hashes. They are as good as passwords to whoever guesses: each is wiped when it was compared,
// and what is computed is compared. Room that no hash is written to is never touched, neither before nor after: a batch
// of a million that is stopped has no time for that.
class Recomputed {
 public:
  explicit Recomputed(std::size_t count) : hashes_(std::make_unique_for_overwrite<HashText[]>(count)) {}
  char* at(std::size_t i) noexcept { return hashes_[i].data(); }
  void wipe(std::size_t i) noexcept { secure_zero(at(i), sizeof(HashText)); }

 private:
  std::unique_ptr<HashText[]> hashes_;
};

// The answer to a job that was computed, and that may have an answer of its own (equal_time).
Status compare(const lanecrypt_verify_job& job, Status own, const char* recomputed) noexcept {
  // The unknown user goes through the same comparison, with itself, for the same time, and so does whoever has an
  // answer already, and with it perhaps no 60 characters.
  const bool comparable = job.hash != nullptr && own == Status::ok;
  const bool equal = constant_time_equal(comparable ? job.hash : recomputed, recomputed, hash_length);
  if (own != Status::ok) return own;
  return equal && comparable ? Status::ok : Status::mismatch;
}

// Compares each hash with the stored one when it is there, and wipes it.
class Compared final : public Recipient {
 public:
  Compared(const VerifyJobs& jobs, const Work& work, Recomputed& recomputed, lanecrypt_status foreseen) noexcept
      : jobs_(jobs), work_(work), recomputed_(recomputed), foreseen_(foreseen) {}

  Status take(std::size_t i) noexcept override {
    const std::size_t owner = work_.owner(i);
    lanecrypt_verify_job& job = jobs_[owner];
    // What is neither is an answer of its own (equal_time).
    const Status own = job.status == foreseen_ ? Status::ok : static_cast<Status>(job.status);
    const Status status = compare(job, own, recomputed_.at(owner));
    recomputed_.wipe(owner);
    job.status = to_abi(status);
    return status;
  }
  void leave(std::size_t i, Status status) noexcept override {
    if (to_abi(status) == foreseen_) return;
    lanecrypt_status& answer = jobs_[work_.owner(i)].status;
    if (answer == foreseen_) answer = to_abi(status);  // else an answer of its own, which it keeps
  }
  void forget() noexcept override {
    for (std::size_t i = 0; i < work_.size(); ++i) {
      lanecrypt_status& status = jobs_[work_.owner(i)].status;
      const bool own = status != LANECRYPT_OK && status != LANECRYPT_MISMATCH && status != LANECRYPT_INTERNAL;
      if (!own) status = foreseen_;
    }
  }

 private:
  const VerifyJobs& jobs_;
  const Work& work_;
  Recomputed& recomputed_;
  lanecrypt_status foreseen_;
};

// A hash at the asked cost for a job that matched, if its stored one is below and nothing has stopped the batch. A
// dearer one is not made cheaper.
void add_upgrade(lanecrypt_verify_job& job, const Job& matched, const Options& options, Status stopped, Status foreseen,
                 std::size_t owner, Work& work) {
  const unsigned cost = upgrade_cost(job, options);
  if (cost == 0 || !needs_rehash(matched.setting, cost, options.variant)) return;
  Job upgrade = matched;
  upgrade.hash = job.new_hash;
  const Status status =
      stopped != Status::ok ? stopped : new_setting(std::max(cost, matched.setting.cost()), options, upgrade.setting);
  job.upgrade_status = to_abi(status == Status::ok ? foreseen : status);
  if (status == Status::ok) work.add(owner, upgrade);
}

Status run_upgrades(const VerifyJobs& jobs, const Work& verified, const Options& options, unsigned threads,
                    Control& control, lanecrypt_report& report) {
  Work work(verified.size());
  PreparationWatch watch(control);
  const Status foreseen = control.foreseen();
  for (std::size_t i = 0; i < verified.size(); ++i) {
    if (verified.status(i) != Status::ok) continue;
    add_upgrade(jobs[verified.owner(i)], verified.job(i), options, watch.look(), foreseen, verified.owner(i), work);
  }
  StatusRecipient upgraded(jobs, &lanecrypt_verify_job::upgrade_status, work, to_abi(foreseen));
  return work.run(options, threads, control, report, watch.stopped(), upgraded);
}

Status run_verification(const VerifyJobs& jobs, const Options& options, unsigned threads, Control& control,
                        lanecrypt_report& report, bool upgrades) {
  Work work(jobs.size());
  Recomputed recomputed(jobs.size());
  PreparationWatch watch(control);
  bool upgrade_wanted = false;
  std::size_t next = 0;
  for (; next < jobs.size() && watch.look() == Status::ok; ++next) {
    Prepared prepared = prepare(jobs[next], options);
    if (prepared.status != Status::ok) jobs[next].status = to_abi(prepared.status);
    if (prepared.computed) {
      prepared.job.hash = recomputed.at(next);
      upgrade_wanted = upgrade_wanted || upgrade_cost(jobs[next], options) != 0;
      work.add(next, prepared.job);
    } else {
      count(prepared.status, report);
      control.add_done(1);
    }
  }
  end_unprepared(jobs, next, watch.stopped(), control, report);
  Compared compared(jobs, work, recomputed, to_abi(control.foreseen()));
  const Status ran = work.run(options, threads, control, report, watch.stopped(), compared);
  if (ran != Status::ok) return ran;
  count(work, report);
  return upgrades && upgrade_wanted ? run_upgrades(jobs, work, options, threads, control, report) : Status::ok;
}

Status run(const VerifyJobs& jobs, const Options& options, unsigned threads, Control& control,
           lanecrypt_report& report) {
  return run_verification(jobs, options, threads, control, report, true);
}

Status run_single(const VerifyJobs& jobs, const Options& options, unsigned threads, Control& control,
                  lanecrypt_report& report) {
  return run_verification(jobs, options, threads, control, report, false);
}

}  // namespace
}  // namespace lanecrypt::capi

using lanecrypt::capi::Threads;

lanecrypt_status lanecrypt_verify_batch(lanecrypt_verify_job* jobs, std::size_t count, std::size_t job_size,
                                        const lanecrypt_options* options, lanecrypt_report* report) noexcept {
  return batch_call(lanecrypt::capi::VerifyJobs(jobs, count, job_size), options, Threads::as_asked, report,
                    lanecrypt::capi::reset, lanecrypt::capi::run);
}

lanecrypt_status lanecrypt_verify(const void* password, std::size_t password_length, const char* hash,
                                  std::size_t hash_length, const lanecrypt_options* options) noexcept {
  lanecrypt_verify_job job = {password, password_length, hash, hash_length, 0, 0, 0, {}};
  const lanecrypt_status ran =
      batch_call(lanecrypt::capi::VerifyJobs(&job, 1, sizeof job), options, Threads::caller_only, nullptr,
                 lanecrypt::capi::reset, lanecrypt::capi::run_single);
  return ran != LANECRYPT_OK ? ran : job.status;
}
