#include "analysis/known_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using traces::Record;
using Records = std::vector<Record>;

constexpr std::int64_t kEnd = sim::VirtualTime::Max().nanoseconds();

Record At(std::int64_t time_ns, std::uint64_t ordinal = 0) {
  Record record = traces::SampleRecord(time_ns);
  record.request.ordinal = ordinal;
  return record;
}

Records AtEach(const std::vector<std::int64_t>& times) {
  Records records;
  for (const std::int64_t time : times) records.push_back(At(time));
  return records;
}

// A trace that ends at 100 ns, with two records a chunk, beside its day, which comes in chunks of
// three.
class Beside {
 public:
  Beside(Records trace, Records day, const traces::Catalogue& of_day = traces::SampleCatalogue())
      : joint_(*JointCatalogue::Make(traces::SampleCatalogue(), of_day)),
        trace_(std::move(trace)),
        part_(
            joint_, sim::VirtualTime(100),
            [this](Records* records, std::uint64_t* key) {
              *key = kKey;
              return Next(records);
            },
            [this](sim::VirtualTime from, sim::VirtualTime to) { SetUnknown(from, to); }) {
    for (std::size_t i = 0; i < day.size(); i += 3) {
      part_.Take(std::span(day).subspan(i, std::min<std::size_t>(3, day.size() - i)), kKey);
    }
  }

  const KnownPart& part() const { return part_; }
  const std::vector<std::pair<std::int64_t, std::int64_t>>& unknown() const { return unknown_; }

 private:
  bool Next(Records* records) {
    records->clear();
    while (records->size() < 2 && at_ < trace_.size()) records->push_back(trace_[at_++]);
    return !records->empty();
  }
  void SetUnknown(sim::VirtualTime from, sim::VirtualTime to) {
    if (unknown_.empty() || unknown_.back().first != from.nanoseconds()) {
      unknown_.emplace_back(from.nanoseconds(), 0);
    }
    unknown_.back().second = to.nanoseconds();
  }

  static constexpr std::uint64_t kKey = 7;
  const JointCatalogue joint_;
  const Records trace_;
  std::size_t at_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> unknown_;
  KnownPart part_;
};

TEST(KnownPart, AWholeTraceLacksNothing) {
  const Beside whole(AtEach({1, 2, 2, 3, 9}), AtEach({1, 2, 2, 3, 9}));
  EXPECT_THAT(whole.unknown(), IsEmpty());
  EXPECT_TRUE(whole.part().is_over());
  EXPECT_EQ(whole.part().reached(), sim::VirtualTime(9));
  EXPECT_EQ(whole.part().lost(), 0u);
  EXPECT_FALSE(whole.part().foreign().has_value());
}

TEST(KnownPart, ATraceIsCutAtBothEndsAndTornInItsMiddle) {
  const Beside torn(AtEach({30, 40, 80}), AtEach({10, 20, 30, 40, 50, 60, 70, 80, 90, 95}));
  EXPECT_THAT(torn.unknown(), ElementsAre(Pair(10, 21), Pair(50, 71), Pair(90, kEnd)));
  EXPECT_TRUE(torn.part().is_over());
  EXPECT_EQ(torn.part().reached(), sim::VirtualTime(80));
  // What comes after its end is not lost in it.
  EXPECT_EQ(torn.part().lost(), 5u);
  EXPECT_EQ(torn.part().first_lost(), sim::VirtualTime(10));
}

TEST(KnownPart, ATraceIsKnownUntilItsEnd) {
  EXPECT_THAT(Beside(AtEach({10}), AtEach({10, 120, 130})).unknown(), ElementsAre(Pair(100, kEnd)));
}

TEST(KnownPart, RecordsAfterTheEndAreKnownInTheirOrder) {
  EXPECT_THAT(Beside(AtEach({10, 130}), AtEach({10, 120, 130, 150})).unknown(),
              ElementsAre(Pair(120, 121), Pair(130, kEnd)));
}

TEST(KnownPart, AnEmptyTraceKnowsNothing) {
  const Beside empty({}, AtEach({10, 20}));
  EXPECT_THAT(empty.unknown(), ElementsAre(Pair(10, kEnd)));
  EXPECT_EQ(empty.part().lost(), 0u);
}

TEST(KnownPart, OfOneInstantSomeRecordsMayBeThere) {
  const Beside torn({At(10, 1), At(10, 3)}, {At(10, 1), At(10, 2), At(10, 3)});
  EXPECT_THAT(torn.unknown(), ElementsAre(Pair(10, 11)));
  EXPECT_FALSE(torn.part().foreign().has_value());
}

TEST(KnownPart, ADayWithoutARecordOfTheTraceIsAnotherOne) {
  Records other = AtEach({10, 20, 30, 40});
  other[1].duration += sim::Nanoseconds(1);
  const Beside foreign(other, AtEach({10, 20, 30, 40}));
  EXPECT_EQ(foreign.part().foreign(), sim::VirtualTime(20));
  other = AtEach({10, 20, 30, 40});
  other[1].truth.hops += 1;  // depends on how the truth was found
  EXPECT_FALSE(Beside(other, AtEach({10, 20, 30, 40})).part().foreign().has_value());
}

TEST(KnownPart, TheDayMayNumberItsNamesInAnotherWay) {
  traces::Catalogue of_day = traces::SampleCatalogue();
  of_day.templates.insert(of_day.templates.begin(), {.text = "a new one", .slots = {}});
  Records day = AtEach({10, 20, 30});
  for (Record& record : day) {
    record.message =
        traces::TemplateId{static_cast<std::uint16_t>(traces::Index(record.message) + 1)};
  }
  const Beside torn(AtEach({10, 30}), day, of_day);
  EXPECT_THAT(torn.unknown(), ElementsAre(Pair(20, 21)));
  EXPECT_FALSE(torn.part().foreign().has_value());
}

TEST(UnknownTimes, AreRangesOfWhichSomeTouch) {
  UnknownTimes times;
  EXPECT_FALSE(times.Has(sim::VirtualTime(0)));
  times.Add(sim::VirtualTime(10), sim::VirtualTime(12));
  times.Add(sim::VirtualTime(10), sim::VirtualTime(20));
  times.Add(sim::VirtualTime(20), sim::VirtualTime(30));
  times.Add(sim::VirtualTime(50), sim::VirtualTime::Max());
  std::vector<int> unknown;
  for (int time = 0; time < 60; ++time) {
    if (times.Has(sim::VirtualTime(time))) unknown.push_back(time);
  }
  ASSERT_EQ(unknown.size(), 30u);
  EXPECT_EQ(unknown[0], 10);
  EXPECT_EQ(unknown[19], 29);
  EXPECT_EQ(unknown[20], 50);
}

TEST(UnknownTimes, BeyondItsLimitKnowsLessAndNeverMore) {
  UnknownTimes times;
  const auto many = static_cast<std::int64_t>(2 * UnknownTimes::kRangesMax);
  for (std::int64_t i = 0; i < many; ++i) {
    times.Add(sim::VirtualTime(10 * i), sim::VirtualTime(10 * i + 1));
  }
  EXPECT_FALSE(times.Has(sim::VirtualTime(5)));
  for (std::int64_t i = 0; i < many; ++i) EXPECT_TRUE(times.Has(sim::VirtualTime(10 * i))) << i;
  EXPECT_TRUE(times.Has(sim::VirtualTime(10 * many - 15)));
  EXPECT_FALSE(times.Has(sim::VirtualTime(10 * many)));
}

Record OwnOf(std::uint32_t host, std::uint64_t ordinal) {
  Record record = At(1, ordinal);
  record.host = record.request.source = sim::EntityId{host};
  record.call_path = traces::CallPathId::kNone;
  record.span = record.parent_span = traces::SpanId::kNone;
  record.attempt = 0;
  return record;
}

TEST(OwnRecordNumbers, SkipWhereRecordsAreMissing) {
  OwnRecordNumbers numbers(traces::SampleCatalogue().entities.size());
  EXPECT_TRUE(numbers.Take(Records{OwnOf(0, 0), OwnOf(1, 0), OwnOf(0, 1), At(1, 77), At(1, 80)}));
  EXPECT_TRUE(numbers.Take(Records{OwnOf(1, 1)}));
  EXPECT_FALSE(numbers.Take(Records{OwnOf(0, 3)}));
}

TEST(OwnRecordNumbers, BeginWithTheDay) {
  OwnRecordNumbers numbers(traces::SampleCatalogue().entities.size());
  EXPECT_FALSE(numbers.Take(Records{OwnOf(0, 5)}));
}

TEST(MayHavePartnerLater, WhatIsAloneOrBesideAnotherKindOfRecord) {
  const Record request = At(1);
  Record failed = At(2);
  failed.level = traces::Level::kWarn;
  const Record own = OwnOf(0, 0);
  EXPECT_TRUE(MayHavePartnerLater({.a = {.record = &request}}));
  EXPECT_TRUE(MayHavePartnerLater({.b = {.record = &request}}));
  EXPECT_TRUE(MayHavePartnerLater({.a = {.record = &request}, .b = {.record = &failed}}));
  EXPECT_FALSE(MayHavePartnerLater({.a = {.record = &request}, .b = {.record = &request}}));
  // A host logs of itself at one time in both days, or not at all.
  EXPECT_FALSE(MayHavePartnerLater({.b = {.record = &own}}));
}

}  // namespace
}  // namespace groundhog::analysis
