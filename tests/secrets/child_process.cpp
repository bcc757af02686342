// Starts the child and talks to it through two pipes. See the header.
#include "child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace lanecrypt::test {

ChildProcess::ChildProcess(const std::string& program, const std::string& engine, const std::string& folder) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  id_ = fork();
  if (id_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    rlimit cores{};
    getrlimit(RLIMIT_CORE, &cores);
    cores.rlim_cur = cores.rlim_max;
    setrlimit(RLIMIT_CORE, &cores);
    if (chdir(folder.c_str()) != 0) _exit(127);
    execl(program.c_str(), program.c_str(), engine.c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
  if (id_ < 0 || read_line() != "ready") throw std::runtime_error(program + " could not be started");
}

ChildProcess::~ChildProcess() {
  close(to_);
  close(from_);
  if (id_ <= 0) return;
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

std::string ChildProcess::ask(const std::string& line) {
  const std::string whole = line + "\n";
  if (write(to_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) return "it is gone";
  return read_line();
}

std::string ChildProcess::read_line() const {
  std::string line;
  for (char letter = 0; read(from_, &letter, 1) == 1; line += letter) {
    if (letter == '\n') return line;
  }
  return "it ended after '" + line + "'";
}

void ChildProcess::poke(const std::string& bytes) {
  const std::uint64_t address = std::stoull(ask("block"));
  const int memory = open(("/proc/" + std::to_string(id_) + "/mem").c_str(), O_WRONLY | O_CLOEXEC);
  const ssize_t written = pwrite(memory, bytes.data(), bytes.size(), static_cast<off_t>(address));
  close(memory);
  if (written != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("the child's memory cannot be written");
}

bool ChildProcess::abort() {
  int status = 0;
  kill(id_, SIGABRT);
  if (waitpid(id_, &status, 0) != id_) throw std::runtime_error("waitpid");
  id_ = 0;
  return WCOREDUMP(status);
}

}  // namespace lanecrypt::test
