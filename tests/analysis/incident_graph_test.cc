#include "analysis/incident_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using traces::Record;

constexpr traces::ServiceId kGateway{0};
constexpr traces::ServiceId kOrder{1};
constexpr IncidentWindow kWindow = {.first_start = sim::VirtualTime(sim::Seconds(100)),
                                    .start = sim::VirtualTime(sim::Seconds(100)),
                                    .end = sim::VirtualTime(sim::Seconds(200))};

// The sample's, with the program's own words and codes.
traces::Catalogue Names() {
  traces::Catalogue names = traces::SampleCatalogue();
  names.error_codes = {"ERR_503", "ERR_504", "ERR_502", "ERR_500"};
  names.templates = {{.text = "ok", .slots = {}},
                     {.text = "it failed", .slots = {}},
                     {.text = "No answer, retrying", .slots = {}},
                     {.text = "Fallback in use", .slots = {}}};
  return names;
}

// A user's request, at the gateway.
Record Served(std::int64_t second, std::uint64_t ordinal) {
  Record record = traces::SampleRecord(sim::Seconds(second).nanoseconds());
  record.request.ordinal = ordinal;
  record.message = traces::TemplateId{0};
  record.duration = sim::Milliseconds(10);
  return record;
}

// The call of order-service that it makes.
Record Called(std::int64_t second, std::uint64_t ordinal, std::uint32_t host = 1) {
  Record record = Served(second, ordinal);
  record.host = sim::EntityId{host};
  record.service = kOrder;
  record.call_path = traces::CallPathId{1};
  record.parent_span = record.span;
  record.span = traces::SpanId{0xEF};
  return record;
}

Record Failed(Record record, std::uint16_t code,
              traces::ServiceId dependency = traces::ServiceId::kNone) {
  record.level = traces::Level::kError;
  record.error_code = traces::ErrorCodeId{code};
  record.message = traces::TemplateId{1};
  record.dependency = dependency;
  return record;
}

Record Slower(Record record, sim::Duration by) {
  record.time = record.time + by;
  record.duration += by;
  return record;
}

Record Heartbeat(std::int64_t second, std::uint32_t host) {
  Record record = Called(second, 0, host);
  record.call_path = traces::CallPathId::kNone;
  record.span = record.parent_span = traces::SpanId::kNone;
  record.attempt = 0;
  return record;
}

class EffectTrackerTest : public testing::Test {
 protected:
  void Pair(const Record& a, const Record& b) {
    tracker_.Take({.a = {.record = &a}, .b = {.record = &b}, .differences = Differences(a, b)});
  }
  void OnlyA(const Record& a) { tracker_.Take({.a = {.record = &a}}); }
  void OnlyB(const Record& b) { tracker_.Take({.b = {.record = &b}}); }

  // "order-service down 3 [order-service-1]"
  std::vector<std::string> States() const {
    std::vector<std::string> texts;
    for (const IncidentNode& node : tracker_.Graph().nodes) {
      for (const NodeState& state : node.states) {
        std::string text =
            absl::StrCat(names_.services[traces::Index(node.service)].name, " ",
                         std::string(kStateNames.NameOf(state.state)), " ", state.evidence.records);
        for (const sim::EntityId host : state.hosts) {
          absl::StrAppend(&text, " ", names_.entities[sim::Index(host)].name);
        }
        texts.push_back(text);
      }
    }
    return texts;
  }
  // "0 -> 1 refused 3"
  std::vector<std::string> Edges() const {
    std::vector<std::string> texts;
    for (const IncidentEdge& edge : tracker_.Graph().edges) {
      texts.push_back(absl::StrCat(
          traces::Index(edge.link.from), " -> ", traces::Index(edge.link.to), " ",
          std::string(kMechanismNames.NameOf(edge.mechanism)), " ", edge.evidence.records));
    }
    return texts;
  }

  const traces::Catalogue names_ = Names();
  EffectTracker tracker_{names_, kWindow};
};

TEST_F(EffectTrackerTest, OfTwoEqualDaysIsNothing) {
  for (int i = 0; i < 300; ++i) {
    Record other = Served(i, 1);
    other.truth.fault = traces::FaultId{0};  // what a record says of its cause is not looked at
    Pair(Served(i, 1), other);
  }
  const IncidentGraph graph = tracker_.Graph();
  EXPECT_EQ(graph.root, traces::ServiceId::kNone);
  EXPECT_THAT(graph.nodes, IsEmpty());
  EXPECT_FALSE(graph.last_effect.has_value());
  EXPECT_FALSE(tracker_.foreign().has_value());
}

TEST_F(EffectTrackerTest, RefusalsGoFromTheCalleeToItsCallerAndToUsers) {
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto second = static_cast<std::int64_t>(100 + i);
    Pair(Failed(Called(second, i), 0), Called(second, i));
    Pair(Failed(Served(second, i), 2, kOrder), Served(second, i));
  }
  const IncidentGraph graph = tracker_.Graph();
  EXPECT_EQ(graph.root, kOrder);
  EXPECT_THAT(States(), ElementsAre("order-service down 4 order-service-1",
                                    "gateway-service failing 4 gateway-service-1"));
  EXPECT_THAT(Edges(), ElementsAre("1 -> 0 refused 4"));
  ASSERT_EQ(graph.alarms.size(), 1u);
  EXPECT_EQ(graph.alarms[0].failed, 4u);
  EXPECT_EQ(graph.alarms[0].first, kWindow.start);
  EXPECT_EQ(graph.last_effect, sim::VirtualTime(sim::Seconds(103)));
  EXPECT_EQ(graph.with_fault.requests, 4u);
  EXPECT_EQ(graph.with_fault.failed, 4u);
  EXPECT_EQ(graph.without_fault.requests, 4u);
  EXPECT_EQ(graph.without_fault.failed, 0u);
}

TEST_F(EffectTrackerTest, ACallThatIsTriedAgainIsATimeoutAndALoad) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    Record retry = Served(120, i);
    retry.level = traces::Level::kWarn;
    retry.message = traces::TemplateId{2};
    retry.dependency = kOrder;
    OnlyA(retry);
    Record again = Called(121, i);
    again.attempt = 2;
    OnlyA(again);
    Pair(Slower(Served(121, i), sim::Milliseconds(100)), Served(121, i));
  }
  EXPECT_EQ(tracker_.Graph().root, kOrder);
  EXPECT_THAT(Edges(), ElementsAre("1 -> 0 timeout 3", "0 -> 1 retries 3"));
  EXPECT_THAT(States(), ElementsAre("order-service extra load 3 order-service-1",
                                    "gateway-service slow 3 gateway-service-1"));
  EXPECT_EQ(tracker_.Graph().alarms[0].slowed, 3u);
}

TEST_F(EffectTrackerTest, ATimeoutPointsToTheCalleeThoughItsCallerIsSlow) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Record waited = Slower(Failed(Served(120, i), 1, kOrder), sim::Milliseconds(100));
    Pair(waited, Served(120, i));
  }
  EXPECT_EQ(tracker_.Graph().root, kOrder);
  EXPECT_THAT(Edges(), ElementsAre("1 -> 0 timeout 3"));
}

TEST_F(EffectTrackerTest, AnAnswerIsSlowOnlyWhereTheCalleeIsLater) {
  const auto late = [](const Record& record) { return Slower(record, sim::Milliseconds(50)); };
  for (std::uint64_t i = 0; i < 3; ++i) {
    Record served = Served(150, i);
    served.dependency = kOrder;
    Pair(late(served), served);
  }
  EXPECT_THAT(Edges(), IsEmpty());
  for (std::uint64_t i = 0; i < 3; ++i) Pair(late(Called(149, i)), Called(149, i));
  EXPECT_THAT(Edges(), ElementsAre("1 -> 0 slow answer 3"));
  EXPECT_EQ(tracker_.Graph().root, kOrder);
}

TEST_F(EffectTrackerTest, AWaitThatIsLongerIsNoSlowWork) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    Record waited = Slower(Called(150, i), sim::Milliseconds(50));
    waited.queue_wait = sim::Milliseconds(50);
    Pair(waited, Called(150, i));
  }
  EXPECT_THAT(States(), ElementsAre("order-service queueing 3 order-service-1"));
}

TEST_F(EffectTrackerTest, WhatIsAsFrequentInBothDaysIsLuck) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Record later = Slower(Called(150, i), sim::Milliseconds(50));
    if (i % 2 == 0) {
      Pair(later, Called(150, i));
    } else {
      Pair(Called(150, i), later);
    }
  }
  for (std::uint64_t i = 0; i < 3; ++i) Pair(Failed(Served(160, i), 3), Served(160, i));
  EXPECT_THAT(States(), ElementsAre("gateway-service failing 3 gateway-service-1"));
}

TEST_F(EffectTrackerTest, AHostIsSilentWhoseOwnLogIsMissing) {
  for (int i = 0; i < 3; ++i) OnlyB(Heartbeat(110 + i, 3));
  EXPECT_EQ(tracker_.Graph().root, kOrder);
  EXPECT_THAT(States(), ElementsAre("order-service silent 3 order-service-2"));
}

TEST_F(EffectTrackerTest, LoadMovesFromHostsThatLoseCalls) {
  for (std::uint64_t i = 0; i < 5; ++i) Pair(Called(110, i, 3), Called(110, i, 1));
  const IncidentGraph graph = tracker_.Graph();
  EXPECT_EQ(graph.root, kOrder);
  ASSERT_THAT(Edges(), ElementsAre("1 -> 1 moved load 5"));
  EXPECT_THAT(graph.edges[0].from_hosts, ElementsAre(sim::EntityId{1}));
  EXPECT_THAT(graph.edges[0].to_hosts, ElementsAre(sim::EntityId{3}));
}

TEST_F(EffectTrackerTest, RequestsThatAreMissingAreAnAlarmUnlessTheDayIsNotKnown) {
  tracker_.SetUnknown(sim::VirtualTime(sim::Seconds(150)), sim::VirtualTime::Max());
  for (std::uint64_t i = 0; i < 3; ++i) OnlyB(Served(120, i));
  for (std::uint64_t i = 3; i < 9; ++i) OnlyB(Served(150, i));
  ASSERT_EQ(tracker_.Graph().alarms.size(), 1u);
  EXPECT_EQ(tracker_.Graph().alarms[0].missing, 3u);
  EXPECT_EQ(tracker_.Graph().root, kGateway);
  // Any sign in the day itself says more of where it began.
  OnlyB(Heartbeat(121, 3));
  EXPECT_EQ(tracker_.Graph().root, kOrder);
}

TEST_F(EffectTrackerTest, WhatIsNotKnownIsLeftOutOfBothDays) {
  // A request goes by the day that is looked at, whenever the other one has it.
  tracker_.SetUnknown(sim::VirtualTime(sim::Seconds(120)), sim::VirtualTime(sim::Seconds(130)));
  for (std::uint64_t i = 0; i < 6; ++i) Pair(Failed(Served(120, i), 3), Served(119, i));
  OnlyA(Served(121, 9));
  OnlyB(Heartbeat(122, 3));
  EXPECT_FALSE(tracker_.Graph().has_records);
  EXPECT_EQ(tracker_.Graph().root, traces::ServiceId::kNone);
  for (std::uint64_t i = 0; i < 4; ++i) Pair(Failed(Served(130, i), 3), Served(129, i));
  const IncidentGraph graph = tracker_.Graph();
  EXPECT_TRUE(graph.has_records);
  EXPECT_THAT(States(), ElementsAre("gateway-service failing 4 gateway-service-1"));
  EXPECT_EQ(graph.with_fault.requests, 4u);
  EXPECT_EQ(graph.without_fault.requests, 4u);
  ASSERT_EQ(graph.alarms.size(), 1u);
  EXPECT_EQ(graph.alarms[0].total(), 4u);
}

TEST_F(EffectTrackerTest, ADifferenceBeforeTheFaultIsForeign) {
  Pair(Failed(Served(50, 1), 3), Served(50, 1));
  OnlyA(Served(40, 2));
  EXPECT_EQ(tracker_.foreign(), sim::VirtualTime(sim::Seconds(40)));
  EXPECT_EQ(tracker_.Graph().root, traces::ServiceId::kNone);
}

TEST(EffectTracker, LeavesTheNextOccurrenceAlone) {
  const traces::Catalogue names = Names();
  IncidentWindow window = kWindow;
  window.start = sim::VirtualTime(sim::Seconds(300));
  window.until = sim::VirtualTime(sim::Seconds(400));
  EffectTracker tracker(names, window);
  for (const std::int64_t second : {150, 299, 300, 350, 399, 400}) {
    const Record failed = Failed(Served(second, 1), 3);
    const Record served = Served(second, 1);
    tracker.Take({.a = {.record = &failed},
                  .b = {.record = &served},
                  .differences = Differences(failed, served)});
  }
  EXPECT_FALSE(tracker.foreign().has_value());
  EXPECT_EQ(tracker.Graph().alarms[0].failed, 3u);
}

TEST(Timeline, ALongTimeHasLongerPeriods) {
  struct Sum {
    int value = 0;
    Sum& operator+=(const Sum& other) {
      value += other.value;
      return *this;
    }
  };
  Timeline<Sum, 4> timeline(sim::VirtualTime(sim::Seconds(10)));
  for (int i = 0; i < 9; ++i) ++timeline.At(sim::VirtualTime(sim::Seconds(10 + i))).value;
  std::vector<int> values;
  for (const Sum& slot : timeline.slots()) values.push_back(slot.value);
  EXPECT_THAT(values, ElementsAre(4, 4, 1));  // of 4 s each
  EXPECT_EQ(timeline.EndOf(0), sim::VirtualTime(sim::Seconds(14)));
}

TEST(LatencyHistogram, QuantilesAreRightWithinTwoPercent) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), sim::Duration());
  LatencyHistogram half;
  for (int i = 1; i <= 10'000; ++i) (i % 2 == 0 ? half : histogram).Add(sim::Microseconds(i * 37));
  histogram += half;
  for (const double share : {0.001, 0.01, 0.5, 0.9, 0.99, 1.0}) {
    const double exact = share * 10'000 * 37e3;
    EXPECT_NEAR(static_cast<double>(histogram.Quantile(share).nanoseconds()), exact, exact * 0.02)
        << share;
  }
}

}  // namespace
}  // namespace groundhog::analysis
