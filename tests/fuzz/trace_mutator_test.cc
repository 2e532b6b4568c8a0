// Changed traces reach what is behind the checksums.
#include "fuzz/trace_mutator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "fuzz/memory_file.h"
#include "fuzz/trace_claims.h"
#include "fuzz/trace_entries.h"
#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/compression.h"

namespace groundhog::fuzz {
namespace {

constexpr std::size_t kBytesMax = 1 << 16;

traces::TestRandom& Random() {
  static traces::TestRandom random(sim::TestSeed());
  return random;
}

// Stands for libFuzzer's own: one byte becomes another, or a few more come.
std::size_t ChangeSomething(std::uint8_t* data, std::size_t size, std::size_t size_max) {
  data[Random().Below(size)] = static_cast<std::uint8_t>(Random().Next());
  if (!Random().OneIn(8) || size == size_max) return size;
  data[size] = static_cast<std::uint8_t>(Random().Next());
  return size + 1;
}

std::string Mutated(const std::string& bytes, unsigned int seed) {
  std::vector<std::uint8_t> data(kBytesMax);
  std::copy(bytes.begin(), bytes.end(), data.begin());
  const std::size_t size = MutateTrace(data.data(), bytes.size(), kBytesMax, seed, ChangeSomething);
  return std::string(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
}

std::string WithoutNumbers(const std::string& message) {
  std::string text = message.substr(message.rfind(": ") + 2);
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

TEST(TraceMutator, ReachesWhatIsBehindTheChecksums) {
  MemoryFile file;
  std::set<std::string> complaints;
  int with_wrong_checksum = 0;
  int read_to_the_end = 0;
  constexpr int kMutations = 1'500;
  for (int i = 0; i < kMutations; ++i) {
    const auto compression = i % 2 == 0 ? traces::Compression::kZstd : traces::Compression::kNone;
    const std::string bytes = Mutated(
        traces::TraceBytes(traces::GoldenTrace(), {.compression = compression, .chunk_records = 5}),
        static_cast<unsigned int>(Random().Next()));
    file.Set(bytes);
    const TraceReading reading = ReadAsTrace(file.path(), bytes.size(), /*is_thorough=*/false);
    std::vector<absl::Status> statuses = reading.damages;
    statuses.push_back(reading.open);
    for (const absl::Status& status : statuses) {
      if (status.ok()) continue;
      complaints.insert(WithoutNumbers(std::string(status.message())));
      with_wrong_checksum += status.message().find("checksum") != absl::string_view::npos;
    }
    read_to_the_end += reading.is_whole;
  }
  EXPECT_GT(complaints.size(), 40U) << testing::PrintToString(complaints);
  EXPECT_GT(with_wrong_checksum, 10);
  EXPECT_LT(with_wrong_checksum, kMutations / 4);
  EXPECT_GT(read_to_the_end, kMutations / 20);
}

TEST(TraceMutator, WhatIsNoTraceIsChangedAsAnyBytes) {
  for (const char* bytes : {"x", "name: x\n"}) {
    EXPECT_LE(Mutated(bytes, 1).size(), std::string(bytes).size() + 1);
  }
}

TEST(TraceEntries, ATraceIsTheSumOfItsEntries) {
  const std::string bytes = traces::TraceBytes(traces::GoldenTrace(), {.chunk_records = 5});
  TraceEntries trace = SplitTrace(bytes + "rest");
  EXPECT_EQ(trace.entries.size() + 1, traces::EntryOffsets(bytes).size());
  EXPECT_EQ(trace.rest, "rest");
  EXPECT_EQ(JoinTrace(trace), bytes + "rest");
  trace.rest.clear();
  // Once more: without it the index would point behind the chunks.
  trace.entries.insert(trace.entries.begin() + 1, std::string(trace.entries[1]));
  RepairTrailer(&trace);
  MemoryFile file;
  file.Set(JoinTrace(trace));
  const auto reader = traces::Reader::Open(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE((*reader)->complete()) << "the trailer points to the footer again";
}

}  // namespace
}  // namespace groundhog::fuzz
