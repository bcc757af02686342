// The memory of the program that is looked at: any of the library's allocations can be made to fail.
#pragma once

namespace lanecrypt::test {

// The n-th allocation by new from here on fails; 0: none does. Counted down.
extern int allocations_until_failure;

}  // namespace lanecrypt::test
