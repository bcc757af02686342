// Boost.JSON's own code, compiled here once for the benchmarks. No code of ours belongs in this file.
#include <boost/json/src.hpp>
