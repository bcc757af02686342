// For runtime and python, which are linked with the static library and have passwords of their own. Not of the ABI.
#pragma once

namespace lanecrypt::capi {

// Clears the vector registers, through which memcpy moves what it copies (kernel/traces.hpp).
void wipe_registers() noexcept;

}  // namespace lanecrypt::capi
