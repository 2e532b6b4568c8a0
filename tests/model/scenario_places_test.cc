#include <gtest/gtest.h>

#include "model/scenario/places.h"

namespace groundhog::model {
namespace {

constexpr std::string_view kText = R"(name: x
services:
  web: {service_time: 4ms, dependencies: {api: {timeout: 1s}}}
  api: {service_time: 1ms}
journeys:
  j: {rate: 1/s, deadline: 1s, entry: {service: web, calls: [{parallel: [api, api]}, api]}}
)";

TEST(ScenarioPlaces, AKeyStandsWhereItIsWritten) {
  const ScenarioPlaces places(kText, "x.yaml");
  EXPECT_EQ(places.Of("services.web"), "x.yaml:3:3");
  EXPECT_EQ(places.Of("services.web.dependencies.api.timeout"), "x.yaml:3:49");
  EXPECT_EQ(places.Of("journeys.j.entry.calls.0.parallel.1"), "x.yaml:6:79");
  EXPECT_EQ(places.Of("journeys.j.entry.calls.1"), "x.yaml:6:86");
}

TEST(ScenarioPlaces, OneThatIsLeftOutStandsWhereItsMapDoes) {
  const ScenarioPlaces places(kText, "x.yaml");
  EXPECT_EQ(places.Of("services.web.concurrency"), "x.yaml:3:3");
  EXPECT_EQ(places.Of("services.web.dependencies.api.retries.max"), "x.yaml:3:43");
  EXPECT_EQ(places.Of("faults.f"), "x.yaml:1:1");
  EXPECT_EQ(places.Of("journeys.j.entry.calls.7"), "x.yaml:6:54");
}

TEST(ScenarioPlaces, WithoutAPathThereIsTheFile) {
  EXPECT_EQ(ScenarioPlaces(kText, "x.yaml").Of(""), "x.yaml");
}

TEST(ScenarioPlaces, AnOverrideIsThePlaceOfItsValue) {
  const ScenarioPlaces places(kText, "x.yaml",
                              {{.kind = Override::Kind::kScale, .value = "2"},
                               {.value = "services.web.hosts=5"},
                               {.value = "services.api={service_time: 2ms, queue: 3}"},
                               {.kind = Override::Kind::kDuration, .value = "5m"}});
  EXPECT_EQ(places.Of("services.web.hosts"), "--set services.web.hosts=5");
  EXPECT_EQ(places.Of("services.api.queue"), "--set services.api={service_time: 2ms, queue: 3}");
  EXPECT_EQ(places.Of("duration"), "--duration 5m");
  EXPECT_EQ(places.Of("services.web.dependencies"), "x.yaml:3:28");
}

}  // namespace
}  // namespace groundhog::model
