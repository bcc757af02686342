// SIGTERM as a flag and a descriptor. Lambda sends it to an idle function; elsewhere it may come at any time:
// idle, the wait for the next event ends and so does the process; during an invocation the flag is the batch's cancel
// flag, so unfinished items are answered with `cancelled` within milliseconds, the answer is sent, and then it ends.
#ifndef LANECRYPT_RUNTIME_BOOTSTRAP_SHUTDOWN_HPP
#define LANECRYPT_RUNTIME_BOOTSTRAP_SHUTDOWN_HPP

#include <cstdint>

namespace lanecrypt::runtime {

// Installs the handler and ignores SIGPIPE (a closed connection is an error code, not the end). False if that failed.
bool install_shutdown() noexcept;

[[nodiscard]] bool shutdown_requested() noexcept;

// Non-zero once SIGTERM came. Lives as long as the process.
[[nodiscard]] const volatile std::int32_t* shutdown_flag() noexcept;

// Readable once SIGTERM came: to be polled beside a socket, so that no signal falls between a check and a wait.
[[nodiscard]] int shutdown_descriptor() noexcept;

// Sleeps; true if SIGTERM ended the sleep.
bool sleep_unless_shutdown(int milliseconds) noexcept;

}  // namespace lanecrypt::runtime

#endif
