#include "analysis/record_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/catalogue_check.h"
#include "traces/json_renderer.h"

namespace groundhog::analysis {
namespace {

using testing::HasSubstr;
using traces::Record;
using traces::SampleTrace;
using traces::TestRandom;

MergedHeader HeaderOf(const std::vector<SampleTrace>& traces) {
  std::vector<MergeInput> inputs;
  for (const SampleTrace& trace : traces) {
    inputs.push_back(
        {.name = "x", .info = &trace.info, .catalogue = &trace.catalogue, .end = std::nullopt});
  }
  return MergeHeaders(inputs, "1").value();
}

// In chunks of random sizes.
ChunkSource ChunksOf(std::vector<Record> records, std::uint64_t seed) {
  return [records = std::move(records), random = TestRandom(seed),
          at = std::size_t{0}](std::vector<Record>* chunk) mutable -> absl::StatusOr<bool> {
    const std::size_t size = std::min<std::size_t>(1 + random.Below(300), records.size() - at);
    chunk->assign(records.begin() + std::ptrdiff_t(at),
                  records.begin() + std::ptrdiff_t(at + size));
    at += size;
    return size > 0;
  };
}

// Its first time is known for every second one.
MergeSource SourceOf(const std::vector<Record>& records, std::uint64_t seed) {
  const bool is_known = seed % 2 == 0 && !records.empty();
  return {.next = ChunksOf(records, seed),
          .first_time = is_known ? records.front().time : sim::VirtualTime()};
}

std::vector<Record> All(RecordMerge& merge) {
  std::vector<Record> all;
  std::vector<Record> records;
  while (merge.Next(&records).value()) all.insert(all.end(), records.begin(), records.end());
  EXPECT_FALSE(merge.Next(&records).value());
  return all;
}

std::vector<Record> Merged(const std::vector<SampleTrace>& traces, const MergedHeader& header) {
  std::vector<MergeSource> sources;
  for (const SampleTrace& trace : traces) {
    sources.push_back(SourceOf(trace.records, sources.size()));
  }
  RecordMerge merge(header, std::move(sources));
  return All(merge);
}

std::vector<std::string> Lines(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                               const std::vector<Record>& records) {
  traces::JsonRenderer renderer(info, catalogue);
  std::vector<std::string> lines;
  for (const Record& record : records) lines.emplace_back(renderer.Render(record));
  return lines;
}

bool IsInOrder(const std::vector<Record>& records) {
  return std::ranges::is_sorted(records, [](const Record& a, const Record& b) {
    return std::pair(a.time, a.host) < std::pair(b.time, b.host);
  });
}

// With all that a trace may have: the lines of the traces, in one order.
TEST(RecordMerge, GivesEveryRecordAsItsTraceHasIt) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    TestRandom random(sim::TestSeed() + round);
    std::vector<SampleTrace> traces;
    std::vector<std::string> expected;
    for (std::size_t i = 0; i <= round % 4; ++i) {
      SampleTrace& trace = traces.emplace_back(
          traces::RandomTrace(sim::TestSeed() * 100 + round * 10 + i, random.Below(2'000)));
      trace.info.start_unix_nanoseconds += std::int64_t(random.Below(100)) * 1'000'000'000;
      const auto lines = Lines(trace.info, trace.catalogue, trace.records);
      expected.insert(expected.end(), lines.begin(), lines.end());
    }
    const MergedHeader header = HeaderOf(traces);
    ASSERT_EQ(CheckCatalogue(header.catalogue), absl::OkStatus());
    const std::vector<Record> merged = Merged(traces, header);
    for (const Record& record : merged) {
      ASSERT_EQ(CheckRecord(record, header.catalogue), absl::OkStatus());
    }
    EXPECT_TRUE(IsInOrder(merged));
    std::vector<std::string> lines = Lines(header.info, header.catalogue, merged);
    std::ranges::sort(lines);
    std::ranges::sort(expected);
    EXPECT_TRUE(lines == expected) << round;
  }
}

// Parts of one trace, which may overlap and lack something in between.
TEST(RecordMerge, OfPartsOfOneTraceIsTheirUnion) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    TestRandom random(sim::TestSeed() + round);
    const SampleTrace whole = traces::RandomTrace(sim::TestSeed() + round, 1'500);
    std::vector<SampleTrace> parts;
    std::vector<bool> is_there(whole.records.size());
    std::uint64_t given = 0;
    for (int i = 0; i < 4; ++i) {
      SampleTrace& part = parts.emplace_back(whole);
      part.records.clear();
      const sim::VirtualTime last = whole.records.back().time;
      const auto span = static_cast<std::uint64_t>(last.nanoseconds()) + 1;
      const sim::VirtualTime from(std::int64_t(random.Below(span)));
      const sim::VirtualTime until(std::int64_t(random.Below(span)));
      for (std::size_t k = 0; k < whole.records.size(); ++k) {
        const sim::VirtualTime time = whole.records[k].time;
        // The last part is all but a time in the middle.
        const bool is_within = time >= std::min(from, until) && time < std::max(from, until);
        if (is_within == (i == 3)) continue;
        part.records.push_back(whole.records[k]);
        is_there[k] = true;
        ++given;
      }
    }
    std::vector<Record> expected;
    for (std::size_t k = 0; k < whole.records.size(); ++k) {
      if (is_there[k]) expected.push_back(whole.records[k]);
    }
    const MergedHeader header = HeaderOf(parts);
    std::vector<MergeSource> sources;
    for (const SampleTrace& part : parts) sources.push_back(SourceOf(part.records, round));
    RecordMerge merge(header, std::move(sources));
    EXPECT_TRUE(All(merge) == expected) << round;
    EXPECT_EQ(merge.repeated(), given - expected.size());
  }
}

// Whether the part's records are in the list, in their order.
bool Has(const std::vector<Record>& all, const std::vector<Record>& part) {
  auto at = all.begin();
  for (const Record& record : part) {
    at = std::find(at, all.end(), record);
    if (at == all.end()) return false;
    ++at;
  }
  return true;
}

// Of one host at one time, whatever the parts lack and whichever comes first.
TEST(RecordMerge, AnInstantOfWhichPartsLackRecordsIsTheirUnionInOrder) {
  constexpr std::uint64_t kRecords = 5;
  SampleTrace whole = traces::RandomTrace(sim::TestSeed(), kRecords);
  for (std::size_t i = 0; i < kRecords; ++i) {
    whole.records[i].time = whole.records[0].time;
    whole.records[i].host = whole.records[0].host;
    whole.records[i].duration = sim::Nanoseconds(static_cast<std::int64_t>(i));
  }
  TestRandom random(sim::TestSeed());
  for (int round = 0; round < 2'000; ++round) {
    std::vector<SampleTrace> parts;
    std::vector<bool> is_there(kRecords);
    for (int i = 0; i < 2 + round % 2; ++i) {
      SampleTrace& part = parts.emplace_back(whole);
      part.records.clear();
      for (std::size_t k = 0; k < kRecords; ++k) {
        if (random.Below(3) == 0) continue;
        part.records.push_back(whole.records[k]);
        is_there[k] = true;
      }
    }
    const MergedHeader header = HeaderOf(parts);
    const std::vector<Record> merged = Merged(parts, header);
    EXPECT_EQ(merged.size(), std::size_t(std::ranges::count(is_there, true)));
    for (const SampleTrace& part : parts) ASSERT_TRUE(Has(merged, part.records)) << round;
  }
}

// So that not all chunks of hundreds of slices are in memory at once.
TEST(RecordMerge, ATraceIsReadWhenItsTimeComes) {
  SampleTrace whole = traces::RandomTrace(sim::TestSeed(), 900);
  std::int64_t milliseconds = 0;
  for (Record& record : whole.records) {
    record.time = sim::VirtualTime(sim::Milliseconds(++milliseconds));
  }
  constexpr std::size_t kParts = 300;
  const MergedHeader header = HeaderOf(std::vector<SampleTrace>(kParts, whole));
  std::size_t begun = 0;
  std::vector<MergeSource> sources;
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto first = whole.records.begin() + std::ptrdiff_t(i * 3);
    sources.push_back(SourceOf(std::vector<Record>(first, first + 3), /*seed=*/0));
    sources.back().next = [&begun, next = sources.back().next, i,
                           has_begun = false](std::vector<Record>* chunk) mutable {
      if (!std::exchange(has_begun, true)) {
        EXPECT_EQ(++begun, i + 1);
      }
      return next(chunk);
    };
  }
  TestRandom random(sim::TestSeed());
  for (std::size_t i = kParts; i > 1; --i) {
    std::swap(sources[i - 1], sources[random.Below(i)]);
  }
  RecordMerge merge(header, std::move(sources));
  EXPECT_TRUE(All(merge) == whole.records);
}

TEST(RecordMerge, OneTraceMayHaveARecordTwice) {
  SampleTrace trace = traces::TinyTrace();
  trace.records = {trace.records[0], trace.records[0], trace.records[1]};
  const std::vector<SampleTrace> copies = {trace, trace};
  const std::vector<Record> merged = Merged(copies, HeaderOf(copies));
  EXPECT_TRUE(merged == trace.records);
}

TEST(RecordMerge, OfNothingIsNothing) {
  SampleTrace empty = traces::TinyTrace();
  empty.records.clear();
  EXPECT_TRUE(Merged({empty}, HeaderOf({empty})).empty());
  EXPECT_TRUE(Merged({empty, empty}, HeaderOf({empty, empty})).empty());
}

TEST(RecordMerge, TimesBeyondTheEndOfVirtualTimeAreRefused) {
  SampleTrace early = traces::TinyTrace();
  SampleTrace late = early;
  late.info.start_unix_nanoseconds += 1'000'000'000;
  late.records[1].time = sim::VirtualTime::Max() - sim::Seconds(1);
  const std::vector<SampleTrace> traces = {early, late};
  const MergedHeader header = HeaderOf(traces);
  RecordMerge merge(header, {SourceOf(early.records, 1), SourceOf(late.records, 2)});
  std::vector<Record> records;
  const absl::Status status = merge.Next(&records).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("292 years"));
}

TEST(RecordMerge, AnErrorOfASourceIsHandedOn) {
  const std::vector<SampleTrace> traces = {traces::TinyTrace()};
  const MergedHeader header = HeaderOf(traces);
  const auto gone = [](std::vector<Record>*) -> absl::StatusOr<bool> {
    return absl::UnavailableError("gone");
  };
  RecordMerge merge(header, {{.next = gone, .first_time = {}}});
  std::vector<Record> records;
  EXPECT_EQ(merge.Next(&records).status(), absl::UnavailableError("gone"));
}

}  // namespace
}  // namespace groundhog::analysis
