// The measurement behind Engine::relative_time, the planner's model.
#pragma once

#include <iosfwd>

namespace lanecrypt::bench {

// For each engine that takes more than a single lane and runs here: the time of a group of every width, over that of
// one lane, as the row to paste into the engine's file. All widths take turns.
void print_widths(std::ostream& out, unsigned rounds);

}  // namespace lanecrypt::bench
