// The program of child.cpp as a test has it: a line of command in, its answer out, and its memory in between.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lanecrypt::test {

class ChildProcess {
 public:
  // Throws std::runtime_error where the program cannot be started.
  ChildProcess(const std::string& program, const std::string& engine);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // Sends a line and waits for the next.
  std::string ask(const std::string& line);

  // Ends it by SIGABRT and waits for that. True if it left a core.
  bool abort();

  pid_t id() const noexcept { return id_; }

 private:
  std::string read_line();

  pid_t id_ = 0;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace lanecrypt::test
