// The one table of engines, best first: selection goes down the list. A new engine is a file of its own and a row here.
#include "engine.hpp"

namespace lanecrypt {
namespace {

constexpr const Engine* rows[] = {
#if defined(__x86_64__) && !defined(__ILP32__)
    &x86_64_bmi2_engine,
    &x86_64_engine,
#endif
    &portable_engine,
#if LANECRYPT_WITH_LIBCRYPT
    &libcrypt_engine,
#endif
};

}  // namespace

std::span<const Engine* const> engine_table() noexcept { return rows; }

}  // namespace lanecrypt
