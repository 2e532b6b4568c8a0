#include "analysis/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/memory_file.h"
#include "tests/traces/sample_trace.h"
#include "traces/compression.h"

namespace groundhog::analysis {
namespace {

using testing::HasSubstr;
using traces::TestFile;

absl::Status Verified(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(path);
  if (!reader.ok()) return reader.status();
  return VerifyTrace("day.ghog", **reader);
}

TEST(VerifyTrace, TakesWhatTheWriterWrites) {
  const TestFile file("verify.ghog");
  for (const std::uint64_t seed : {1, 2, 3}) {
    traces::WriteTrace(traces::RandomTrace(seed, 200), file.path(), {.chunk_records = 16});
    EXPECT_EQ(Verified(file.path()), absl::OkStatus()) << seed;
  }
}

TEST(VerifyTrace, SaysWhatIsIncomplete) {
  const TestFile file("verify.ghog");
  const std::string bytes = traces::TraceBytes(traces::GoldenTrace());
  traces::WriteFile(file.path(), std::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_EQ(Verified(file.path()).code(), absl::StatusCode::kDataLoss);
}

// A small trace with one thing wrong.
class DamagedTrace : public testing::TestWithParam<traces::Compression> {
 protected:
  // Damage is noticed with one line that names the trace and the entry that the damage is in, or
  // the footer; without a whole header there is no trace.
  void ExpectNoticed(const std::string& damaged, std::size_t at) {
    file_.Set(damaged);
    const absl::Status status = Verified(file_.path());
    const std::string message(status.message());
    ASSERT_EQ(std::ranges::count(message, '\n'), 0) << message;
    if (damaged.size() < offsets_[1]) {
      ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << at;
      ASSERT_THAT(message, HasSubstr(damaged.empty() ? "it is empty" : "it ends at byte")) << at;
      return;
    }
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << at;
    const std::size_t entry = *(std::ranges::upper_bound(offsets_, at) - 1);
    const std::size_t footer = offsets_[offsets_.size() - 3];
    ASSERT_THAT(message, testing::AnyOf(HasSubstr(Byte(entry)), HasSubstr(Byte(footer)))) << at;
  }

  static std::string Byte(std::size_t offset) {
    return std::string("byte ").append(std::to_string(offset));
  }

  const std::string bytes_ = traces::TraceBytes(traces::TinyTrace(), {.compression = GetParam()});
  const std::vector<std::size_t> offsets_ = traces::EntryOffsets(bytes_);
  fuzz::MemoryFile file_;
};

TEST_P(DamagedTrace, EveryFlippedBitIsNoticed) {
  std::string damaged = bytes_;
  for (std::size_t at = 0; at < bytes_.size() && !HasFatalFailure(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      damaged[at] = static_cast<char>(bytes_[at] ^ 1 << bit);
      ExpectNoticed(damaged, at);
    }
    damaged[at] = bytes_[at];
  }
}

TEST_P(DamagedTrace, EveryCutIsNoticed) {
  for (std::size_t size = 0; size < bytes_.size() && !HasFatalFailure(); ++size) {
    ExpectNoticed(bytes_.substr(0, size), size);
  }
}

TEST_P(DamagedTrace, CanaryWithoutDamageNothingIsNoticed) {
  file_.Set(bytes_);
  EXPECT_EQ(Verified(file_.path()), absl::OkStatus());
}

INSTANTIATE_TEST_SUITE_P(All, DamagedTrace,
                         testing::Values(traces::Compression::kNone, traces::Compression::kPacked,
                                         traces::Compression::kZstd),
                         [](const auto& info) {
                           return std::string(traces::kCompressionNames.NameOf(info.param));
                         });

// Two services, one record each.
traces::Summary Sample() {
  traces::Summary summary;
  summary.records = 2;
  summary.chunks = 1;
  summary.last_time = sim::VirtualTime(5);
  summary.end_time = sim::VirtualTime(10);
  summary.totals = {{.by_level = {1, 0, 0}}, {.by_level = {0, 0, 1}}};
  summary.index = {{.offset = 64, .first_time = sim::VirtualTime(0)}};
  return summary;
}

std::string DifferenceAfter(void (*change)(traces::Summary&)) {
  traces::Catalogue catalogue;
  catalogue.services = {{.name = "auth"}, {.name = "cart"}};
  traces::Summary stated = Sample();
  change(stated);
  return Difference(stated, Sample(), catalogue);
}

TEST(Difference, IsEmptyBetweenEquals) {
  EXPECT_EQ(DifferenceAfter([](traces::Summary&) {}), "");
}

TEST(Difference, NamesWhatTheFooterSaysOtherwise) {
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.records = 3; }),
            "3 records, but there are 2");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.chunks = 2; }), "2 chunks, but there are 1");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.first_time = sim::VirtualTime(1); }),
            "another time of the first record");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.last_time = sim::VirtualTime(6); }),
            "another time of the last record");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.end_time = sim::VirtualTime(4); }),
            "that the trace ends before its last record");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.totals[1].by_level = {1, 0, 0}; }),
            "'cart' has 1 INFO, 0 WARN, 0 ERROR, but it has 0 INFO, 0 WARN, 1 ERROR");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.occurrences.emplace_back(); }),
            "other occurrences than its faults have");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.index.clear(); }),
            "an index of 0 entries, not 1");
  EXPECT_EQ(DifferenceAfter([](traces::Summary& s) { s.index[0].offset = 72; }),
            "an index whose entry 0 is not that of the chunk at byte 64");
  EXPECT_THAT(DifferenceAfter([](traces::Summary& s) { s.digest.high = 1; }),
              HasSubstr("but the records give 00000000000000000000000000000000"));
}

// Minute 3 of two services, and minute 5 of the second one.
traces::Rollup SampleRollup() {
  using traces::ServiceId;
  return {.cells = {{.interval = 3, .key = {ServiceId{0}}, .bins = 1},
                    {.interval = 3, .key = {ServiceId{1}}, .bins = 2},
                    {.interval = 5, .key = {ServiceId{1}}, .bins = 1}},
          .bins = {{.records = 1}, {.records = 2}, {.records = 3, .bin = 9}, {.records = 4}}};
}

std::string RollupDifferenceAfter(void (*change)(traces::Rollup&)) {
  traces::Catalogue catalogue;
  catalogue.services = {{.name = "auth"}, {.name = "cart"}};
  traces::Rollup stated = SampleRollup();
  change(stated);
  return Difference(stated, SampleRollup(), catalogue);
}

TEST(Difference, NamesWhatTheRollupSaysOtherwise) {
  EXPECT_EQ(RollupDifferenceAfter([](traces::Rollup&) {}), "");
  EXPECT_EQ(RollupDifferenceAfter([](traces::Rollup& r) { r.width = sim::Minutes(10); }),
            "a rollup by 10m, but its records fit one by 1m");
  EXPECT_EQ(RollupDifferenceAfter([](traces::Rollup& r) { r.cells[0].rest_ms = 1; }),
            "a rollup that differs from the records of 'auth' from 3m on");
  EXPECT_EQ(RollupDifferenceAfter([](traces::Rollup& r) { r.bins[2].records = 2; }),
            "a rollup that differs from the records of 'cart' from 3m on");
  EXPECT_EQ(
      RollupDifferenceAfter([](traces::Rollup& r) { r.cells[2].key.level = traces::Level{1}; }),
      "a rollup that differs from the records of 'cart' from 5m on");
  EXPECT_EQ(RollupDifferenceAfter([](traces::Rollup& r) {
              r.cells.pop_back();
              r.bins.pop_back();
            }),
            "a rollup of 2 cells, not 3");
}

}  // namespace
}  // namespace groundhog::analysis
