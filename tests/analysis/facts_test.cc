#include "analysis/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/traces/sample_trace.h"
#include "traces/column_costs.h"
#include "traces/hash128.h"

namespace groundhog::analysis {
namespace {

using testing::HasSubstr;
using traces::TestFile;

// Past damage, as often as it comes.
Facts FactsOf(const std::string& path, int* chunks_read = nullptr) {
  const absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  return GatherFacts(**reader, [&](std::vector<traces::Record>* records) {
    absl::StatusOr<bool> has_more = (*reader)->NextChunk(records);
    while (!has_more.ok()) has_more = (*reader)->NextChunk(records);
    if (*has_more && chunks_read != nullptr) ++*chunks_read;
    return *has_more;
  });
}

// Ten records in five chunks, of which an hour was asked for.
traces::Summary WriteSample(const std::string& path) {
  traces::SampleTrace trace{.info = traces::SampleInfo(),
                            .catalogue = traces::SampleCatalogue(),
                            .records = traces::SampleRecords(10, 0, 1'000'000'000)};
  trace.info.duration = sim::Hours(1);
  return traces::WriteTrace(trace, path, {.chunk_records = 2});
}

// The file up to its footer, as a crash leaves it.
void CutFooter(const std::string& path) {
  const std::string bytes = traces::ReadFile(path);
  const std::vector<std::size_t> entries = traces::EntryOffsets(bytes);
  traces::WriteFile(path, std::string_view(bytes).substr(0, entries[entries.size() - 3]));
}

TEST(Facts, OfACompleteTraceAreItsFooters) {
  const TestFile file("facts.ghog");
  const traces::Summary written = WriteSample(file.path());
  int chunks_read = 0;
  const Facts facts = FactsOf(file.path(), &chunks_read);
  EXPECT_EQ(chunks_read, 1);
  EXPECT_TRUE(facts.is_complete);
  EXPECT_EQ(facts.summary, static_cast<const traces::SummaryWithoutIndex&>(written));
  EXPECT_EQ(facts.info, traces::Reader::Open(file.path()).value()->info());
  EXPECT_EQ(facts.size_bytes, traces::ReadFile(file.path()).size());
  EXPECT_EQ(DurationOf(facts), sim::Hours(1));
}

TEST(Facts, OfAnIncompleteTraceAreCounted) {
  const TestFile file("facts.ghog");
  const traces::Summary written = WriteSample(file.path());
  CutFooter(file.path());
  const Facts facts = FactsOf(file.path());
  EXPECT_FALSE(facts.is_complete);
  EXPECT_EQ(facts.summary.records, written.records);
  EXPECT_EQ(facts.summary.chunks, written.chunks);
  EXPECT_EQ(facts.summary.totals, written.totals);
  EXPECT_EQ(facts.summary.first_time, written.first_time);
  EXPECT_EQ(facts.summary.last_time, written.last_time);
  EXPECT_EQ(facts.summary.end_time, written.last_time + sim::Nanoseconds(1));
  EXPECT_EQ(DurationOf(facts), sim::Hours(1)) << "what was asked for";
}

TEST(Facts, OfATraceWithoutRecordsHaveNoCompression) {
  const TestFile file("facts.ghog");
  traces::WriteTrace(
      {.info = traces::SampleInfo(), .catalogue = traces::SampleCatalogue(), .records = {}},
      file.path());
  const Facts facts = FactsOf(file.path());
  EXPECT_EQ(facts.compression, std::nullopt);
  const std::string json = FactsAsJson(facts);
  EXPECT_THAT(json, HasSubstr("\"first_time\": null,\n  \"last_time\": null,\n"));
  EXPECT_THAT(json, HasSubstr("\"compression\": null,\n"));
}

TEST(ColumnShares, AreTheLargestFirstAndTheRestLast) {
  EXPECT_EQ(ColumnShares(traces::ColumnCosts(), 100).size(), 1u);
  const TestFile file("columns.ghog");
  traces::WriteTrace(traces::RandomTrace(3, 500), file.path());
  traces::ColumnCosts costs;
  const auto reader = traces::Reader::Open(file.path(), {.column_costs = &costs});
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::vector<traces::Record> records;
  while (*(*reader)->NextChunk(&records)) {
  }
  const std::uint64_t size = *(*reader)->size_bytes();
  const std::vector<ColumnShare> shares = ColumnShares(costs, size);
  std::uint64_t sum = 0;
  for (const ColumnShare& share : shares) sum += share.bytes;
  EXPECT_EQ(sum, size);
  EXPECT_EQ(shares.back().name, "other");
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end() - 1,
                             [](const auto& a, const auto& b) { return a.bytes > b.bytes; }));
}

TEST(FactsAsJson, HasAKeyALineAndALineAServiceAndAFault) {
  Facts facts{.format_version = 1, .info = {}, .catalogue = {}, .is_complete = true, .summary = {}};
  facts.info.program_version = "1.2";
  facts.info.scenario_name = "shop \"small\"";
  facts.info.overrides = {"seed=7", "--scale 2"};
  facts.info.seed = 18'446'744'073'709'551'615u;
  facts.catalogue.services = {{.name = "auth"}, {.name = "cart"}};
  facts.catalogue.faults = {{.name = "slow", .kind = "latency", .target = "auth"}};
  facts.summary.records = 3;
  facts.summary.chunks = 1;
  facts.summary.last_time = sim::VirtualTime(sim::Milliseconds(1500));
  facts.summary.end_time = sim::VirtualTime(sim::Hours(24));
  facts.summary.totals = {{.by_level = {1, 1, 0}}, {.by_level = {0, 0, 1}}};
  facts.summary.occurrences = {{.fault = traces::FaultId{0},
                                .number = 1,
                                .start = sim::VirtualTime(sim::Seconds(1)),
                                .end = sim::VirtualTime(sim::Seconds(2))}};
  facts.size_bytes = 4096;
  facts.compression = traces::Compression::kZstd;
  EXPECT_EQ(FactsAsJson(facts), R"({
  "format_version": 1,
  "program_version": "1.2",
  "scenario": "shop \"small\"",
  "overrides": ["seed=7", "--scale 2"],
  "seed": 18446744073709551615,
  "start": "1970-01-01T00:00:00.000000000Z",
  "duration": "24h",
  "records": 3,
  "first_time": "1970-01-01T00:00:00.000000000Z",
  "last_time": "1970-01-01T00:00:01.500000000Z",
  "size_bytes": 4096,
  "chunks": 1,
  "resolution": "1ns",
  "truth": "local",
  "compression": "zstd",
  "digest": "00000000000000000000000000000000",
  "complete": true,
  "services": {
    "auth": {"INFO": 1, "WARN": 1, "ERROR": 0},
    "cart": {"INFO": 0, "WARN": 0, "ERROR": 1}
  },
  "faults": [
    {"name": "slow", "kind": "latency", "target": "auth", )"
                                R"("start": "1970-01-01T00:00:01.000000000Z", )"
                                R"("end": "1970-01-01T00:00:02.000000000Z"}
  ]
}
)");
  facts.is_complete = false;
  facts.summary.occurrences.clear();
  EXPECT_THAT(FactsAsJson(facts), HasSubstr("\"digest\": null,\n  \"complete\": false,\n"));
  EXPECT_THAT(FactsAsJson(facts), HasSubstr("\n  \"faults\": []\n}\n"));
}

}  // namespace
}  // namespace groundhog::analysis
