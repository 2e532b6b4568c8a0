#include "tests/theory/claims.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <string>

#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

struct Flags {
  std::uint64_t seed = 1;
  std::string report;
};

Flags flags;

bool ParseFlag(std::string_view argument) {
  constexpr std::string_view kSeed = "--seed=";
  constexpr std::string_view kReport = "--report=";
  if (argument.starts_with(kReport)) {
    flags.report = argument.substr(kReport.size());
    return !flags.report.empty();
  }
  if (!argument.starts_with(kSeed)) return false;
  const std::string_view value = argument.substr(kSeed.size());
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), flags.seed);
  return error == std::errc() && end == value.data() + value.size();
}

void Report(std::string_view claim, const Estimate& estimate, double expected) {
  const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
  std::ofstream file(flags.report, std::ios::app);
  file << std::setprecision(9) << test->test_suite_name() << "." << test->name() << "\t" << claim
       << "\t" << flags.seed << "\t" << estimate.observed << "\t" << expected << "\t"
       << estimate.low << "\t" << estimate.high << "\t" << estimate.Contains(expected) << "\n";
  EXPECT_TRUE(file.good()) << "cannot write " << flags.report;
}

}  // namespace

std::uint64_t Seed() { return flags.seed; }

void ExpectAgreement(std::string_view claim, const Estimate& estimate, double expected) {
  if (!flags.report.empty()) return Report(claim, estimate, expected);
  EXPECT_TRUE(estimate.Contains(expected))
      << claim << " with seed " << flags.seed << ": observed " << estimate.observed << " in ["
      << estimate.low << ", " << estimate.high << "], expected " << expected
      << ". One interval in a thousand misses; `scripts/theory --seeds 20` shows whether this is "
         "one of them.";
}

void ExpectDisagreement(std::string_view claim, const Estimate& estimate, double wrong) {
  EXPECT_FALSE(estimate.Contains(wrong))
      << claim << " with seed " << flags.seed << ": observed " << estimate.observed << " in ["
      << estimate.low << ", " << estimate.high << "] would also agree with " << wrong;
}

}  // namespace groundhog::theory

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (groundhog::theory::ParseFlag(argv[i])) continue;
    std::fprintf(stderr, "unknown argument '%s'; --seed=N and --report=FILE are known\n", argv[i]);
    return 2;
  }
  return RUN_ALL_TESTS();
}
