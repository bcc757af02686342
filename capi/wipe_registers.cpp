// The kernel's function for those who may not know the kernel.
#include "wipe_registers.hpp"

#include "traces.hpp"

namespace lanecrypt::capi {

void wipe_registers() noexcept { lanecrypt::wipe_registers(); }

}  // namespace lanecrypt::capi
