// The gate and its owner thread. See the header.
#include "gate.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

#include "team_threads.hpp"
#include "thread_budget.hpp"

namespace lanecrypt {
namespace {

// One caller at the gate. Lives on its stack until the caller has left.
struct Visit {
  enum class State { queued, running, done };
  GatedTask* task = nullptr;
  State state = State::queued;
  Visit* next = nullptr;
};

struct Gate {
  std::mutex mutex;
  std::condition_variable owner_wakes;
  std::condition_variable callers_wake;
  Visit* first = nullptr;
  bool has_owner = false;

  void push(Visit& visit) noexcept {
    Visit** end = &first;
    while (*end != nullptr) end = &(*end)->next;
    *end = &visit;
  }

  void remove(Visit& visit) noexcept {
    Visit** link = &first;
    while (*link != &visit) link = &(*link)->next;
    *link = visit.next;
  }
};

// The gate lives in plain storage: it is never destroyed, for the owner sleeps in it until the process ends, and a
// forked child builds a new one over whatever state the fork froze.
alignas(Gate) unsigned char gate_storage[sizeof(Gate)];
Gate* gate = nullptr;
unsigned generation = 0;     // forks between this process and the first
unsigned team_before = 1;    // threads of the owner's last region: libgomp keeps those and no more
std::size_t team_stack = 0;  // of libgomp's threads, where the environment says so

void make_gate() noexcept {
  gate = new (gate_storage) Gate;
  team_before = 1;
}

void reset_in_child() noexcept {
  ++generation;
  make_gate();
}

// At load, before any constructor of a user can ask for a batch, and not at the first use: a fork in the middle of that
// would leave the child a half-made gate and nobody to finish it.
[[gnu::constructor(101)]] void make_gate_at_load() noexcept {
  make_gate();
  team_stack = team_stack_size();  // when libgomp reads it too, or soon after
  pthread_atfork(nullptr, nullptr, reset_in_child);
}

// condition_variable::wait needs a newer libstdc++ than Lambda has; an hour is as good.
template <typename Ready>
void sleep_until(std::condition_variable& wakes, std::unique_lock<std::mutex>& lock, Ready ready) noexcept {
  while (!ready()) wakes.wait_for(lock, std::chrono::hours(1));
}

void* owner_main(void*) noexcept {
  Gate& g = *gate;
  std::unique_lock lock(g.mutex);
  for (;;) {
    sleep_until(g.owner_wakes, lock, [&] { return g.first != nullptr; });
    Visit& visit = *g.first;
    g.first = visit.next;
    visit.state = Visit::State::running;
    lock.unlock();
    visit.task->run();
    lock.lock();
    visit.state = Visit::State::done;
    g.callers_wake.notify_all();
  }
  return nullptr;
}

// The attributes of a thread that is started, with at least so much stack.
class Attributes {
 public:
  explicit Attributes(std::size_t stack_min) noexcept : valid_(pthread_attr_init(&attributes_) == 0) {
    std::size_t stack = 0;
    if (!valid_ || pthread_attr_getstacksize(&attributes_, &stack) != 0 || stack >= stack_min) return;
    static_cast<void>(pthread_attr_setstacksize(&attributes_, stack_min));
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    if (valid_) pthread_attr_destroy(&attributes_);
  }
  const pthread_attr_t* get() const noexcept { return valid_ ? &attributes_ : nullptr; }

 private:
  pthread_attr_t attributes_{};
  bool valid_;
};

// Threads of ours take no signals: those are the program's.
bool start_thread(pthread_t& thread, const Attributes& attributes, void* (*main)(void*), void* argument) noexcept {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool started = pthread_create(&thread, attributes.get(), main, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

bool ensure_owner(Gate& g) noexcept {
  if (g.has_owner) return true;
  pthread_t thread;
  if (!start_thread(thread, Attributes(0), owner_main, nullptr)) return false;
  pthread_detach(thread);
  g.has_owner = true;
  return true;
}

// Threads that wait until all that can be had are there, and then end, so that others can be created in their place.
class Probes {
 public:
  explicit Probes(bool try_places) noexcept : tries_places_(try_places) {}
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;
  ~Probes() { release(); }

  unsigned started() const noexcept { return started_; }

  bool start_one() noexcept {
    Thread& thread = threads_[started_];
    thread.probes = this;
    if (!start_thread(thread.handle, attributes_, main, &thread)) return false;
    ++started_;
    return true;
  }

  // Lets them go. Answers how many OpenMP could have in their place: all, or none.
  unsigned release() noexcept {
    {
      const std::scoped_lock lock(mutex_);
      go_ = true;
    }
    wakes_.notify_all();
    for (; released_ < started_; ++released_) {
      pthread_join(threads_[released_].handle, nullptr);
      await_release(threads_[released_].id);
    }
    return places_can_be_had_ ? started_ : 0;
  }

 private:
  struct Thread {
    pthread_t handle;
    Probes* probes;
    pid_t id;
  };

  static void* main(void* self) noexcept {
    auto& thread = *static_cast<Thread*>(self);
    Probes& probes = *thread.probes;
    thread.id = static_cast<pid_t>(syscall(SYS_gettid));
    if (probes.tries_places_ && &thread == &probes.threads_[0]) probes.places_can_be_had_ = try_places();
    std::unique_lock lock(probes.mutex_);
    sleep_until(probes.wakes_, lock, [&] { return probes.go_; });
    return nullptr;
  }

  // pthread_join returns a moment before the kernel takes a thread off its count of the user's processes, and in that
  // moment a thread in its place may be refused. Its id goes after that. Bounded: an id may be given out again.
  static void await_release(pid_t id) noexcept {
    for (int attempt = 0; attempt < 10'000 && syscall(SYS_tgkill, getpid(), id, 0) == 0; ++attempt) sched_yield();
  }

  const bool tries_places_;
  bool places_can_be_had_ = true;  // written by the first of them
  Attributes attributes_{team_stack};
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool go_ = false;
  unsigned started_ = 0;
  unsigned released_ = 0;
  Thread threads_[threads_max];
};

}  // namespace

Admission pass_gate(GatedTask& task, Control& control) noexcept {
  Gate& g = *gate;
  Visit visit{.task = &task};
  std::unique_lock lock(g.mutex);
  if (!ensure_owner(g)) return Admission::turned_away;
  g.push(visit);
  g.owner_wakes.notify_one();
  const unsigned here = generation;
  // NOLINTBEGIN(clang-analyzer-core.StackAddressEscape): a visit is done, removed, or in another process's gate.
  while (visit.state != Visit::State::done) {
    g.callers_wake.wait_for(lock, std::chrono::nanoseconds(control.patience_ns()));
    if (visit.state == Visit::State::queued && control.poll() != Status::ok) {
      g.remove(visit);
      return Admission::turned_away;
    }
    lock.unlock();
    control.report_progress();
    // A callback that forked returns twice, the second time in a child whose gate is new and has never seen this visit.
    if (generation != here) {
      lock.release();
      return Admission::forked;
    }
    lock.lock();
  }
  return Admission::ran;
  // NOLINTEND(clang-analyzer-core.StackAddressEscape)
}

unsigned affordable_threads(unsigned wanted) noexcept {
  const bool bound = team_is_bound();
  const unsigned have = bound && wanted != team_before ? 1 : team_before;
  Probes probes(bound);
  while (have + probes.started() < wanted && probes.started() < threads_max && probes.start_one()) continue;
  team_before = std::min(wanted, have + probes.release());
  return team_before;
}

}  // namespace lanecrypt
