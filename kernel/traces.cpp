// Registers and stack. See the header. Both functions are never inlined: what they clear must belong to nobody.
#include "traces.hpp"

#include <cstdint>

#include "cpu.hpp"
#include "secure_zero.hpp"

namespace lanecrypt {

#if defined(__x86_64__)
namespace {

// Where xrstor reads registers from: 512 bytes as fxsave has them, and a header whose first word says which registers
// the area holds. It is zero, so all that are asked for get their initial value, which is zero, and the area could not
// tell another. Only MXCSR (byte 24) is always read.
struct alignas(64) StateArea {
  std::uint8_t legacy[512];
  std::uint8_t header[64];
};

// XCR0's bits for xmm, for the upper halves of ymm, and for AVX-512's masks, upper halves of zmm, and zmm16 to zmm31.
constexpr std::uint32_t vector_state = 1U << 1 | 1U << 2 | 1U << 5 | 1U << 6 | 1U << 7;

}  // namespace

[[gnu::noinline]] void wipe_registers() noexcept {
  if (this_cpu().xsave) {
    StateArea area{};
    __asm__ __volatile__("stmxcsr 24(%0)\n\txrstor (%0)"
                         :
                         : "r"(&area), "a"(vector_state), "d"(0)
                         : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                           "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return;
  }
  __asm__ __volatile__(
      ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\tpxor %%xmm\\n, %%xmm\\n\n\t.endr"
      :
      :
      : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
        "xmm13", "xmm14", "xmm15");
}
#elif defined(__aarch64__)
// The compiler keeps d8 to d15 for the caller, which owns them. A write to v clears what SVE has beyond it.
[[gnu::noinline]] void wipe_registers() noexcept {
  __asm__ __volatile__(
      ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, "
      "28, 29, 30, 31\n\tmovi v\\n\\().2d, #0\n\t.endr"
      :
      :
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}
#else
void wipe_registers() noexcept {}
#endif

[[gnu::noinline]] void wipe_traces() noexcept {
  std::uint8_t below[traced_stack_bytes];
  secure_zero(below, sizeof below);
  wipe_registers();
}

}  // namespace lanecrypt
