// The seed of randomized tests: --seed=N on the test program's command line, 1 without. Such a test
// prints it when it fails, so that the failure can be repeated.
#ifndef GROUNDHOG_TESTS_SIM_SEED_FLAG_H_
#define GROUNDHOG_TESTS_SIM_SEED_FLAG_H_

#include <cstdint>

namespace groundhog::sim {

std::uint64_t TestSeed();

}  // namespace groundhog::sim

#endif  // GROUNDHOG_TESTS_SIM_SEED_FLAG_H_
