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

// Records of one host at one time.
SampleTrace OneInstant(std::size_t records) {
  SampleTrace whole = traces::RandomTrace(sim::TestSeed(), records);
  for (Record& record : whole.records) {
    record.time = sim::VirtualTime(1'500'000'000);
    record.host = whole.records[0].host;
    record.service = whole.records[0].service;
  }
  return whole;
}

SampleTrace Without(SampleTrace trace, std::size_t begin, std::size_t end) {
  const auto first = trace.records.begin();
  trace.records.erase(first + std::ptrdiff_t(begin), first + std::ptrdiff_t(end));
  return trace;
}

// Lost chunks of an instant that is many chunks long, in which records come again.
TEST(RecordMerge, ALongInstantIsWholeWhicheverPartComesFirst) {
  SampleTrace whole = OneInstant(30'000);
  for (std::size_t i = 0; i < whole.records.size(); i += 500) {
    whole.records[i] = whole.records[i / 1'000];
  }
  std::vector<SampleTrace> parts = {Without(whole, 2'000, 9'000), Without(whole, 15'000, 30'000),
                                    Without(Without(whole, 20'000, 21'000), 0, 1'500)};
  std::uint64_t given = 0;
  for (const SampleTrace& part : parts) given += part.records.size();
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    const std::vector<SampleTrace> files = {parts[order[0]], parts[order[1]], parts[order[2]]};
    const MergedHeader header = HeaderOf(files);
    std::vector<MergeSource> sources;
    for (const SampleTrace& part : files) {
      sources.push_back(SourceOf(part.records, sources.size()));
    }
    RecordMerge merge(header, std::move(sources));
    EXPECT_TRUE(All(merge) == whole.records);
    EXPECT_EQ(merge.repeated(), given - whole.records.size());
  } while (std::ranges::next_permutation(order).found);
}

absl::StatusOr<std::vector<Record>> MergedWithin(const std::vector<SampleTrace>& traces,
                                                 const std::vector<std::string>& names,
                                                 std::size_t united_records_max) {
  std::vector<MergeInput> inputs;
  std::vector<MergeSource> sources;
  for (const SampleTrace& trace : traces) {
    inputs.push_back({.name = names[inputs.size()],
                      .info = &trace.info,
                      .catalogue = &trace.catalogue,
                      .end = std::nullopt});
    sources.push_back(SourceOf(trace.records, sources.size()));
  }
  const MergedHeader header = MergeHeaders(inputs, "1").value();
  RecordMerge merge(header, std::move(sources), united_records_max);
  std::vector<Record> all;
  std::vector<Record> records;
  while (true) {
    const absl::StatusOr<bool> has_more = merge.Next(&records);
    if (!has_more.ok()) return has_more.status();
    if (!*has_more) return all;
    all.insert(all.end(), records.begin(), records.end());
  }
}

TEST(RecordMerge, AnInstantThatCannotBeHeldIsAnErrorThatNamesFilesAndTime) {
  const SampleTrace whole = OneInstant(1'000);
  const std::vector<SampleTrace> parts = {whole, Without(whole, 100, 400)};
  const std::size_t held = (1'000 - 100) + (1'000 - 400);
  EXPECT_TRUE(MergedWithin(parts, {"a", "b"}, held).value() == whole.records);
  const absl::Status status = MergedWithin(parts, {"b.ghog", "a.ghog"}, held - 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("a.ghog, b.ghog: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(":01.5"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("1,499"));
}

TEST(RecordMerge, AnInstantThatPartsHaveInCommonIsNotHeld) {
  const SampleTrace whole = OneInstant(30'000);
  // What is behind the end of one part is not held either.
  const std::vector<SampleTrace> parts = {whole, Without(whole, 10'000, 30'000), whole};
  EXPECT_TRUE(MergedWithin(parts, {"a", "b", "c"}, 1).value() == whole.records);
}

TEST(RecordMerge, PartsThatContradictEachOtherAreAnErrorThatNamesThem) {
  const SampleTrace whole = OneInstant(3'000);
  std::vector<SampleTrace> parts(4, whole);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    TestRandom random(sim::TestSeed() + i);
    std::vector<Record>& records = parts[i].records;
    for (std::size_t k = records.size(); k > 1; --k) {
      std::swap(records[k - 1], records[random.Below(k)]);
    }
  }
  const absl::Status status = MergedWithin(parts, {"d", "c", "b", "a"}, 100'000).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("a, b, c and 1 more: "));
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
  const absl::Status status = MergedWithin(traces, {"early.ghog", "late.ghog"}, 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("late.ghog: "));
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
