#include "sinks/kafka/kafka_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace groundhog::sinks {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Value(const KafkaConfig& config, const char* key) {
  std::array<char, 512> value{};
  std::size_t size = value.size();
  return rd_kafka_conf_get(config.get(), key, value.data(), &size) == RD_KAFKA_CONF_OK
             ? value.data()
             : "(unknown)";
}

std::string ErrorOf(const std::string& property) {
  const absl::StatusOr<KafkaConfig> config = MakeKafkaConfig({property});
  if (config.ok()) return "(none)";
  EXPECT_TRUE(absl::IsInvalidArgument(config.status()));
  return std::string(config.status().message());
}

TEST(KafkaConfig, SetsWhatDeliveryNeeds) {
  const absl::StatusOr<KafkaConfig> config = MakeKafkaConfig({});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(Value(*config, "enable.idempotence"), "true");
  EXPECT_EQ(Value(*config, "enable.gapless.guarantee"), "true");
  EXPECT_EQ(Value(*config, "acks"), "-1");
  EXPECT_EQ(Value(*config, "message.timeout.ms"), "0");
  EXPECT_EQ(Value(*config, "compression.codec"), "none");
  EXPECT_EQ(Value(*config, "partitioner"), "murmur2_random");
}

TEST(KafkaConfig, LetsTheUserChangeDefaultsAndTheLastValueWins) {
  const absl::StatusOr<KafkaConfig> config =
      MakeKafkaConfig({"compression.codec=lz4", "linger.ms=50", "compression.codec=zstd"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(Value(*config, "compression.codec"), "zstd");
  EXPECT_EQ(Value(*config, "linger.ms"), "50");
}

TEST(KafkaConfig, KeepsEqualsSignsInAValue) {
  const absl::StatusOr<KafkaConfig> config = MakeKafkaConfig({"sasl.username=a=b="});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(Value(*config, "sasl.username"), "a=b=");
}

TEST(KafkaConfig, NamesTheUnknownProperty) {
  EXPECT_THAT(ErrorOf("linger.milliseconds=5"), HasSubstr("linger.milliseconds"));
}

TEST(KafkaConfig, NamesThePropertyWithABadValue) {
  EXPECT_THAT(ErrorOf("linger.ms=soon"), HasSubstr("-X linger.ms"));
}

TEST(KafkaConfig, AsksForKeyAndValue) {
  EXPECT_THAT(ErrorOf("linger.ms"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(ErrorOf("=5"), HasSubstr("KEY=VALUE"));
}

TEST(KafkaConfig, RefusesWhatWouldBreakDelivery) {
  for (const char* property :
       {"enable.idempotence=false", "enable.gapless.guarantee=false", "acks=1",
        "request.required.acks=0", "message.timeout.ms=1000", "delivery.timeout.ms=1000",
        "delivery.report.only.error=true", "bootstrap.servers=a:1", "metadata.broker.list=a:1",
        "transactional.id=t", "test.mock.num.brokers=3", "log.queue=false"}) {
    EXPECT_THAT(ErrorOf(property), HasSubstr("cannot be changed")) << property;
  }
}

TEST(KafkaConfig, AcceptsTheFixedValuesWhenTheyAreSaid) {
  EXPECT_TRUE(MakeKafkaConfig({"enable.idempotence=true", "acks=all"}).ok());
}

TEST(KafkaConfig, BatchesAreAsLargeAsBothLimitsAllow) {
  const auto bytes = [](const std::vector<std::string>& properties) {
    const absl::StatusOr<KafkaConfig> config = MakeKafkaConfig(properties);
    EXPECT_TRUE(config.ok()) << config.status();
    return BatchBytesOf(*config);
  };
  EXPECT_EQ(bytes({}), 1'000'000);
  EXPECT_EQ(bytes({"batch.size=100000"}), 100'000);
  EXPECT_EQ(bytes({"message.max.bytes=50000"}), 50'000);
  // Values that the sink found come first, so that the user's values replace them.
  EXPECT_EQ(bytes({"batch.size=100000", "batch.size=500000"}), 500'000);
}

TEST(KafkaConfig, AReaderOfManyPartitionsReadsLessOfEachAhead) {
  const auto kibibytes = [](std::size_t partitions) {
    const absl::StatusOr<KafkaConfig> config =
        MakeKafkaReaderConfig({}, Isolation::kCommitted, partitions);
    EXPECT_TRUE(config.ok()) << config.status();
    return Value(*config, "queued.max.messages.kbytes");
  };
  EXPECT_EQ(kibibytes(0), "32768");
  EXPECT_EQ(kibibytes(6), "32768");
  EXPECT_EQ(kibibytes(1'024), "512");
  EXPECT_EQ(kibibytes(100'000), "64");
}

TEST(KafkaConfig, DoesNotRepeatASecret) {
  EXPECT_THAT(ErrorOf("sasl.passwort=opensesame"), Not(HasSubstr("opensesame")));
}

}  // namespace
}  // namespace groundhog::sinks
