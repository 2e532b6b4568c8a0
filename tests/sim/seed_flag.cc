#include "tests/sim/seed_flag.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <string_view>

namespace {

std::uint64_t seed = 1;

}  // namespace

namespace groundhog::sim {

std::uint64_t TestSeed() { return seed; }

}  // namespace groundhog::sim

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kFlag = "--seed=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::string_view value = argument.substr(std::min(argument.size(), kFlag.size()));
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seed);
    if (!argument.starts_with(kFlag) || error != std::errc() ||
        end != value.data() + value.size()) {
      std::fprintf(stderr, "unknown argument '%s'; --seed=N is the only one\n", argv[i]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
