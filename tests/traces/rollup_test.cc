#include "traces/rollup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/reader.h"
#include "traces/rollup_builder.h"

namespace groundhog::traces {
namespace {

// As FORMAT.md lists them.
constexpr std::int64_t kMinutes[] = {1, 2, 10, 30, 60, 120, 240, 720, 1440, 2880, 5'760, 11'520};

// By its definition: the last whose least latency is not above this one.
std::size_t BinOf(std::uint64_t latency_ms) {
  std::size_t bin = 0;
  while (bin + 1 < kLatencyBinCount && LatencyBins::First(bin + 1) <= latency_ms) ++bin;
  return bin;
}

// One record at a time, into maps.
Rollup PlainRollup(std::span<const Record> records, sim::Duration width) {
  std::map<std::pair<std::uint32_t, RollupKey>, std::map<std::size_t, std::uint64_t>> cells;
  std::map<std::pair<std::uint32_t, RollupKey>, std::uint64_t> rests;
  for (const Record& record : records) {
    const std::pair place(static_cast<std::uint32_t>(record.time.since_start() / width),
                          RollupKey{record.service, record.dependency, record.level});
    const auto latency_ms = static_cast<std::uint64_t>(record.duration.milliseconds());
    ++cells[place][BinOf(latency_ms)];
    rests[place] += latency_ms - LatencyBins::First(BinOf(latency_ms));
  }
  Rollup rollup{.width = width};
  for (const auto& [place, bins] : cells) {
    rollup.cells.push_back({.interval = place.first,
                            .key = place.second,
                            .bins = static_cast<std::uint32_t>(bins.size()),
                            .rest_ms = rests[place]});
    for (const auto& [bin, count] : bins) {
      rollup.bins.push_back({.records = count, .bin = static_cast<std::uint8_t>(bin)});
    }
  }
  return rollup;
}

// By the least width that keeps the limits.
std::optional<Rollup> PlainRollup(std::span<const Record> records, const RollupLimits& limits) {
  for (const std::int64_t minutes : kMinutes) {
    Rollup rollup = PlainRollup(records, sim::Minutes(minutes));
    if (rollup.cells.size() <= limits.cells_max && rollup.bins.size() <= limits.bins_max) {
      return rollup;
    }
  }
  return std::nullopt;
}

// Added in pieces of at most so many records.
std::optional<Rollup> Built(std::span<const Record> records, const RollupLimits& limits,
                            std::size_t piece = 1'000) {
  RollupBuilder builder(limits);
  for (std::size_t i = 0; i < records.size(); i += piece) {
    builder.Add(records.subspan(i, std::min(piece, records.size() - i)));
  }
  builder.Finish();
  if (builder.rollup() == nullptr) return std::nullopt;
  return *builder.rollup();
}

std::optional<Rollup> ReadBack(const std::string& path) {
  const auto reader = Reader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  absl::StatusOr<std::optional<Rollup>> rollup = (*reader)->ReadRollup();
  EXPECT_TRUE(rollup.ok()) << rollup.status();
  return *std::move(rollup);
}

TEST(LatencyBins, AreTheirOwnBelowEightAndAQuarterWideAbove) {
  for (std::uint64_t ms = 0; ms < 100'000; ++ms) ASSERT_EQ(LatencyBins::Of(ms), BinOf(ms)) << ms;
  for (std::size_t bin = 0; bin < 8; ++bin) EXPECT_EQ(LatencyBins::First(bin), bin);
  for (std::size_t bin = 8; bin < kLatencyBinCount; ++bin) {
    EXPECT_LE(4 * LatencyBins::Width(bin), LatencyBins::First(bin));
    EXPECT_EQ(LatencyBins::First(bin - 1) + LatencyBins::Width(bin - 1), LatencyBins::First(bin));
  }
  EXPECT_EQ(LatencyBin(sim::Duration::Max()), kLatencyBinCount - 1);
}

TEST(RollupWidths, AreThoseOfTheFormat) {
  std::optional<sim::Duration> width = sim::Minutes(1);
  for (const std::int64_t minutes : kMinutes) {
    ASSERT_EQ(width, sim::Minutes(minutes));
    EXPECT_TRUE(IsRollupWidth(*width));
    EXPECT_FALSE(IsRollupWidth(*width + sim::Nanoseconds(1)));
    const std::optional<sim::Duration> wider = WiderThan(*width);
    ASSERT_TRUE(wider.has_value());
    EXPECT_EQ(*wider % *width, sim::Duration());
    width = wider;
  }
  while (const auto wider = WiderThan(*width)) width = wider;
  EXPECT_EQ(width, sim::Hours(24 * 65'536));
  EXPECT_FALSE(IsRollupWidth(sim::Minutes(0)));
  EXPECT_FALSE(IsRollupWidth(sim::Minutes(4)));
  EXPECT_FALSE(IsRollupWidth(sim::Duration::Max()));
}

TEST(Rollup, OfAFileIsThatOfItsRecords) {
  const TestFile file("rollup.ghog");
  for (std::uint64_t seed = sim::TestSeed(); seed < sim::TestSeed() + 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "--seed=" << seed);
    const SampleTrace trace = RandomTrace(seed, 1'500);
    WriteTrace(trace, file.path());
    ASSERT_EQ(ReadBack(file.path()), PlainRollup(trace.records, sim::Minutes(1)));
  }
}

TEST(Rollup, DoesNotDependOnHowTheTraceIsStored) {
  const TestFile file("rollup.ghog");
  const SampleTrace trace = RandomTrace(sim::TestSeed(), 2'000);
  const Rollup expected = PlainRollup(trace.records, sim::Minutes(1));
  for (const Compression compression :
       {Compression::kNone, Compression::kPacked, Compression::kZstd}) {
    for (const std::uint32_t chunk_records : {1U, 77U, 65'536U}) {
      WriteTrace(trace, file.path(), {.compression = compression, .chunk_records = chunk_records});
      EXPECT_EQ(ReadBack(file.path()), expected) << chunk_records;
    }
  }
}

TEST(Rollup, OfNoRecordsHasNoCells) {
  const TestFile file("rollup.ghog");
  WriteTrace(RandomTrace(1, 0), file.path());
  EXPECT_EQ(ReadBack(file.path()), Rollup{});
}

TEST(Rollup, OfOneRecordHasOneCell) {
  Record record = SampleRecord(sim::Minutes(61).nanoseconds() + 5);
  record.level = Level::kWarn;
  record.dependency = ServiceId{2};
  record.duration = sim::Nanoseconds(9'999'999);
  const Rollup expected{.cells = {{.interval = 61,
                                   .key = {record.service, ServiceId{2}, Level::kWarn},
                                   .bins = 1,
                                   .rest_ms = 1}},  // of 9 ms, in the bin of 8 and 9
                        .bins = {{.records = 1, .bin = 8}}};
  EXPECT_EQ(Built({&record, 1}, {}), expected);
}

TEST(Rollup, HoldsWhatIsExtreme) {
  const TestFile file("rollup.ghog");
  SampleTrace trace{.info = SampleInfo(), .catalogue = SampleCatalogue()};
  const std::int64_t last = std::numeric_limits<std::int64_t>::max();
  trace.records = {SampleRecord(0), SampleRecord(last), SampleRecord(last)};
  trace.records[1].duration = sim::Duration::Max();
  WriteTrace(trace, file.path());
  EXPECT_EQ(ReadBack(file.path()), PlainRollup(trace.records, sim::Minutes(1)));
  EXPECT_EQ(ReadBack(file.path())->cells.back().interval, last / sim::Minutes(1).nanoseconds());
}

TEST(Rollup, HasTheLeastWidthThatKeepsTheLimits) {
  std::map<sim::Duration, int> widths;
  for (std::uint64_t seed = sim::TestSeed(); seed < sim::TestSeed() + 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "--seed=" << seed);
    const SampleTrace trace = RandomTrace(seed, 1'000);
    for (const RollupLimits limits : {RollupLimits{400, 2'000}, RollupLimits{100, 2'000},
                                      RollupLimits{1'000, 150}, RollupLimits{3, 10}}) {
      const std::optional<Rollup> expected = PlainRollup(trace.records, limits);
      if (expected) ++widths[expected->width];
      ASSERT_EQ(Built(trace.records, limits), expected);
      ASSERT_EQ(Built(trace.records, limits, 1), expected);
      ASSERT_EQ(Built(trace.records, limits, 37), expected);
    }
  }
  EXPECT_GE(widths.size(), 3U) << "so that widths of several kinds were needed";
}

TEST(Rollup, DoesNotDependOnThePartsThatAnIntervalIsPutTogetherFrom) {
  constexpr RollupLimits kLimits = {.cells_max = 400, .bins_max = 2'000};
  for (std::uint64_t seed = sim::TestSeed(); seed < sim::TestSeed() + 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "--seed=" << seed);
    const SampleTrace trace = RandomTrace(seed, 1'000);
    const std::optional<Rollup> expected = PlainRollup(trace.records, kLimits);
    for (const std::uint32_t open_records_max : {1U, 2U, 7U, 999U}) {
      RollupBuilder builder(kLimits, open_records_max);
      builder.Add(trace.records);
      builder.Finish();
      ASSERT_EQ(builder.rollup() == nullptr, !expected.has_value());
      if (expected) {
        ASSERT_EQ(*builder.rollup(), *expected);
      }
    }
  }
}

TEST(Rollup, HasItsKeysInOrderWhetherFewOrManyOfThemAreUsed) {
  std::vector<Record> records;
  const SampleTrace trace = RandomTrace(sim::TestSeed(), 1'000);
  for (const Record& record : trace.records) {
    records.push_back(record);
    records.back().time = sim::VirtualTime(sim::Seconds(1));
  }
  for (std::int64_t minute = 1; minute < 50; ++minute) {  // of 1 to 49 records
    for (std::int64_t i = 0; i < minute; ++i) {
      records.push_back(records[static_cast<std::size_t>(minute * 13 + i)]);
      records.back().time = sim::VirtualTime(sim::Minutes(minute));
    }
  }
  EXPECT_EQ(Built(records, {}), PlainRollup(records, sim::Minutes(1)));
}

TEST(Rollup, IsGivenUpWhenNoWidthKeepsTheLimits) {
  std::vector<Record> records(3, SampleRecord(7));
  records[1].level = Level::kWarn;
  records[2].dependency = ServiceId{1};
  EXPECT_TRUE(Built(records, {.cells_max = 3}).has_value());
  EXPECT_EQ(Built(records, {.cells_max = 2}), std::nullopt);
  EXPECT_EQ(Built(records, {.bins_max = 2}), std::nullopt);
}

TEST(Rollup, StaysWithinItsLimitsForALongTrace) {
  RollupBuilder builder;
  TestRandom random(sim::TestSeed());
  std::vector<Record> records;
  for (std::int64_t minute = 0; minute < 200'000; ++minute) {
    records.assign(2, SampleRecord(sim::Minutes(minute).nanoseconds()));
    records[1].level = Level::kWarn;
    for (Record& record : records) {
      record.duration = sim::Milliseconds(static_cast<std::int64_t>(random.Below(10'000)));
    }
    builder.Add(records);
  }
  builder.Finish();
  ASSERT_NE(builder.rollup(), nullptr);
  EXPECT_EQ(builder.rollup()->width, sim::Minutes(10));
  EXPECT_EQ(builder.rollup()->cells.size(), 40'000U);
}

// --- Sums

TEST(RollupSum, OfNeighbouringTimesIsThatOfAllTheirRecords) {
  for (std::uint64_t seed = sim::TestSeed(); seed < sim::TestSeed() + 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "--seed=" << seed);
    const SampleTrace trace = RandomTrace(seed, 800);
    const std::span<const Record> all = trace.records;
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{399}, all.size()}) {
      EXPECT_EQ(Sum(*Built(all.first(cut), {}), *Built(all.subspan(cut), {})), Built(all, {}));
    }
  }
}

TEST(RollupSum, OfDifferentWidthsIsThatOfAllRecords) {
  constexpr RollupLimits kLimits = {.cells_max = 250, .bins_max = 3'000};
  int differing = 0;
  for (std::uint64_t seed = sim::TestSeed(); seed < sim::TestSeed() + 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "--seed=" << seed);
    const SampleTrace trace = RandomTrace(seed, 1'000);
    std::vector<Record> few, many;
    for (std::size_t i = 0; i < trace.records.size(); ++i) {
      (i % 10 == 0 ? few : many).push_back(trace.records[i]);
    }
    const std::optional<Rollup> a = Built(few, kLimits);
    const std::optional<Rollup> b = Built(many, kLimits);
    ASSERT_TRUE(a && b);
    if (a->width != b->width) ++differing;
    EXPECT_EQ(Sum(*a, *b, kLimits), Built(trace.records, kLimits));
    EXPECT_EQ(Sum(*b, *a, kLimits), Built(trace.records, kLimits));
  }
  EXPECT_GT(differing, 0);
}

TEST(RollupSum, DoesNotPassTheGreatestNumber) {
  const Rollup one{.cells = {{.key = {ServiceId{0}}, .bins = 1, .rest_ms = kSumMax - 1}},
                   .bins = {{.records = kSumMax - 2, .bin = 100}}};
  const std::optional<Rollup> sum = Sum(one, one);
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(sum->cells[0].rest_ms, kSumMax);
  EXPECT_EQ(sum->bins[0].records, kSumMax);
}

TEST(RollupSum, IsNothingWhenNoWidthKeepsTheLimits) {
  const Record a = SampleRecord(0);
  Record b = a;
  b.level = Level::kWarn;
  EXPECT_EQ(Sum(*Built({&a, 1}, {}), *Built({&b, 1}, {}), {.cells_max = 1}), std::nullopt);
}

}  // namespace
}  // namespace groundhog::traces
