#include "sinks/kafka/embedded_capacity.h"

#include <gtest/gtest.h>

#include "sinks/kafka/embedded_kafka.h"
#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

using Verdict = EmbeddedCapacity::Verdict;

class EmbeddedCapacityTest : public ::testing::Test {
 protected:
  // After `records` records of one service with lines of 1,000 bytes.
  EmbeddedCapacity After(std::uint64_t records, const KafkaOptions& options) {
    absl::StatusOr<EmbeddedCapacity> capacity =
        EmbeddedCapacity::Make(options, source_.catalogue());
    EXPECT_TRUE(capacity.ok()) << capacity.status();
    const traces::Record record = {.service = traces::ServiceId{0}, .level = traces::Level::kError};
    for (std::uint64_t i = 0; i < records; ++i) capacity->Add(record, std::string(1'000, 'x'));
    return *std::move(capacity);
  }

  const MessageSource source_{{"a-service"}};
};

// 1,000 + 9 bytes of key + 7 to 96.
TEST_F(EmbeddedCapacityTest, CountsThePartitionOfTheKey) {
  const KafkaOptions options = {.alerts_topic = ""};
  EXPECT_EQ(After(kEmbeddedPartitionBytes / 1'105, options).verdict(), Verdict::kFits);
  EXPECT_EQ(After(kEmbeddedPartitionBytes / 1'105 + 1, options).verdict(), Verdict::kMayNotFit);
  EXPECT_EQ(After(kEmbeddedPartitionBytes / 1'016, options).verdict(), Verdict::kMayNotFit);
  const EmbeddedCapacity full = After(kEmbeddedPartitionBytes / 1'016 + 1, options);
  EXPECT_EQ(full.verdict(), Verdict::kDoesNotFit);
  EXPECT_EQ(full.topic(), "raw_logs");
}

TEST_F(EmbeddedCapacityTest, NamesTheTopicThatIsFullFirst) {
  const KafkaOptions options = {.topic = "some", .alerts_topic = "", .routes = {}};
  EXPECT_EQ(After(1, options).topic(), "");
  EXPECT_EQ(After(6'000, options).topic(), "some");
}

TEST_F(EmbeddedCapacityTest, WithoutKeysAllPartitionsShare) {
  const KafkaOptions options = {.alerts_topic = "", .partitions = 3, .key = MessageKey::kNone};
  EXPECT_EQ(After(9'000, options).verdict(), Verdict::kFits);
  EXPECT_EQ(After(12'000, options).verdict(), Verdict::kMayNotFit);
  EXPECT_EQ(After(16'000, options).verdict(), Verdict::kDoesNotFit);
}

TEST_F(EmbeddedCapacityTest, OfCompressedMessagesNothingIsCertain) {
  const KafkaOptions options = {.alerts_topic = "", .properties = {"compression.codec=zstd"}};
  EXPECT_EQ(After(4'000, options).verdict(), Verdict::kFits);
  EXPECT_EQ(After(20'000, options).verdict(), Verdict::kMayNotFit);
}

}  // namespace
}  // namespace groundhog::sinks
