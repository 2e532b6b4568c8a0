// Properties that must hold for every world, checked on one that has every mechanism.
#include "tests/model/deep_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/world/world.h"
#include "tests/model/lived.h"

namespace groundhog::model {
namespace {

using traces::Level;
using traces::Record;

TEST(DeepWorld, EntitiesSpreadOverPartitionsGiveTheSameRecords) {
  const Scenario scenario = DeepScenario();
  const Lived together(scenario);
  EXPECT_GT(together.records().size(), 20'000u);
  for (const int partitions : {2, 3, 8, 64}) {
    const Lived spread(scenario, partitions);
    ASSERT_EQ(spread.records().size(), together.records().size()) << partitions << " partitions";
    EXPECT_TRUE(spread.records() == together.records()) << partitions << " partitions";
  }
}

TEST(DeepWorld, EveryFaultIsTheCauseOfSomething) {
  const Lived lived(DeepScenario());
  std::set<std::string> causes;
  for (const Record& record : lived.records()) {
    if (record.truth.fault == traces::FaultId::kNone) continue;
    causes.insert(lived.catalogue().faults[traces::Index(record.truth.fault)].name);
  }
  for (const traces::FaultEntry& fault : lived.catalogue().faults) {
    if (fault.kind == "clock_skew") continue;  // shows in the timestamps
    EXPECT_TRUE(causes.contains(fault.name)) << fault.name;
  }
}

TEST(DeepWorld, EveryFailureKindOccurs) {
  const Lived lived(DeepScenario());
  std::set<std::string> codes;
  for (const Record& record : lived.records()) {
    if (record.error_code == traces::ErrorCodeId::kNone) continue;
    codes.insert(lived.catalogue().error_codes[traces::Index(record.error_code)]);
  }
  for (const char* code : {"ERR_499", "ERR_503", "ERR_429", "ERR_408", "ERR_504", "ERR_502",
                           "ERR_529", "ERR_530", "ERR_500"}) {
    EXPECT_TRUE(codes.contains(code)) << code;
  }
}

TEST(DeepWorld, RemovingAnyFaultChangesNothingBeforeIt) {
  const Scenario with = DeepScenario();
  const Lived all(with);
  for (std::size_t i = 0; i < with.faults.size(); ++i) {
    Scenario without = with;
    without.faults.erase(without.faults.begin() + static_cast<std::ptrdiff_t>(i));
    const Lived calmer(without);
    const traces::FaultEntry& entry = all.catalogue().faults[i];
    const sim::VirtualTime start = entry.is_random ? entry.times.front().start : entry.first_start;
    std::size_t same = 0;
    for (; same < all.records().size() && all.records()[same].time < start; ++same) {
      ASSERT_LT(same, calmer.records().size());
      const Record& one = all.records()[same];
      const Record& other = calmer.records()[same];
      ASSERT_EQ(
          std::tuple(one.time, one.host, one.span, one.duration, one.level, one.request.ordinal),
          std::tuple(other.time, other.host, other.span, other.duration, other.level,
                     other.request.ordinal))
          << with.faults[i].name << ", record " << same;
    }
    EXPECT_FALSE(all.records() == calmer.records()) << with.faults[i].name << " does nothing";
  }
}

TEST(DeepWorld, LongerRunBeginsWithTheRecordsOfTheShorter) {
  Scenario scenario = DeepScenario();
  const Lived longer(scenario);
  scenario.duration = sim::Minutes(6);
  const Lived shorter(scenario);
  ASSERT_LT(shorter.records().size(), longer.records().size());
  EXPECT_TRUE(
      std::equal(shorter.records().begin(), shorter.records().end(), longer.records().begin()));
}

TEST(DeepWorld, NoSpanAndAttemptIsLoggedTwice) {
  const Lived lived(DeepScenario());
  std::set<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>> seen;
  for (const Record& record : lived.records()) {
    if (record.span == traces::SpanId::kNone) continue;
    // A WARN about a retried attempt belongs to the caller's span, which ends later.
    const bool is_about_retry =
        record.level == Level::kWarn && record.dependency != traces::ServiceId::kNone;
    if (is_about_retry) continue;
    EXPECT_TRUE(seen.insert({sim::Index(record.request.source), record.request.ordinal,
                             static_cast<std::uint32_t>(record.span)})
                    .second);
  }
}

}  // namespace
}  // namespace groundhog::model
