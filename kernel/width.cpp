// See the header.
#include "width.hpp"

#include <algorithm>

namespace lanecrypt {
namespace {

// What a thread needs of its cache beside the lanes: the frames of the engine's functions, key and salt words (92 bytes
// a lane), and a few lines for whatever the system does in between.
constexpr std::size_t reserve_bytes = 2048;

// Where CPUID does not tell: what every server core since 2006 has at least. Taken as unshared, because nothing says
// that it is shared, and lanes that are not used are lost for certain. On arm64 it never tells. The 64 KiB of Neoverse
// N1, V1 and V2 would hold more lanes, but those cores are as fast with five (bench/results/NEOVERSE.md).
constexpr std::size_t unknown_bytes = 32'768;

unsigned lanes_within(const Engine& engine, std::size_t bytes) noexcept {
  const std::size_t lanes = (bytes - std::min(bytes, reserve_bytes)) / engine.lane_bytes;
  return static_cast<unsigned>(std::clamp<std::size_t>(lanes, 1, engine.lanes));
}

}  // namespace

WidthChoice choose_width(const Engine& engine, const CpuFeatures& cpu) noexcept {
  if (engine.lane_bytes == 0) return {engine.lanes, WidthReason::engine};
  const std::size_t all = cpu.l1d_bytes == 0 ? unknown_bytes : cpu.l1d_bytes;
  // Hardware threads of one core share its ports too: two of 3 lanes keep them as busy as one of 6, so nothing is lost
  // by halving, and everything by two of 6 whose lanes throw each other out.
  const std::size_t share = cpu.l1d_bytes == 0 ? all : all / std::max(1U, cpu.l1d_threads);
  const unsigned width = lanes_within(engine, share);
  if (width == engine.lanes) return {width, WidthReason::engine};
  if (cpu.l1d_bytes == 0) return {width, WidthReason::l1d_unknown};
  return {width, width < lanes_within(engine, all) ? WidthReason::l1d_shared : WidthReason::l1d_size};
}

const char* text(WidthReason reason) noexcept {
  switch (reason) {
    case WidthReason::engine:
      return "as wide as the engine is";
    case WidthReason::l1d_size:
      return "one lane more would not fit into the L1 data cache";
    case WidthReason::l1d_shared:
      return "hardware threads share the L1 data cache, and one lane more would not fit into a thread's part";
    case WidthReason::l1d_unknown:
      return "the size of the L1 data cache is unknown and taken for 32 KiB, into which one lane more would not fit";
  }
  return "";
}

}  // namespace lanecrypt
