#include "sim/philox.h"

#include <gtest/gtest.h>

namespace groundhog::sim {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The three "philox4x32 10" lines of tests/kat_vectors in the authors' Random123 1.14.0.
TEST(Philox, AnswersToZerosAsPublished) {
  EXPECT_EQ(Philox4x32x10({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
}

TEST(Philox, AnswersToOnesAsPublished) {
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox4x32x10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(Philox, AnswersToDigitsOfPiAsPublished) {
  EXPECT_EQ(
      Philox4x32x10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

static_assert(Philox4x32x10({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5, "usable at compile time");

}  // namespace
}  // namespace groundhog::sim
