// Reading gives what was written: random traces against the plain list that they were made from.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

using sim::TestSeed;

constexpr std::array<Compression, 3> kCompressions = {Compression::kNone, Compression::kPacked,
                                                      Compression::kZstd};

// Compression and records a chunk.
class RoundTrip : public testing::TestWithParam<std::tuple<Compression, std::uint32_t>> {
 protected:
  static WriterOptions Options() {
    return {.compression = std::get<0>(GetParam()), .chunk_records = std::get<1>(GetParam())};
  }
};

TEST_P(RoundTrip, GivesTheRecordsThatWereWritten) {
  const TestFile file("round-trip.ghog");
  for (std::uint64_t round = 0; round < 12; ++round) {
    const std::uint64_t seed = TestSeed() * 1'000 + round;
    SCOPED_TRACE("--seed=" + std::to_string(TestSeed()) + ", round " + std::to_string(round));
    TestRandom random(seed);
    const SampleTrace trace = RandomTrace(seed, round == 0 ? 0 : random.Below(3'000));
    const Summary written = WriteTrace(trace, file.path(), Options());
    const ReadBack back = ReadTrace(file.path());
    ASSERT_TRUE(back.open.ok()) << back.open;
    ASSERT_TRUE(back.damages.empty()) << back.damages[0];
    EXPECT_TRUE(back.complete);
    EXPECT_EQ(back.incompleteness, absl::OkStatus());
    ASSERT_EQ(back.records.size(), trace.records.size());
    EXPECT_TRUE(back.records == trace.records);
    ASSERT_EQ(back.summary.size(), 1u);
    EXPECT_TRUE(back.summary[0] == written);
  }
}

TEST_P(RoundTrip, GivesHeaderAndCatalogueBack) {
  const TestFile file("header.ghog");
  const SampleTrace trace = RandomTrace(TestSeed(), 10);
  WriteTrace(trace, file.path(), Options());
  const auto reader = Reader::Open(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE((*reader)->info() == trace.info);
  EXPECT_TRUE((*reader)->catalogue() == trace.catalogue);
  EXPECT_EQ((*reader)->format_version(), kFormatVersion);
}

TEST_P(RoundTrip, IsTheSameThroughAPipe) {
  const SampleTrace trace = RandomTrace(TestSeed() + 99, 700);
  const ReadBack back = ReadTraceFromPipe(TraceBytes(trace, Options()));
  ASSERT_TRUE(back.open.ok()) << back.open;
  EXPECT_TRUE(back.damages.empty());
  EXPECT_TRUE(back.complete);
  EXPECT_TRUE(back.records == trace.records);
}

TEST_P(RoundTrip, BytesDoNotDependOnHowRecordsAreHandedOver) {
  const SampleTrace trace = RandomTrace(TestSeed() + 7, 2'000);
  const TestFile file("pieces.ghog");
  auto writer = Writer::Open(file.path(), trace.info, trace.catalogue, Options());
  ASSERT_TRUE(writer.ok()) << writer.status();
  TestRandom random(TestSeed());
  std::span<const Record> rest = trace.records;
  while (!rest.empty()) {
    const std::size_t now = std::min<std::size_t>(rest.size(), random.Below(70));
    ASSERT_EQ((*writer)->Append(rest.first(now)), absl::OkStatus());
    rest = rest.subspan(now);
    if (!rest.empty() && random.OneIn(3)) {
      ASSERT_EQ((*writer)->AdvanceTo(rest.front().time), absl::OkStatus());
    }
  }
  ASSERT_EQ((*writer)->AdvanceTo(sim::VirtualTime(trace.info.duration)), absl::OkStatus());
  ASSERT_EQ((*writer)->Finish(), absl::OkStatus());
  EXPECT_TRUE(ReadFile(file.path()) == TraceBytes(trace, Options()));
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip,
                         testing::Combine(testing::ValuesIn(kCompressions),
                                          testing::Values(1u, 7u, 256u, kChunkRecordsDefault,
                                                          kChunkRecordsMax)),
                         [](const auto& info) {
                           return std::string(kCompressionNames.NameOf(std::get<0>(info.param))) +
                                  "_" + std::to_string(std::get<1>(info.param));
                         });

TEST(RoundTripLevels, EveryLevelOfZstdGivesTheSameRecords) {
  const SampleTrace trace = RandomTrace(TestSeed() + 3, 500);
  const TestFile file("level.ghog");
  for (int level = 1; level <= kZstdLevelMax; ++level) {
    WriteTrace(trace, file.path(), {.level = level});
    EXPECT_TRUE(ReadTrace(file.path()).records == trace.records) << "level " << level;
  }
}

TEST(RoundTripRandomFaults, AsManyOccurrencesAsThereCanBeAreReadBack) {
  SampleTrace trace = TinyTrace();
  for (const std::int64_t count : {40'000, 25'536}) {
    FaultEntry& fault = trace.catalogue.faults.emplace_back();
    fault = {.name = std::to_string(count), .kind = "loss", .target = "api", .is_random = true};
    for (std::int64_t i = 0; i < count; ++i) {
      fault.times.push_back({.start = sim::VirtualTime(2 * i), .end = sim::VirtualTime(2 * i + 1)});
    }
  }
  const TestFile file("random-faults.ghog");
  const Summary written = WriteTrace(trace, file.path());
  EXPECT_EQ(written.occurrences.size(), 65'536u);
  const auto reader = Reader::Open(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE((*reader)->catalogue() == trace.catalogue);
  ASSERT_TRUE((*reader)->complete());
  EXPECT_TRUE(*(*reader)->summary() == written);
}

TEST(RoundTripRequests, AFieldTakesRoomOncePerRequest) {
  SampleTrace trace = TinyTrace();
  const Record served = trace.records[0];
  const auto bytes = [&](std::uint64_t requests) {
    trace.records.clear();
    for (std::uint64_t i = 0; i < 400; ++i) {
      Record& record = trace.records.emplace_back(served);
      record.request.ordinal = i % requests;
      record.slots[0] = static_cast<std::int64_t>(record.request.ordinal * 0x0101'0101);
    }
    return TraceBytes(trace, {.compression = Compression::kNone}).size();
  };
  const TestFile file("fields.ghog");
  const std::size_t one = bytes(1);
  WriteTrace(trace, file.path());
  EXPECT_TRUE(ReadTrace(file.path()).records == trace.records);
  const std::size_t hundred = bytes(100);
  WriteTrace(trace, file.path());
  EXPECT_TRUE(ReadTrace(file.path()).records == trace.records);
  // Four bytes of the field, and one of the request's number; and the records' ages.
  EXPECT_LT(hundred, one + 100 * 5 + 400 + 64);
}

TEST(RoundTripRequests, TimesAndDurationsOfAllGroupsAreReadBack) {
  SampleTrace trace = RandomTrace(TestSeed() + 11, 9'000);
  const TestFile file("groups.ghog");
  for (const std::uint32_t records : {1'023u, 1'024u, 2'048u, 8'192u, 65'536u}) {
    WriteTrace(trace, file.path(), {.chunk_records = records});
    EXPECT_TRUE(ReadTrace(file.path()).records == trace.records) << records;
  }
}

TEST(RoundTripClockSkew, ColumnIsAbsentWithoutAndSmallWhenAllClocksAgree) {
  SampleTrace trace{
      .info = SampleInfo(), .catalogue = SampleCatalogue(), .records = SampleRecords(100, 0, 10)};
  const WriterOptions options = {.compression = Compression::kNone};
  const std::size_t without = TraceBytes(trace, options).size();
  for (Record& record : trace.records) record.clock_skew = sim::Milliseconds(-250);
  constexpr std::size_t kIntegersBytes = 16;  // of a base and no planes
  EXPECT_EQ(TraceBytes(trace, options).size(), without + kIntegersBytes);
}

TEST(RoundTripClockSkew, OneRecordOfAChunkMayHaveIt) {
  SampleTrace trace{
      .info = SampleInfo(), .catalogue = SampleCatalogue(), .records = SampleRecords(25, 0, 10)};
  const TestFile file("skew.ghog");
  for (const std::size_t skewed : {0, 9, 13, 24}) {  // chunks of ten records
    for (Record& record : trace.records) record.clock_skew = sim::Duration();
    trace.records[skewed].clock_skew = sim::Nanoseconds(-1);
    WriteTrace(trace, file.path(), {.chunk_records = 10});
    EXPECT_TRUE(ReadTrace(file.path()).records == trace.records) << skewed;
  }
}

// The chunk's bound in bytes holds for the worst records that there can be: all different, all
// columns eight bytes wide, six stored slots.
TEST(RoundTripExtremes, WidestRecordsFitTheirChunks) {
  SampleTrace trace{.info = SampleInfo(), .catalogue = SampleCatalogue(), .records = {}};
  trace.catalogue.templates = {{.text = "{}{}{}{}{}{}", .slots = {6, SlotKind::kInteger}}};
  trace.catalogue.call_paths.resize(60'000, {.name = "p"});
  TestRandom random(TestSeed());
  for (std::size_t i = 0; i < 20'000; ++i) {
    Record record = SampleRecord(static_cast<std::int64_t>(i) * 10'000'000);
    record.message = TemplateId{0};
    record.request.ordinal = random.Next();
    record.span = SpanId{static_cast<std::uint32_t>(random.Next())};
    record.parent_span = SpanId{static_cast<std::uint32_t>(random.Next())};
    record.call_path = CallPathId{static_cast<std::uint16_t>(random.Below(60'000))};
    record.attempt = static_cast<std::uint16_t>(random.Next());
    record.duration = sim::Duration(static_cast<std::int64_t>(random.Next() >> 1));
    record.queue_wait = sim::Duration(static_cast<std::int64_t>(random.Next() >> 1));
    record.clock_skew = random.OneIn(2) ? kClockSkewMax : -kClockSkewMax;
    record.truth = {.fault = FaultId{0},
                    .root = ServiceId{static_cast<std::uint16_t>(random.Below(3))},
                    .occurrence = 1 + static_cast<std::uint32_t>(random.Below(0xFFFF'FFFF)),
                    .hops = static_cast<std::uint8_t>(random.Next())};
    for (std::int64_t& slot : record.slots) slot = static_cast<std::int64_t>(random.Next());
    trace.records.push_back(record);
  }
  const TestFile file("wide.ghog");
  for (const Compression compression : kCompressions) {
    WriteTrace(trace, file.path(), {.compression = compression, .chunk_records = kChunkRecordsMax});
    const ReadBack back = ReadTrace(file.path());
    ASSERT_TRUE(back.damages.empty()) << back.damages[0];
    EXPECT_TRUE(back.records == trace.records) << kCompressionNames.NameOf(compression);
    EXPECT_GT(back.offsets.size(), 1u);
  }
}

}  // namespace
}  // namespace groundhog::traces
