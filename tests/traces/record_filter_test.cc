#include "traces/record_filter.h"

#include <gtest/gtest.h>

#include "tests/traces/sample_trace.h"

namespace groundhog::traces {
namespace {

TEST(RecordFilter, GoesByTrueTimeWhateverTheHostsClock) {
  RecordFilter filter(
      {.from = sim::VirtualTime(sim::Seconds(10)), .until = sim::VirtualTime(sim::Seconds(20))},
      SampleInfo(), SampleCatalogue());
  for (const sim::Duration skew : {sim::Duration(), sim::Hours(1), sim::Hours(-1)}) {
    const auto matches = [&](sim::Duration since_start) {
      Record record = SampleRecord(since_start.nanoseconds());
      record.clock_skew = skew;
      return filter.Matches(record);
    };
    EXPECT_FALSE(matches(sim::Seconds(10) - sim::Nanoseconds(1)));
    EXPECT_TRUE(matches(sim::Seconds(10)));
    EXPECT_TRUE(matches(sim::Seconds(20) - sim::Nanoseconds(1)));
    EXPECT_FALSE(matches(sim::Seconds(20)));
  }
}

}  // namespace
}  // namespace groundhog::traces
