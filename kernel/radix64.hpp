// bcrypt's own base64: the alphabet ./A-Za-z0-9, most significant bits first, no padding. Not RFC 4648.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lanecrypt {

inline constexpr std::array<char, 65> radix64_alphabet{
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"};

// Characters that size bytes take: every started six bits are one.
constexpr std::size_t radix64_length(std::size_t size) noexcept { return (size * 8 + 5) / 6; }

// Writes the radix64_length(bytes.size()) characters of bytes to text. Unused low bits of the last character are zero.
void radix64_encode(std::span<const std::uint8_t> bytes, char* text) noexcept;

// The value 0..63 of a character, or -1.
int radix64_value(char character) noexcept;

// Reads bytes.size() bytes from radix64_length(bytes.size()) characters. False, with bytes all zero, where a character
// is outside the alphabet. Unused low bits of the last character are ignored: who needs them zero encodes again and
// compares.
bool radix64_decode(const char* text, std::span<std::uint8_t> bytes) noexcept;

}  // namespace lanecrypt
