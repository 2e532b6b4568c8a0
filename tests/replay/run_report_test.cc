// --report's JSON: programs rely on its keys and their order.
#include "replay/run_report.h"

#include <gtest/gtest.h>

#include "replay/payload_hash.h"

namespace groundhog::replay {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(RunReport, HasEveryKeyInOrder) {
  RunReport report;
  report.trace_digest = traces::Hash128{.high = 0x0123, .low = 0xABCD};
  report.records_read = 12;
  report.records_sent = 11;
  report.messages = {.messages_sent = 14,
                     .messages_acknowledged = 13,
                     .messages_failed = 1,
                     .copies_acknowledged = 2,
                     .bytes = 3'000,
                     .messages_forgotten = 5};
  report.duration = milliseconds(60'012) + microseconds(7);
  report.speed_asked = 1'440;
  report.speed_reached = 1'439.75;
  report.seeks = 3;
  report.paused = milliseconds(1'500) + std::chrono::nanoseconds(1);
  report.slipped = microseconds(200);
  report.lateness = {.p50 = microseconds(80), .p99 = milliseconds(2), .max = milliseconds(2'000)};
  report.acknowledgement = {.p50 = milliseconds(5), .p99 = milliseconds(6), .max = milliseconds(7)};
  report.resumed_at = 17;
  report.payload_hash = traces::Hash128{.high = 1, .low = 2};
  report.complete = true;
  EXPECT_EQ(ToJson(report),
            "{\"trace_digest\":\"0000000000000123000000000000abcd\",\"records_read\":12,"
            "\"records_sent\":11,\"messages_acknowledged\":13,\"messages_failed\":1,"
            "\"alerts_acknowledged\":2,\"messages_forgotten\":5,\"bytes\":3000,\"duration_ms\":"
            "60012.007000,"
            "\"speed_asked\":1440,\"speed_reached\":1439.75,"
            "\"seeks\":3,\"paused_ms\":1500.000001,\"slipped_ms\":0.200000,"
            "\"lateness_ms\":{\"p50\":0.080000,\"p99\":2.000000,\"max\":2000.000000},"
            "\"ack_ms\":{\"p50\":5.000000,\"p99\":6.000000,\"max\":7.000000},"
            "\"resumed_at\":17,\"payload_xxh128\":\"00000000000000010000000000000002\","
            "\"complete\":true}\n");
}

TEST(RunReport, WhatIsNotKnownIsNull) {
  EXPECT_EQ(ToJson(RunReport()),
            "{\"trace_digest\":null,\"records_read\":0,\"records_sent\":0,"
            "\"messages_acknowledged\":0,\"messages_failed\":0,\"alerts_acknowledged\":0,"
            "\"messages_forgotten\":null,\"bytes\":0,\"duration_ms\":0.000000,\"speed_asked\":null,"
            "\"speed_reached\":null,"
            "\"seeks\":0,\"paused_ms\":0.000000,\"slipped_ms\":0.000000,"
            "\"lateness_ms\":null,\"ack_ms\":null,\"resumed_at\":null,\"payload_xxh128\":null,"
            "\"complete\":false}\n");
}

TEST(RunReport, PercentilesOfNothingAreNothing) {
  EXPECT_EQ(PercentilesOf(sinks::Histogram()), std::nullopt);
}

// From `printf 'a\nbc\n' | xxhsum -H2` and `xxhsum -H2 </dev/null`.
TEST(PayloadHash, IsWhatXxhsumSaysOfTheLines) {
  PayloadHash hash;
  EXPECT_EQ(traces::ToHex(hash.Digest()), "99aa06d3014798d86001c324468d497f");
  hash.Add("a");
  hash.Add("bc");
  EXPECT_EQ(traces::ToHex(hash.Digest()), "5c1b1365e6f7b87da483b2f642149e9a");
}

}  // namespace
}  // namespace groundhog::replay
