#include "sinks/kafka/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Services 0, 1, 2: gateway-service, order-service, payment-service.
const traces::Catalogue& TestCatalogue() {
  static const MessageSource source;
  return source.catalogue();
}

Route Parsed(const std::string& text) {
  const absl::StatusOr<Route> route = ParseRoute(text);
  EXPECT_TRUE(route.ok()) << route.status();
  return *route;
}

std::vector<std::string> TopicsOf(const RoutingOptions& options, int service, traces::Level level) {
  const absl::StatusOr<Routes> routes = Routes::Make(options, TestCatalogue());
  EXPECT_TRUE(routes.ok()) << routes.status();
  traces::Record record;
  record.service = static_cast<traces::ServiceId>(service);
  record.level = level;
  std::vector<std::string> topics;
  for (const std::uint32_t topic : routes->TopicsOf(record)) {
    topics.push_back(routes->topics()[topic]);
  }
  return topics;
}

std::string ErrorOf(const RoutingOptions& options) {
  return std::string(Routes::Make(options, TestCatalogue()).status().message());
}

TEST(Routes, ARecordWithoutAMatchingRuleGoesToTheMainTopicOnly) {
  const RoutingOptions options = {.topic = "logs", .routes = {Parsed("level=ERROR:alerts")}};
  EXPECT_THAT(TopicsOf(options, 0, traces::Level::kWarn), ElementsAre("logs"));
}

TEST(Routes, EveryMatchingRuleAddsACopyAfterTheMainTopic) {
  const RoutingOptions options = {
      .topic = "logs",
      .routes = {Parsed("level=ERROR,level=WARN:alerts"), Parsed("service=order-service:orders")}};
  EXPECT_THAT(TopicsOf(options, 1, traces::Level::kWarn), ElementsAre("logs", "alerts", "orders"));
  EXPECT_THAT(TopicsOf(options, 1, traces::Level::kInfo), ElementsAre("logs", "orders"));
}

TEST(Routes, ConditionsOfDifferentKindsMustAllHold) {
  const RoutingOptions options = {.routes = {Parsed("service=order-service,level=ERROR:alerts")}};
  EXPECT_THAT(TopicsOf(options, 1, traces::Level::kError), ElementsAre("raw_logs", "alerts"));
  EXPECT_THAT(TopicsOf(options, 0, traces::Level::kError), ElementsAre("raw_logs"));
}

TEST(Routes, TopicsMayNameTheServiceAndTheLevel) {
  const RoutingOptions options = {.topic = "logs.{service}",
                                  .routes = {Parsed("level=ERROR:alerts-{level}.{service}")}};
  EXPECT_THAT(TopicsOf(options, 2, traces::Level::kError),
              ElementsAre("logs.payment-service", "alerts-ERROR.payment-service"));
}

TEST(Routes, TwoRulesWithOneTopicMakeOneCopy) {
  const RoutingOptions options = {
      .routes = {Parsed("level=ERROR:alerts"), Parsed("service=order-service:alerts")}};
  EXPECT_THAT(TopicsOf(options, 1, traces::Level::kError), ElementsAre("raw_logs", "alerts"));
}

TEST(Routes, AllTopicsAreThoseThatAnyRecordMayGoTo) {
  const absl::StatusOr<Routes> routes = Routes::Make(
      {.topic = "logs.{service}", .routes = {Parsed("level=ERROR:alerts")}}, TestCatalogue());
  ASSERT_TRUE(routes.ok());
  EXPECT_THAT(routes->topics(), UnorderedElementsAre("logs.gateway-service", "logs.order-service",
                                                     "logs.payment-service", "alerts"));
}

TEST(Routes, RefuseARuleThatWouldDoubleARecordInItsTopic) {
  EXPECT_THAT(ErrorOf({.topic = "logs-{level}", .routes = {Parsed("level=ERROR:logs-ERROR")}}),
              HasSubstr("stand twice in topic logs-ERROR"));
}

TEST(Routes, RefuseAServiceThatTheTraceDoesNotHave) {
  EXPECT_THAT(ErrorOf({.routes = {Parsed("service=odrer-service:orders")}}),
              HasSubstr("no service 'odrer-service'; did you mean 'order-service'?"));
}

TEST(Routes, RefuseNamesThatAreNoTopics) {
  EXPECT_THAT(ErrorOf({.topic = "logs {service}"}), HasSubstr("no name for a topic"));
  EXPECT_THAT(ErrorOf({.topic = "logs.{sevrice}"}), HasSubstr("no name for a topic"));
}

TEST(Routes, SayWhatIsWrongWithARule) {
  const auto error_of = [](const char* text) {
    return std::string(ParseRoute(text).status().message());
  };
  EXPECT_THAT(error_of("level=ERROR"), HasSubstr("the topic is missing"));
  EXPECT_THAT(error_of("level=ERROR:"), HasSubstr("the topic is missing"));
  EXPECT_THAT(error_of("level=FATAL:alerts"), HasSubstr("'FATAL' is no level"));
  EXPECT_THAT(error_of("host=a:alerts"), HasSubstr("'host=a' is no condition"));
  EXPECT_THAT(error_of(":alerts"), HasSubstr("'' is no condition"));
}

TEST(TopicNames, AreThoseThatKafkaAllows) {
  for (const std::string& good :
       {std::string("raw_logs"), std::string("a.b-c_9"), std::string(249, 'x')}) {
    EXPECT_TRUE(CheckTopicName(good).ok()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("raw logs"),
        std::string("l/ogs"), std::string("l\xC3\xB6gs"), std::string(250, 'x')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTopicName(bad))) << bad;
  }
}

}  // namespace
}  // namespace groundhog::sinks
