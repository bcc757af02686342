// Running without the GIL, also where the interpreter ends meanwhile.
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

// Gives the GIL up until the end of the scope. A daemon thread may come back when the interpreter is gone: Python
// before 3.14 ends such a thread with pthread_exit, whose unwinding would meet a noexcept and end the process with an
// abort. It sleeps instead until the process has ended, as 3.14 has it.
class WithoutGil {
 public:
  WithoutGil() noexcept : thread_(PyEval_SaveThread()) {}
  ~WithoutGil() {
    while (interpreter_ends()) pause();
    PyEval_RestoreThread(thread_);
  }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

 private:
  PyThreadState* thread_;
};

}  // namespace lanecrypt::python
