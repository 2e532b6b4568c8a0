#include "sinks/null_sink.h"

#include <gtest/gtest.h>

#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

TEST(NullSink, AcknowledgesEverythingAtOnce) {
  const MessageSource source;
  NullSink sink;
  ASSERT_TRUE(sink.Open().ok());
  ASSERT_TRUE(source.WriteMany(sink, 0, 10).ok());
  const Counts counts = sink.counts();
  EXPECT_EQ(counts.messages_sent, 10U);
  EXPECT_EQ(counts.messages_acknowledged, 10U);
  EXPECT_EQ(counts.messages_failed, 0U);
  EXPECT_GT(counts.bytes, 0U);
  EXPECT_EQ(sink.Describe(), "null:");
}

}  // namespace
}  // namespace groundhog::sinks
