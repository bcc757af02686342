// The process's one signal handler. It does two things that are safe in a signal handler: store and write(2).
#include "shutdown.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace lanecrypt::runtime {
namespace {

volatile std::int32_t requested = 0;  // NOLINT(*-avoid-non-const-global-variables): a signal handler has no other way
int descriptor = -1;                  // NOLINT(*-avoid-non-const-global-variables)

void on_terminate(int) {
  const int saved = errno;
  const std::uint64_t one = 1;
  requested = 1;
  static_cast<void>(!write(descriptor, &one, sizeof one));
  errno = saved;
}

}  // namespace

bool install_shutdown() noexcept {
  descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) return false;
  struct sigaction action {};
  action.sa_handler = on_terminate;
  action.sa_flags = SA_RESTART;
  if (sigaction(SIGTERM, &action, nullptr) != 0) return false;
  action.sa_handler = SIG_IGN;
  return sigaction(SIGPIPE, &action, nullptr) == 0;
}

bool shutdown_requested() noexcept { return requested != 0; }

const volatile std::int32_t* shutdown_flag() noexcept { return &requested; }

int shutdown_descriptor() noexcept { return descriptor; }

bool sleep_unless_shutdown(int milliseconds) noexcept {
  pollfd wait{descriptor, POLLIN, 0};
  static_cast<void>(poll(&wait, 1, milliseconds));
  return shutdown_requested();
}

}  // namespace lanecrypt::runtime
