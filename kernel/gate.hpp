// The gate: one parallel region at a time in a process, in the order of asking, all on one thread of our own.
//
// Why one owner thread: libgomp keeps a pool of workers for every thread that ever started a region, so sixteen callers
// would leave sixteen pools; a forked child hangs in the first region of a thread that had a pool before the fork; and
// a caller's stack may be too small or its thread inside somebody else's region. The owner is made at the first use and
// anew in a child.
#pragma once

#include "control.hpp"
#include "status.hpp"

namespace lanecrypt {

// What runs behind the gate.
class GatedTask {
 public:
  virtual void run() noexcept = 0;

 protected:
  ~GatedTask() = default;
};

enum class Admission {
  ran,          // run() was called and has returned
  turned_away,  // it was not called: control.poll() says why, or, if that is ok, the owner thread could not be started
  forked        // this is a child that a progress callback forked: run() may have begun and nobody is there to go on
};

// Waits for its turn and lets the owner thread run the task. Meanwhile the calling thread reports progress; while
// waiting for its turn it looks at deadline and cancel flag. Any thread may call this but the owner itself.
Admission pass_gate(GatedTask& task, Control& control) noexcept;

// On the owner thread: how many of `wanted` threads can be had, at least 1. libgomp calls exit(1) if a thread that it
// needs cannot be created, so those that the last region did not have are created here first, all at once, and let go
// again.
unsigned affordable_threads(unsigned wanted) noexcept;

}  // namespace lanecrypt
