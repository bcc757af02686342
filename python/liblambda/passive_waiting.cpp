// OMP_WAIT_POLICY=PASSIVE before libgomp reads it. libgomp reads its environment in a constructor, and the constructors
// of a library that a module needs run before the module's own, unless the module is linked with -z initfirst, as this
// one is. Its constructors may then use nothing but libc. Threads that spin after a batch would be billed, and would
// steal the answer's CPU.
//
// There is no effect where libgomp was in the process before; and whoever sets the variable otherwise is obeyed.
#include <stdlib.h>

namespace {

[[gnu::constructor(101)]] void choose_passive_waiting() { setenv("OMP_WAIT_POLICY", "PASSIVE", 0); }

}  // namespace
