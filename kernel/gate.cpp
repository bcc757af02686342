// The gate and its owner thread. See the header.
#include "gate.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

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
unsigned generation = 0;   // forks between this process and the first
unsigned team_before = 1;  // threads of the owner's last region: libgomp keeps those and no more

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

// Threads of ours take no signals: those are the program's.
bool start_thread(pthread_t& thread, void* (*main)(void*), void* argument) noexcept {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool started = pthread_create(&thread, nullptr, main, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

bool ensure_owner(Gate& g) noexcept {
  if (g.has_owner) return true;
  pthread_t thread;
  if (!start_thread(thread, owner_main, nullptr)) return false;
  pthread_detach(thread);
  g.has_owner = true;
  return true;
}

}  // namespace

Admission pass_gate(GatedTask& task, Control& control) noexcept {
  Gate& g = *gate;
  Visit visit{.task = &task};
  std::unique_lock lock(g.mutex);
  if (!ensure_owner(g)) return Admission::turned_away;
  g.push(visit);
  g.owner_wakes.notify_one();
  const unsigned here = generation;
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
      return Admission::turned_away;
    }
    lock.lock();
  }
  return Admission::ran;
}

unsigned affordable_threads(unsigned wanted) noexcept {
  struct Probe {
    std::mutex mutex;
    std::condition_variable wakes;
    bool go = false;
    static void* main(void* self) noexcept {
      auto& probe = *static_cast<Probe*>(self);
      std::unique_lock lock(probe.mutex);
      sleep_until(probe.wakes, lock, [&] { return probe.go; });
      return nullptr;
    }
  };
  pthread_t threads[threads_max];
  Probe probe;
  unsigned started = 0;
  while (team_before + started < wanted && started < threads_max) {
    if (!start_thread(threads[started], Probe::main, &probe)) break;
    ++started;
  }
  {
    const std::scoped_lock lock(probe.mutex);
    probe.go = true;
  }
  probe.wakes.notify_all();
  for (unsigned i = 0; i < started; ++i) pthread_join(threads[i], nullptr);
  team_before = std::min(wanted, team_before + started);
  return team_before;
}

}  // namespace lanecrypt
