// Philox4x32-10: a counter-based generator of random bits. Every block of four words is a pure
// function of a counter and a key, so that a draw needs no state and no order.
//
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011, section 4.2 and table 2. The known answers published with it are in philox_test.cc.
// Integer arithmetic only; usable in constant expressions and from any thread.
#ifndef GROUNDHOG_SIM_PHILOX_H_
#define GROUNDHOG_SIM_PHILOX_H_

#include <array>
#include <cstdint>

namespace groundhog::sim {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

constexpr std::array<std::uint32_t, 4> Philox4x32x10(PhiloxCounter counter, PhiloxKey key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;  // 2^32 over the golden ratio
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;  // 2^32 times (sqrt(3) - 1)
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_PHILOX_H_
