// A deal as the list from which threads take their groups.
#pragma once

#include <vector>

#include "deal.hpp"
#include "plan.hpp"

namespace lanecrypt {

// All groups of a deal, in an order with which as many threads, each taking the next group when it is free, end no
// later than the deal; and the time at which they end.
struct GroupList {
  std::vector<PlannedGroup> groups;
  double end = 0;
};
GroupList list_groups(const Work& work, const Deal& deal);

}  // namespace lanecrypt
