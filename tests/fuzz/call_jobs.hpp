// The jobs of a random call: texts of all lengths, valid and not, anywhere in the arena and right before its end; and
// what must become of each by the words of lanecrypt.h, judged by grammar.hpp.
#pragma once

#include <string>
#include <string_view>

#include "call_options.hpp"

namespace lanecrypt::fuzz {

// A password with hashes of it and a setting, each with its NUL, for the beginning of the arena's texts.
const std::string& known_texts();

// NULL or an address in the arena, with a setting's or hash's length, or near it.
struct Text {
  const void* data;
  std::size_t length;
};
Text choose_text(CallArena& arena, Choices& choices);

inline std::string_view view(const void* text, std::size_t length) {
  return length == 0 ? std::string_view{} : std::string_view{static_cast<const char*>(text), length};
}

bool is_zero(const char (&hash)[LANECRYPT_HASH_SIZE]);

void choose_job(CallArena& arena, Choices& choices, lanecrypt_hash_job& job);
void choose_job(CallArena& arena, Choices& choices, lanecrypt_verify_job& job);

// Before anything is computed; OK means that the job is.
lanecrypt_status expected_of(const lanecrypt_hash_job& job, const Asked& asked);
lanecrypt_status expected_of(const lanecrypt_verify_job& job, const Asked& asked);

// After a call that ran.
void check_job(const lanecrypt_hash_job& job, const Asked& asked, lanecrypt_status expected);
void check_job(const lanecrypt_verify_job& job, const Asked& asked, lanecrypt_status expected);

// All that a job has when the call as a whole failed.
bool is_empty(const lanecrypt_hash_job& job, lanecrypt_status status);
bool is_empty(const lanecrypt_verify_job& job, lanecrypt_status status);

void outputs_of(CallArena& arena, const lanecrypt_hash_job& job);
void outputs_of(CallArena& arena, const lanecrypt_verify_job& job);

}  // namespace lanecrypt::fuzz
