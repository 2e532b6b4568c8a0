// Each claim is shown to fail once: a target that notices nothing finds nothing.
#include <gtest/gtest.h>

#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include "fuzz/heap_bound.h"
#include "fuzz/memory_file.h"
#include "fuzz/require.h"
#include "fuzz/scenario_claims.h"
#include "fuzz/trace_claims.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::fuzz {
namespace {

// An allocation that fails ends the program, too.
void Take(std::size_t bytes) noexcept {
  const HeapBound bound;
  std::vector<char> half(bytes / 2, 'x');
  std::vector<char> rest(bytes - bytes / 2, 'x');
}

TEST(HeapBound, EndsWhatTakesMore) {
  for (int i = 0; i < 10; ++i) Take(kHeapBytesMax / 2);  // what is released does not count
  EXPECT_EXIT(Take(kHeapBytesMax + (std::size_t{16} << 20)), testing::KilledBySignal(SIGABRT), "");
}

TEST(Require, EndsWithTheClaim) {
  Require(true, "all is well");
  EXPECT_DEATH(Require(false, "all is well", "not at all"),
               "does not hold: all is well: not at all");
}

TEST(IsOneLine, TakesPrintableTextOnly) {
  EXPECT_TRUE(IsOneLine("café: at byte 7"));
  for (const char* text : {"", "two\nlines", "\x1B[31mred", "\x7F", "\xFF"}) {
    EXPECT_FALSE(IsOneLine(text)) << text;
  }
}

TEST(IsJsonLine, TakesWhatJsonMayHave) {
  EXPECT_TRUE(IsJsonLine("{\"caf\u00e9\":\"\x7F\"}"));
  for (const char* text : {"two\nlines", "\x1B[31mred", "\xFF"}) EXPECT_FALSE(IsJsonLine(text));
}

TEST(ScenarioClaims, AScenarioIsTakenOrRefusedInTheRightForm) {
  const ScenarioAnswer taken = AskForScenario(
      "name: a\nservices: {web: {service_time: 1ms}}\n"
      "journeys: {visit: {rate: 1/s, deadline: 1s, entry: {service: web}}}\n",
      {});
  EXPECT_EQ(taken.flaw, "");
  EXPECT_TRUE(taken.scenario.has_value());
  const ScenarioAnswer refused = AskForScenario("name: [", {});
  EXPECT_EQ(refused.flaw, "");
  EXPECT_FALSE(refused.scenario.has_value());
}

TEST(TraceClaims, VerifyAndReadingHaveToAgree) {
  const std::string sound = traces::TraceBytes(traces::TinyTrace());
  MemoryFile file;
  file.Set(sound);
  TraceReading reading = ReadAsTrace(file.path(), sound.size(), /*is_thorough=*/false);
  EXPECT_TRUE(reading.is_whole);
  VerifyAsTrace(file.path(), reading);
  SeekInTrace(file.path(), reading);
  FollowTrace(file.path(), reading);
  for (std::size_t format = 0; format < 7; ++format) DescribeTrace(file.path(), format);
  reading.is_whole = false;
  EXPECT_DEATH(VerifyAsTrace(file.path(), reading), "was read without a complaint");
}

}  // namespace
}  // namespace groundhog::fuzz
