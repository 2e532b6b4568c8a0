// What the model must not do: an order that follows from where things lie in memory, as that of a
// hash table has it whose keys are pointers. Only the program groundhog-canary uses it, in one
// place; scripts/determinism and canary_test.py must notice that its traces differ.
#ifndef GROUNDHOG_TESTS_GOLDEN_CANARY_H_
#define GROUNDHOG_TESTS_GOLDEN_CANARY_H_

#include <cstdint>

namespace groundhog::canary {

// Whether `one` comes before `other` by a hash of their addresses.
inline bool IsFirst(const void* one, const void* other) {
  const auto hash = [](const void* at) {
    return reinterpret_cast<std::uintptr_t>(at) * std::uintptr_t{0x9E3779B97F4A7C15};
  };
  return hash(one) < hash(other);
}

}  // namespace groundhog::canary

#endif  // GROUNDHOG_TESTS_GOLDEN_CANARY_H_
