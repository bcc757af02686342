// lanecrypt_pbkdf_hash.
#include <cstdint>
#include <cstring>

#include "options.hpp"
#include "pbkdf.hpp"

namespace lanecrypt::capi {
namespace {

static_assert(pbkdf_digest_bytes == LANECRYPT_PBKDF_DIGEST_SIZE && pbkdf_block_bytes == LANECRYPT_PBKDF_BLOCK_SIZE);

// Whether count elements of a size can be at this address.
bool addressable(const void* array, std::size_t count, std::size_t size) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(array);
  return address != 0 && count <= PTRDIFF_MAX / size && count * size <= UINTPTR_MAX - address;
}

}  // namespace
}  // namespace lanecrypt::capi

using namespace lanecrypt;  // the ABI's functions stand at global scope
using namespace lanecrypt::capi;

lanecrypt_status lanecrypt_pbkdf_hash(const std::uint8_t password_digest[LANECRYPT_PBKDF_DIGEST_SIZE],
                                      const std::uint8_t* salt_digests, std::size_t count,
                                      std::uint8_t* blocks) noexcept {
  if (count == 0) return LANECRYPT_OK;
  if (!addressable(blocks, count, pbkdf_block_bytes) || count > PTRDIFF_MAX / pbkdf_digest_bytes) {
    return LANECRYPT_INVALID_ARGUMENT;
  }
  const bool readable =
      addressable(password_digest, 1, pbkdf_digest_bytes) && addressable(salt_digests, count, pbkdf_digest_bytes);
  const Status status =
      readable ? pbkdf_blocks(password_digest, salt_digests, count, blocks) : Status::invalid_argument;
  if (status != Status::ok) std::memset(blocks, 0, count * pbkdf_block_bytes);
  return to_abi(status);
}
