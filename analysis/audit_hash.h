// Hashes by which an audit tells values and keys apart: the same in every process, so that the same
// audit always says the same, also where two hashes are equal by chance.
//
// Pure functions.
#ifndef GROUNDHOG_ANALYSIS_AUDIT_HASH_H_
#define GROUNDHOG_ANALYSIS_AUDIT_HASH_H_

#include <cstdint>

namespace groundhog::analysis {

// Of two values in their order: the finalizer of SplitMix64 (Steele et al. 2014). Of one and the
// same first value no two second ones have the same hash.
constexpr std::uint64_t HashOfBoth(std::uint64_t first, std::uint64_t second) {
  std::uint64_t z = (first + 0x9E37'79B9'7F4A'7C15) * 0xD6E8'FEB8'6659'FD93 + second;
  z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
  z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
  return z ^ (z >> 31);
}

constexpr std::uint64_t HashOfNumber(std::uint64_t number) { return HashOfBoth(0, number); }

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_AUDIT_HASH_H_
