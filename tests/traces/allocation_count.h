// Counts what this program allocates with new. A source of its own, as the compiler must not see
// both ends of an allocation.
#ifndef GROUNDHOG_TESTS_TRACES_ALLOCATION_COUNT_H_
#define GROUNDHOG_TESTS_TRACES_ALLOCATION_COUNT_H_

#include <cstddef>

namespace groundhog::traces {

// Bytes ever asked for; what was freed stays counted. Thread-safe.
std::size_t AllocatedBytes();

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TESTS_TRACES_ALLOCATION_COUNT_H_
