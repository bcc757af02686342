// The program of child.cpp as a test has it: a line of command in, its answer out, and its memory in between.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lanecrypt::test {

class ChildProcess {
 public:
  // folder: where it works and leaves a core, if not here. Throws std::runtime_error where it cannot be started.
  ChildProcess(const std::string& program, const std::string& engine, const std::string& folder = ".");
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // Sends a line and waits for the next.
  std::string ask(const std::string& line);

  // Writes bytes into a block of its memory that is for this.
  void poke(const std::string& bytes);

  // Ends it by SIGABRT and waits for that. True if the kernel says that there is a core.
  bool abort();

  pid_t id() const noexcept { return id_; }

 private:
  std::string read_line() const;

  pid_t id_ = 0;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace lanecrypt::test
