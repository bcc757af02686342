// Looks for needles in another process, or in a core file. The process is stopped meanwhile: all that it has written to
// memory, the stacks among it, and the registers of every thread, as the kernel saved them.
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "needles.hpp"

namespace lanecrypt::test {

struct Find {
  std::string needle;
  std::string place;  // "[heap] 55d0c8a2f2a0", "registers of thread 4711"
};

struct Scanned {
  std::vector<Find> finds;    // the first few of each place
  std::size_t threads = 0;    // whose registers were read
  std::size_t bytes = 0;      // of memory
  std::size_t registers = 0;  // bytes
};

// The process is somebody else's, or forbids it (PR_SET_DUMPABLE) and this user is not root.
struct NoRights : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws NoRights, or std::runtime_error where the process cannot be stopped or read for another reason. It goes on
// afterwards.
Scanned scan_process(pid_t process, const Needles& needles);

// All bytes of a file.
Scanned scan_file(const std::string& path, const Needles& needles);

}  // namespace lanecrypt::test
