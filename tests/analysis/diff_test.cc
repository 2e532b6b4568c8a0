#include "analysis/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;
using testing::Pair;
using traces::Record;

constexpr DiffCounts kOneOnlyA = {.only_a = 1};
constexpr DiffCounts kOneDifferent = {.different = 1};

Record At(sim::Duration time, std::uint16_t service, traces::Truth truth = {}) {
  Record record = traces::SampleRecord(time.nanoseconds());
  record.service = traces::ServiceId{service};
  record.truth = truth;
  return record;
}

void TakePair(Diff& diff, const Record& a, const Record& b) {
  diff.Take({.a = {.record = &a}, .b = {.record = &b}, .differences = Differences(a, b)});
}

TEST(Diff, OfEqualRecordsIsNone) {
  Diff diff;
  EXPECT_TRUE(diff.are_identical());
  const Record record = At(sim::Seconds(1), 0);
  TakePair(diff, record, record);
  EXPECT_TRUE(diff.are_identical());
  EXPECT_EQ(diff.records_a(), 1u);
  EXPECT_EQ(diff.records_b(), 1u);
  EXPECT_EQ(diff.first(), nullptr);
  EXPECT_TRUE(diff.chain().empty());
  EXPECT_TRUE(diff.first_by_service().empty());
  EXPECT_TRUE(diff.minutes().empty());
  EXPECT_TRUE(diff.causes().empty());
}

TEST(Diff, CountsByServiceMinuteAndField) {
  Diff diff;
  const Record late = At(sim::Seconds(125), 1);
  const Record early = At(sim::Seconds(59), 1);
  const Record other = At(sim::Seconds(60), 0);
  diff.Take({.a = {.record = &late}, .b = {}, .differences = {}});
  diff.Take({.a = {}, .b = {.record = &early}, .differences = {}});
  Record slower = other;
  slower.duration += sim::Nanoseconds(1);
  slower.time = sim::VirtualTime(sim::Seconds(180));
  TakePair(diff, other, slower);
  EXPECT_FALSE(diff.are_identical());
  EXPECT_EQ(diff.all(), (DiffCounts{.only_a = 1, .only_b = 1, .different = 1}));
  EXPECT_EQ(diff.records_a(), 2u);
  EXPECT_EQ(diff.records_b(), 2u);
  EXPECT_EQ(diff.different_in(Field::kDuration), 1u);
  EXPECT_EQ(diff.different_in(Field::kTime), 1u);
  EXPECT_EQ(diff.different_in(Field::kLevel), 0u);
  const auto place = [](std::int64_t minute, std::uint16_t service) {
    return MinuteOfService{.minute = minute, .service = traces::ServiceId{service}};
  };
  EXPECT_THAT(diff.minutes(),
              ElementsAre(Pair(place(0, 1), DiffCounts{.only_b = 1}),
                          Pair(place(1, 0), kOneDifferent), Pair(place(2, 1), kOneOnlyA)));
}

TEST(Diff, CountsTheCausesOfBothRecords) {
  constexpr traces::Truth kFirst = {.fault = traces::FaultId{0}, .occurrence = 1};
  constexpr traces::Truth kSecond = {.fault = traces::FaultId{0}, .occurrence = 2};
  constexpr Cause kNone = {traces::FaultId::kNone, 0};
  Diff diff;
  TakePair(diff, At(sim::Seconds(1), 0, kFirst), At(sim::Seconds(1), 0));
  TakePair(diff, At(sim::Seconds(1), 0, kFirst), At(sim::Seconds(2), 0, kFirst));
  TakePair(diff, At(sim::Seconds(1), 0, kFirst), At(sim::Seconds(1), 0, kSecond));
  TakePair(diff, At(sim::Seconds(1), 0), At(sim::Seconds(2), 0));
  EXPECT_THAT(
      diff.causes(),
      ElementsAre(Pair(Cause{traces::FaultId{0}, 1}, DiffCounts{.different = 3}),
                  Pair(Cause{traces::FaultId{0}, 2}, kOneDifferent), Pair(kNone, kOneDifferent)));
}

TEST(Diff, KeepsTheEarliestDifferenceInWhateverOrderTheyCome) {
  Diff diff;
  const Record later = At(sim::Seconds(5), 0);
  const Record earlier = At(sim::Seconds(3), 1);
  Record same_time = earlier;
  same_time.host = sim::EntityId{3};
  diff.Take({.a = {.record = &later, .trace_key = 8}, .b = {}, .differences = {}});
  EXPECT_EQ(diff.first()->earlier().record, later);
  diff.Take({.a = {}, .b = {.record = &same_time, .trace_key = 9}, .differences = {}});
  EXPECT_EQ(diff.first()->b->record, same_time);
  TakePair(diff, later, earlier);
  ASSERT_TRUE(diff.first()->a && diff.first()->b);
  EXPECT_EQ(diff.first()->a->record, later);
  EXPECT_EQ(diff.first()->earlier().record, earlier);
  EXPECT_TRUE(diff.first()->differences.Has(Field::kTime));
  diff.Take({.a = {.record = &later, .trace_key = 8}, .b = {}, .differences = {}});
  EXPECT_EQ(diff.first()->earlier().record, earlier);
}

TEST(Diff, ChainIsTheRestOfTheFirstDifferencesRequest) {
  Diff diff;
  const auto of_request = [](std::uint64_t ordinal, std::int64_t seconds) {
    Record record = At(sim::Seconds(seconds), 0);
    record.request.ordinal = ordinal;
    return record;
  };
  for (const auto& [ordinal, seconds] :
       {std::pair(1, 5), std::pair(2, 4), std::pair(1, 3), std::pair(2, 9), std::pair(1, 7)}) {
    const Record record = of_request(static_cast<std::uint64_t>(ordinal), seconds);
    diff.Take({.a = {.record = &record, .trace_key = 8}, .b = {}, .differences = {}});
  }
  const Record foreign = of_request(1, 6);
  diff.Take({.a = {.record = &foreign, .trace_key = 9}, .b = {}, .differences = {}});
  std::vector<std::int64_t> seconds;
  for (const Difference& step : diff.chain()) {
    seconds.push_back(step.earlier().record.time.since_start() / sim::Seconds(1));
  }
  EXPECT_THAT(seconds, ElementsAre(3, 5, 7));
}

TEST(Diff, ChainOfARecordOfNoRequestIsThatRecord) {
  Diff diff;
  Record heartbeat = At(sim::Seconds(1), 0);
  heartbeat.call_path = traces::CallPathId::kNone;
  Record later = heartbeat;
  later.time = sim::VirtualTime(sim::Seconds(2));
  diff.Take({.a = {.record = &heartbeat}, .b = {}, .differences = {}});
  diff.Take({.a = {.record = &later}, .b = {}, .differences = {}});
  ASSERT_EQ(diff.chain().size(), 1u);
  EXPECT_EQ(diff.chain()[0].earlier().record, heartbeat);
}

TEST(Diff, KeepsTheEarliestDifferencesHoweverManyCome) {
  Diff diff;
  Record record = At(sim::Seconds(0), 0);
  // From the last to the first, so that each one displaces another.
  constexpr std::int64_t kAll = 3 * Diff::kEarliestMax;
  for (std::int64_t i = kAll; i > 0; --i) {
    record.time = sim::VirtualTime(sim::Milliseconds(i));
    diff.Take({.a = {.record = &record}, .b = {}, .differences = {}});
  }
  const std::vector<Difference> chain = diff.chain();
  ASSERT_EQ(chain.size(), Diff::kEarliestMax);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    EXPECT_EQ(chain[i].earlier().record.time.since_start(),
              sim::Milliseconds(static_cast<std::int64_t>(i) + 1));
  }
}

TEST(Diff, FindsTheFirstDifferenceOfEachService) {
  Diff diff;
  for (const auto& [seconds, service] :
       {std::pair(5, 1), std::pair(4, 0), std::pair(3, 1), std::pair(6, 0), std::pair(9, 2)}) {
    const Record record = At(sim::Seconds(seconds), static_cast<std::uint16_t>(service));
    diff.Take({.a = {}, .b = {.record = &record}, .differences = {}});
  }
  std::vector<std::pair<std::int64_t, int>> reached;
  for (const Difference& each : diff.first_by_service()) {
    const Record& record = each.earlier().record;
    reached.emplace_back(record.time.since_start() / sim::Seconds(1),
                         traces::Index(record.service));
  }
  EXPECT_THAT(reached, ElementsAre(Pair(3, 1), Pair(4, 0), Pair(9, 2)));
}

}  // namespace
}  // namespace groundhog::analysis
