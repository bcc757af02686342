// Running without the GIL, also where the interpreter ends meanwhile: a daemon thread may come back when it is gone.
// Python before 3.14 ends such a thread with pthread_exit, whose unwinding meets a noexcept sooner or later and ends
// the process with an abort. Here it sleeps instead until the process has ended, as 3.14 has it.
#pragma once

#include <Python.h>
#include <unistd.h>

namespace lanecrypt::python {

inline bool interpreter_ends() noexcept {
#if PY_VERSION_HEX >= 0x030d0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

[[noreturn]] inline void sleep_until_the_end() noexcept {
  while (true) pause();
}

// Runs what takes the GIL or is in Python's hands with it. The interpreter may begin to end meanwhile: then Python
// unwinds this thread, with an exception of the C library's (abi::__forced_unwind) that only a catch of everything
// meets. It must be met before anything else of ours is unwound: without the GIL no reference may be let go.
template <typename Run>
auto stop_with_python(Run run) noexcept {
  try {
    return run();
  } catch (...) {
    sleep_until_the_end();
  }
}

// Gives the GIL up until the end of the scope.
class WithoutGil {
 public:
  // The thread that ends the interpreter runs __del__ and atexit functions with the GIL: it can come back.
  WithoutGil() noexcept : ends_itself_(interpreter_ends()), thread_(PyEval_SaveThread()) {}
  ~WithoutGil() {
    if (!ends_itself_ && interpreter_ends()) sleep_until_the_end();
    stop_with_python([&] { PyEval_RestoreThread(thread_); });
  }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

 private:
  bool ends_itself_;
  PyThreadState* thread_;
};

}  // namespace lanecrypt::python
