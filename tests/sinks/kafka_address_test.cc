#include "sinks/kafka/kafka_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace groundhog::sinks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Brokers(std::string_view to) {
  const absl::StatusOr<KafkaAddress> address = ParseKafkaAddress(to);
  return address.ok() ? address->brokers : std::string(address.status().message());
}

TEST(KafkaAddress, KeepsHostsAndPorts) {
  EXPECT_EQ(Brokers("kafka://localhost:9092"), "localhost:9092");
  EXPECT_EQ(Brokers("kafka://a.example:1,b.example:65535"), "a.example:1,b.example:65535");
  EXPECT_EQ(Brokers("kafka://[::1]:9093"), "[::1]:9093");
}

TEST(KafkaAddress, FillsInThePort) {
  EXPECT_EQ(Brokers("kafka://localhost"), "localhost:9092");
  EXPECT_EQ(Brokers("kafka://[::1]"), "[::1]:9092");
}

TEST(KafkaAddress, KnowsTheEmbeddedCluster) {
  const absl::StatusOr<KafkaAddress> address = ParseKafkaAddress("kafka://embedded");
  ASSERT_TRUE(address.ok());
  EXPECT_TRUE(address->is_embedded);
}

TEST(KafkaAddress, RefusesWhatIsNoAddress) {
  for (const char* to : {"kafka:", "kafka:localhost:9092", "kafka://", "kafka://:9092",
                         "kafka://host:", "kafka://h:0", "kafka://h:65536", "kafka://h:9092x",
                         "kafka://h:-1", "kafka://a:1,", "kafka://a:1,,b:2", "kafka://::1:9092",
                         "kafka://host:9092/topic", "kafka://two words:9092"}) {
    const absl::StatusOr<KafkaAddress> address = ParseKafkaAddress(to);
    EXPECT_TRUE(absl::IsInvalidArgument(address.status())) << to;
    EXPECT_THAT(address.status().message(), HasSubstr("kafka://HOST:PORT")) << to;
  }
}

TEST(KafkaTopicsAddress, IsAnAddressAndTopics) {
  const absl::StatusOr<KafkaTopicsAddress> address =
      ParseKafkaTopicsAddress("kafka://a:1,b:2/out,out.late");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->address, "kafka://a:1,b:2");
  EXPECT_THAT(address->topics, ElementsAre("out", "out.late"));
}

TEST(KafkaTopicsAddress, RefusesWhatHasNoTopics) {
  for (const char* address : {"kafka:", "kafka://", "kafka://a:1", "kafka://a:1/", "kafka://a:1/x,",
                              "kafka://a:1/x,,y", "kafka://a:1/x/y", "kafka://a:1/x,y,x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseKafkaTopicsAddress(address).status())) << address;
  }
}

TEST(KafkaAddress, DoesNotRepeatAPassword) {
  const absl::StatusOr<KafkaAddress> address = ParseKafkaAddress("kafka://me:opensesame@host:9092");
  EXPECT_THAT(address.status().message(), HasSubstr("-X sasl.password"));
  EXPECT_THAT(address.status().message(), Not(HasSubstr("opensesame")));
}

}  // namespace
}  // namespace groundhog::sinks
