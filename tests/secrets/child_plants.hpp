// What the tests must find: the program under test keeps a password, in one place after the other.
#pragma once

#include <string_view>

namespace lanecrypt::test {

// heap, stack, thread-stack, register, thread-register, upper-register, words: keeps the long password there for good,
// in a program that hashes no more. False where this processor has no such place. "stack" returns to a frame that still
// has it below.
bool plant(std::string_view where);

}  // namespace lanecrypt::test
