// Occurrences, and the summary that ends a trace: totals and the index with its thinning.
#include <gtest/gtest.h>

#include <limits>

#include "tests/traces/sample_trace.h"
#include "traces/format.h"
#include "traces/occurrences.h"
#include "traces/summary_builder.h"

namespace groundhog::traces {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Occurrence Of(std::uint16_t fault, std::uint32_t number, std::int64_t start_s, std::int64_t end_s) {
  return {.fault = FaultId{fault},
          .number = number,
          .start = sim::VirtualTime(start_s * kSecond),
          .end = sim::VirtualTime(end_s * kSecond)};
}

TEST(Occurrences, AreOrderedByStartThenFault) {
  // order-outage: 10 s, every 20 s, for 5 s. slow: 12 s, once, for 30 s.
  Catalogue catalogue = SampleCatalogue();
  EXPECT_EQ(OccurrencesBefore(catalogue, sim::VirtualTime(sim::Seconds(51)), 100),
            (std::vector{Of(0, 1, 10, 15), Of(1, 1, 12, 42), Of(0, 2, 30, 35), Of(0, 3, 50, 55)}));
  catalogue.faults[1].first_start = sim::VirtualTime(sim::Seconds(30));
  EXPECT_EQ(OccurrencesBefore(catalogue, sim::VirtualTime(sim::Seconds(31)), 100),
            (std::vector{Of(0, 1, 10, 15), Of(0, 2, 30, 35), Of(1, 1, 30, 60)}));
}

TEST(Occurrences, BeginBeforeTheEnd) {
  const Catalogue catalogue = SampleCatalogue();
  const auto count = [&](std::int64_t end_ns) {
    return OccurrencesBefore(catalogue, sim::VirtualTime(end_ns), 100).size();
  };
  EXPECT_EQ(count(0), 0u);
  EXPECT_EQ(count(10 * kSecond), 0u);
  EXPECT_EQ(count(10 * kSecond + 1), 1u);
  EXPECT_EQ(count(12 * kSecond + 1), 2u);
}

TEST(Occurrences, AreAtMostSoMany) {
  const auto all = OccurrencesBefore(SampleCatalogue(), sim::VirtualTime::Max(), 1'000);
  ASSERT_EQ(all.size(), 1'000u);
  EXPECT_EQ(all.back(), Of(0, 999, 10 + 998 * 20, 15 + 998 * 20));
}

// order-outage as before; slow at random: from 9 s, from 30 s, and from 31 s to the end of time.
Catalogue CatalogueWithARandomFault() {
  Catalogue catalogue = SampleCatalogue();
  const auto at = [](std::int64_t seconds) { return sim::VirtualTime(sim::Seconds(seconds)); };
  catalogue.faults[1] = {.name = "slow",
                         .kind = "latency",
                         .target = "order-service",
                         .is_random = true,
                         .times = {{.start = at(9), .end = at(12)},
                                   {.start = at(30), .end = at(31)},
                                   {.start = at(31), .end = sim::VirtualTime::Max()}}};
  return catalogue;
}

TEST(Occurrences, OfARandomFaultAreThoseListed) {
  const Catalogue catalogue = CatalogueWithARandomFault();
  Occurrence last = Of(1, 3, 31, 0);
  last.end = sim::VirtualTime::Max();
  EXPECT_EQ(
      OccurrencesBefore(catalogue, sim::VirtualTime(sim::Seconds(40)), 100),
      (std::vector{Of(1, 1, 9, 12), Of(0, 1, 10, 15), Of(0, 2, 30, 35), Of(1, 2, 30, 31), last}));
  EXPECT_EQ(OccurrencesBefore(catalogue, sim::VirtualTime(sim::Seconds(30)), 100),
            (std::vector{Of(1, 1, 9, 12), Of(0, 1, 10, 15)}));
}

TEST(Occurrences, OfARandomFaultMayBeNone) {
  Catalogue catalogue = SampleCatalogue();
  catalogue.faults = {{.name = "never", .kind = "crash", .target = "t", .is_random = true}};
  EXPECT_TRUE(OccurrencesBefore(catalogue, sim::VirtualTime::Max(), 100).empty());
}

TEST(Occurrences, AreNumberedWhereAFaultRepeatsOrIsRandom) {
  const Catalogue catalogue = SampleCatalogue();
  EXPECT_EQ(OccurrenceName(catalogue.faults[0], 7), "order-outage/7");
  EXPECT_EQ(OccurrenceName(catalogue.faults[1], 1), "slow");
  const FaultEntry flap = {.name = "flap", .kind = "crash", .target = "t", .is_random = true};
  EXPECT_EQ(OccurrenceName(flap, 3), "flap/3");
}

TEST(Occurrences, EndAtTheLatestAtTheEndOfTime) {
  Catalogue catalogue = SampleCatalogue();
  catalogue.faults = {
      {.name = "f",
       .kind = "outage",
       .target = "t",
       .first_start = sim::VirtualTime(std::numeric_limits<std::int64_t>::max() - 9),
       .duration = sim::Seconds(1),
       .period = sim::Nanoseconds(5)}};
  const auto found = OccurrencesBefore(catalogue, sim::VirtualTime::Max(), 10);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].end, sim::VirtualTime::Max());
  EXPECT_EQ(found[1].end, sim::VirtualTime::Max());
}

// A builder given chunks of one record each.
class IndexTest : public testing::Test {
 protected:
  void AddChunks(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i, ++chunks_) {
      Record record = SampleRecord(static_cast<std::int64_t>(chunks_) * 10);
      record.level = chunks_ % 3 == 0 ? Level::kWarn : Level::kInfo;
      builder_.AddRecords({&record, 1}, 1);
      builder_.EndChunk(1'000 + chunks_ * 100);
    }
  }

  // That the index is the one FORMAT.md says for so many chunks.
  void ExpectSound() {
    std::uint64_t per_entry = 1;
    while ((chunks_ + per_entry - 1) / per_entry > kIndexEntriesMax) per_entry *= 2;
    const ChunkIndex& index = builder_.summary().index;
    ASSERT_EQ(index.size(), (chunks_ + per_entry - 1) / per_entry);
    for (std::uint64_t i = 0; i < index.size(); ++i) {
      const std::uint64_t first = i * per_entry;
      const std::uint64_t size = std::min(per_entry, chunks_ - first);
      ASSERT_EQ(index[i].offset, 1'000 + first * 100);
      ASSERT_EQ(index[i].first_position, first);
      ASSERT_EQ(index[i].first_time.nanoseconds(), static_cast<std::int64_t>(first) * 10);
      ASSERT_EQ(index[i].last_time.nanoseconds(), static_cast<std::int64_t>(first + size - 1) * 10);
      ASSERT_EQ(index[i].chunks, size);
      const std::uint64_t warns = (first + size + 2) / 3 - (first + 2) / 3;
      ASSERT_EQ(index[i].counts, (LevelCounts{{size - warns, warns, 0}}));
    }
  }

  const Catalogue catalogue_ = SampleCatalogue();
  SummaryBuilder builder_{SampleInfo(), catalogue_};
  std::uint64_t chunks_ = 0;
};

TEST_F(IndexTest, HasAnEntryAChunkWhileTheyFit) {
  AddChunks(kIndexEntriesMax);
  ExpectSound();
  EXPECT_EQ(builder_.summary().index.back().chunks, 1u);
}

TEST_F(IndexTest, IsThinnedWhenItIsFull) {
  AddChunks(kIndexEntriesMax);
  for (int i = 0; i < 5; ++i) {
    AddChunks(1);
    ExpectSound();
  }
}

TEST_F(IndexTest, IsThinnedAgainAndAgain) {
  for (const std::uint64_t more : {kIndexEntriesMax * 2 - 1, std::size_t{1}, std::size_t{1},
                                   kIndexEntriesMax * 2 - 1, std::size_t{1}, std::size_t{12'345}}) {
    AddChunks(more);
    ExpectSound();
  }
}

TEST(Summary, CountsByServiceAndLevel) {
  const Catalogue catalogue = SampleCatalogue();
  SummaryBuilder builder(SampleInfo(), catalogue);
  std::vector<Record> records(4, SampleRecord(5));
  records[1].level = Level::kWarn;
  records[2].service = ServiceId{2};
  records[3].time = sim::VirtualTime(77);
  builder.AddRecords(std::span(records).first(1), 1);
  builder.AddRecords(std::span(records).subspan(1), 1);
  builder.EndChunk(400);
  builder.Finish(sim::VirtualTime(60));
  const Summary& summary = builder.summary();
  EXPECT_EQ(summary.records, 4u);
  EXPECT_EQ(summary.chunks, 1u);
  EXPECT_EQ(summary.first_time, sim::VirtualTime(5));
  EXPECT_EQ(summary.last_time, sim::VirtualTime(77));
  EXPECT_EQ(summary.end_time, sim::VirtualTime(78)) << "beyond the last record";
  EXPECT_EQ(summary.totals, (std::vector<LevelCounts>{{{2, 1, 0}}, {}, {{1, 0, 0}}}));
}

TEST(Summary, OfNoRecordsHasItsEndAlone) {
  const Catalogue catalogue = SampleCatalogue();
  SummaryBuilder builder(SampleInfo(), catalogue);
  builder.Finish(sim::VirtualTime(sim::Seconds(11)));
  EXPECT_EQ(builder.summary().records, 0u);
  EXPECT_TRUE(builder.summary().index.empty());
  EXPECT_EQ(builder.summary().end_time, sim::VirtualTime(sim::Seconds(11)));
  EXPECT_EQ(builder.summary().occurrences.size(), 1u);
}

}  // namespace
}  // namespace groundhog::traces
