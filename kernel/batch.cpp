// The batch. See the header.
#include "batch.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "cost_loop.hpp"
#include "gate.hpp"
#include "plan.hpp"
#include "secure_zero.hpp"
#include "self_test.hpp"
#include "width.hpp"

namespace lanecrypt {
namespace {

// Scratch for a number of threads. A page more than needed between two, so that no two threads write to one line.
class ScratchPool {
 public:
  ScratchPool(const Engine& engine, unsigned threads)
      : stride_((engine.scratch_bytes / 4096 + 2) * 4096),
        size_(stride_ * threads),
        memory_(new(std::align_val_t{4096}) std::byte[size_]) {}
  void wipe() noexcept { secure_zero(memory_.get(), size_); }
  void* of_thread(unsigned thread) const noexcept { return memory_.get() + stride_ * thread; }

 private:
  struct Delete {
    void operator()(std::byte* memory) const noexcept { operator delete[](memory, std::align_val_t{4096}); }
  };
  std::size_t stride_;
  std::size_t size_;
  std::unique_ptr<std::byte[], Delete> memory_;
};

// Finished groups by their width.
using Groups = std::array<std::size_t, lanes_max + 1>;

// A planned batch with all its memory, ready to run on this thread or in a region.
class Run final : public GatedTask {
 public:
  Run(const Engine& engine, std::span<const Job> jobs, std::span<Status> statuses, Plan&& plan, Control& control,
      Recipient* recipient)
      : engine_(engine),
        jobs_(jobs),
        statuses_(statuses),
        plan_(std::move(plan)),
        control_(control),
        recipient_(recipient),
        scratch_(engine, plan_.threads),
        groups_done_(plan_.threads, Groups{}) {}

  unsigned threads() const noexcept { return plan_.threads; }

  // All groups, one after the other, on the calling thread.
  void run_here() noexcept { take_groups(0, true); }

  // All groups, in a region of this thread, which is the gate's owner.
  void run() noexcept override {
    omp_set_dynamic(0);  // OMP_DYNAMIC in somebody's environment must not shrink the team
#pragma omp parallel num_threads(affordable_threads(plan_.threads)) default(none)
    take_groups(static_cast<unsigned>(omp_get_thread_num()), false);
  }

  // Forgets what threads did that a fork left behind, in whatever state they were.
  void start_over() noexcept {
    for (const std::size_t job : plan_.order) std::memset(jobs_[job].hash, 0, hash_length);
    if (recipient_ != nullptr) recipient_->forget();
    next_.store(0, std::memory_order_relaxed);
    scratch_.wipe();
    std::fill(groups_done_.begin(), groups_done_.end(), Groups{});
  }

  // Jobs that no thread came to, because the batch was turned away at the gate.
  void give_up(Status reason) noexcept {
    for (const std::size_t job : plan_.order) end(job, reason);
    control_.add_done(plan_.order.size());
  }

  // Jobs that the engine does not take: they have their status, but nobody was told. Last, since a child starts over.
  void leave_the_unsupported() noexcept {
    for (std::size_t job = 0; plan_.order.size() < jobs_.size() && job < jobs_.size(); ++job) {
      if (statuses_[job] == Status::unsupported) end(job, Status::unsupported);
    }
  }

  void describe(BatchReport& report) const noexcept {
    for (const Groups& done : groups_done_) {
      std::size_t of_thread = 0;
      for (std::size_t width = 1; width <= lanes_max; ++width) {
        of_thread += done[width];
        report.groups_of_width[width] += done[width];
      }
      report.groups += of_thread;
      report.threads += of_thread > 0;
    }
  }

 private:
  // One group after the other, each the next that no thread has begun, until there is none or the batch is stopped;
  // then those that nobody has begun, many at a time. A loop of OpenMP's with schedule(dynamic, 1) deals the same way
  // but cannot be left: a million jobs are 100,000 groups, and to be told of each after a cancel took longer than the
  // group that was interrupted.
  void take_groups(unsigned thread, bool reports) noexcept {
    const std::size_t groups = plan_.groups.size();
    while (control_.poll() == Status::ok) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= groups) return;
      run_planned(plan_.groups[index], thread, reports);
    }
    end_the_rest();
  }

  void run_planned(const PlannedGroup& planned, unsigned thread, bool reports) noexcept {
    std::array<Job, lanes_max> group;
    for (unsigned l = 0; l < planned.width; ++l) group[l] = jobs_[plan_.order[planned.first + l]];
    const Status status =
        run_group(engine_, scratch_.of_thread(thread), {group.data(), planned.width}, control_, reports);
    if (status == Status::ok) ++groups_done_[thread][planned.width];
    end(planned, status);
  }

  void end_the_rest() noexcept {
    const std::size_t groups = plan_.groups.size();
    const Status reason = control_.poll();
    for (;;) {
      const std::size_t first = next_.fetch_add(groups_ended_at_once, std::memory_order_relaxed);
      if (first >= groups) return;
      const std::size_t last = std::min(first + groups_ended_at_once, groups);
      for (std::size_t i = first; i < last; ++i) end(plan_.groups[i], reason);
    }
  }

  void end(const PlannedGroup& planned, Status status) noexcept {
    for (unsigned l = 0; l < planned.width; ++l) end(plan_.order[planned.first + l], status);
    control_.add_done(planned.width);
  }

  void end(std::size_t job, Status status) noexcept {
    statuses_[job] = status;
    if (recipient_ == nullptr) return;
    if (status == Status::ok) {
      statuses_[job] = recipient_->take(job);
    } else {
      recipient_->leave(job, status);
    }
  }

  static constexpr std::size_t groups_ended_at_once = 256;

  const Engine& engine_;
  std::span<const Job> jobs_;
  std::span<Status> statuses_;
  Plan plan_;
  Control& control_;
  Recipient* recipient_;
  ScratchPool scratch_;
  std::atomic<std::size_t> next_{0};  // the group that is taken next
  std::vector<Groups> groups_done_;   // by thread; written once a group, so that shared lines do no harm
};

// Jobs that the engine takes, planned; the others have their status already.
Plan plan_jobs(const Engine& engine, std::span<const Job> jobs, std::span<Status> statuses, unsigned threads_max,
               Control& control) {
  std::vector<std::uint8_t> costs;
  std::vector<std::size_t> taken;
  costs.reserve(jobs.size());
  taken.reserve(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Job& job = jobs[i];
    if (!engine.takes_nul && job.password_length > 0 && std::memchr(job.password, 0, job.password_length) != nullptr) {
      statuses[i] = Status::unsupported;
      control.add_done(1);
      continue;
    }
    costs.push_back(static_cast<std::uint8_t>(job.setting.cost()));
    taken.push_back(i);
  }
  Plan plan = make_plan(width_times(engine, choose_width(engine, this_cpu()).width), costs, threads_max);
  for (std::size_t& job : plan.order) job = taken[job];
  return plan;
}

Widths widths_of(const Plan& plan) noexcept {
  Widths widths = 0;
  for (const PlannedGroup& group : plan.groups) widths |= Widths{1} << group.width;
  return widths;
}

void run_planned_batch(Run& run, Control& control) noexcept {
  if (run.threads() > 1) {
    const Admission admission = pass_gate(run, control);
    if (admission == Admission::ran) return;
    if (admission == Admission::forked) run.start_over();
    const Status reason = control.poll();
    if (reason != Status::ok) return run.give_up(reason);
    // The owner thread cannot be had: one thread is better than none.
  }
  run.run_here();
}

}  // namespace

Status run_batch(const Engine& engine, std::span<const Job> jobs, std::span<Status> statuses, unsigned threads_max,
                 Control& control, BatchReport& report, Recipient* recipient) noexcept {
  try {
    Plan plan = plan_jobs(engine, jobs, statuses, threads_max, control);
    const Verdict verdict = widths_verdict(engine, widths_of(plan));
    if (verdict != Verdict::right) return verdict == Verdict::unknown ? Status::out_of_memory : Status::internal;
    Run run(engine, jobs, statuses, std::move(plan), control, recipient);
    run_planned_batch(run, control);
    run.leave_the_unsupported();
    run.describe(report);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace lanecrypt
