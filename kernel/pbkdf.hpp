// The inner hash of bcrypt_pbkdf, the key derivation of OpenSSH's private keys: what stands there in the place of
// PBKDF2's HMAC. SHA-512 around it is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "status.hpp"

namespace lanecrypt {

inline constexpr std::size_t pbkdf_digest_bytes = 64;  // of SHA-512
inline constexpr std::size_t pbkdf_block_bytes = 32;
inline constexpr unsigned pbkdf_lanes = 8;

// For one group; aligned like an engine's scratch.
extern const std::size_t pbkdf_scratch_bytes;

// 1..pbkdf_lanes blocks in lockstep: one password digest, a salt digest and a block for each lane. Scratch is wiped
// before this returns.
void pbkdf_group(void* scratch, const std::uint8_t* password, const std::uint8_t* salts, unsigned lanes,
                 std::uint8_t* blocks) noexcept;

// Any number of blocks, group after group on the calling thread. Scratch comes from the heap: it is more than a small
// stack has. ok, or out_of_memory, and then nothing was written.
Status pbkdf_blocks(const std::uint8_t* password, const std::uint8_t* salts, std::size_t count,
                    std::uint8_t* blocks) noexcept;

}  // namespace lanecrypt
