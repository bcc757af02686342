// Base64 of RFC 4648 section 4, decoded strictly. It is not bcrypt's base64 (radix64 in the kernel) nor the URL-safe
// one.
#ifndef LANECRYPT_RUNTIME_BASE64_HPP
#define LANECRYPT_RUNTIME_BASE64_HPP

#include <optional>
#include <string_view>

#include "arena.hpp"

namespace lanecrypt::runtime {

// The bytes, in the arena; nothing unless the text is the one that an encoder would write for them: whole groups of
// four, padding at the end only, unused bits zero, no line breaks.
std::optional<std::string_view> decode_base64(std::string_view text, Arena& arena);

}  // namespace lanecrypt::runtime

#endif
