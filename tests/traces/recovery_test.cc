// A thorough reader gives every record of the undamaged chunks, whatever else is damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/traces/sample_trace.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

constexpr std::uint32_t kChunkRecords = 5;

class Recovery : public testing::Test {
 protected:
  ReadBack Read(const std::string& bytes) {
    WriteFile(file_.path(), bytes);
    return ReadTrace(file_.path(), {.is_thorough = true});
  }

  // The records without those of the chunks that entries `first` to `last` are.
  std::vector<Record> Without(std::size_t first, std::size_t last) const {
    std::vector<Record> rest;
    for (std::size_t i = 0; i < trace_.records.size(); ++i) {
      const std::size_t entry = i / kChunkRecords + 1;  // after the header's
      if (entry < first || entry > last) rest.push_back(trace_.records[i]);
    }
    return rest;
  }

  std::size_t EntryOf(std::size_t byte) const {
    return std::size_t(std::ranges::upper_bound(offsets_, byte) - offsets_.begin()) - 1;
  }

  const SampleTrace trace_ = GoldenTrace();
  const std::string bytes_ = TraceBytes(trace_, {.chunk_records = kChunkRecords});
  const std::vector<std::size_t> offsets_ = EntryOffsets(bytes_);
  const std::size_t footer_ = offsets_.size() - 3;  // entry
  const TestFile file_{"recovery.ghog"};
};

TEST_F(Recovery, AnyDamagedByteCostsItsOwnChunkOnly) {
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    std::string damaged = bytes_;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    const ReadBack back = Read(damaged);
    const std::size_t entry = EntryOf(byte);
    ASSERT_TRUE(back.open.ok()) << byte << back.open;
    ASSERT_TRUE(back.records == Without(entry, entry)) << byte;
    ASSERT_TRUE(!back.damages.empty() || !back.incompleteness.ok()) << byte;
    ASSERT_EQ(back.complete, entry < footer_) << byte;
  }
}

TEST_F(Recovery, AnyDamagedByteOfAFileWithoutItsEnd) {
  const std::string cut = bytes_.substr(0, offsets_[footer_]);
  for (std::size_t byte = offsets_[1]; byte < cut.size(); ++byte) {
    std::string damaged = cut;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x80);
    const ReadBack back = Read(damaged);
    ASSERT_TRUE(back.records == Without(EntryOf(byte), EntryOf(byte))) << byte;
    ASSERT_FALSE(back.complete);
  }
}

TEST_F(Recovery, ARegionOfZerosOrThatIsLostCostsTheChunksItTouches) {
  TestRandom random(5);
  for (int i = 0; i < 300; ++i) {
    const std::size_t begin = random.Below(offsets_[footer_]);
    const std::size_t end = begin + 1 + random.Below(offsets_[footer_] - begin);
    std::string damaged = bytes_;
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(begin),
              damaged.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    const std::vector<Record> rest = Without(EntryOf(begin), EntryOf(end - 1));
    // Zeros over zeros damage nothing.
    if (damaged == bytes_) continue;
    const ReadBack zeroed = Read(damaged);
    ASSERT_GE(zeroed.records.size(), rest.size());
    ASSERT_TRUE(std::ranges::includes(zeroed.records, rest, {}, &Record::time, &Record::time));

    // Without its bytes, the footer's offsets are wrong, so there is no index.
    const ReadBack shortened = Read(bytes_.substr(0, begin) + bytes_.substr(end));
    if (begin < offsets_[1]) {
      ASSERT_EQ(shortened.open.code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    ASSERT_TRUE(shortened.records == rest) << begin << " to " << end;
  }
}

TEST_F(Recovery, PlacesThatOnlyLookLikeEntriesCostNoTime) {
  // Each claims that the rest of the file belongs to it.
  std::string start = bytes_.substr(offsets_[1], 24);
  std::string hostile = bytes_.substr(0, offsets_[2] - 8);
  constexpr std::size_t kPlaces = 200'000;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const auto words = static_cast<std::uint32_t>((kPlaces - i) * 3 - 1);
    for (std::size_t byte = 0; byte < 4; ++byte) {
      start[4 + byte] = static_cast<char>(words >> (8 * byte));
    }
    hostile += start;
  }
  const ReadBack back = Read(hostile);
  EXPECT_TRUE(back.open.ok());
  EXPECT_TRUE(back.records.empty());
  EXPECT_LT(back.damages.size(), 10U);
}

}  // namespace
}  // namespace groundhog::traces
