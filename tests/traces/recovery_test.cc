// A thorough reader gives every record of the undamaged chunks, whatever else is damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/byte_order.h"
#include "traces/chunk_map.h"
#include "traces/compression.h"
#include "traces/entry_search.h"
#include "traces/file_input.h"
#include "traces/format.h"
#include "traces/reader.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kChunkRecords = 5;

class Recovery : public testing::Test {
 protected:
  ReadBack Read(const std::string& bytes) {
    WriteFile(file_.path(), bytes);
    return ReadTrace(file_.path(), {.is_thorough = true});
  }

  // How many records the footer says there are, after reading to the end; nullopt: no footer.
  std::optional<std::uint64_t> FooterRecords(const std::string& bytes) {
    WriteFile(file_.path(), bytes);
    const auto reader = Reader::Open(file_.path(), {.is_thorough = true});
    EXPECT_TRUE(reader.ok()) << reader.status();
    std::vector<Record> records;
    while ((*reader)->NextChunk(&records).value_or(true)) {
    }
    const Summary* const footer = (*reader)->footer();
    return footer == nullptr ? std::nullopt : std::optional(footer->records);
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

TEST_F(Recovery, AHeaderIsFoundWhereNeitherEndHasOne) {
  const std::string without_header = std::string(offsets_[1], '\0') + bytes_.substr(offsets_[1]);
  std::string without_ends = without_header;
  without_ends[bytes_.size() - 1] ^= 1;
  for (const std::string& bytes :
       {without_ends, bytes_.substr(offsets_[1]), "x" + bytes_, without_header + "x"}) {
    const ReadBack back = Read(bytes);
    ASSERT_TRUE(back.open.ok()) << back.open;
    ASSERT_FALSE(back.damages.empty());
    EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("damaged in the header"));
    EXPECT_TRUE(back.records == trace_.records);
    EXPECT_FALSE(back.complete);
    EXPECT_FALSE(ReadTrace(file_.path()).open.ok()) << "only a thorough reader searches";
  }
  EXPECT_EQ(Read(without_header.substr(0, offsets_[footer_ - 1])).open.code(),
            absl::StatusCode::kInvalidArgument);
}

// What is behind the chunks may be damaged, and still be known.
TEST_F(Recovery, ASoundFooterCountsWhateverElseIsDamaged) {
  const std::string cut = bytes_.substr(0, bytes_.size() - 1);
  const std::string shorter = bytes_.substr(0, offsets_[1]) + bytes_.substr(offsets_[2]);
  const std::string last_is_lost =
      bytes_.substr(0, offsets_[footer_ - 2]) + bytes_.substr(offsets_[footer_ - 1]);
  for (const std::string& bytes : {bytes_, cut, shorter, last_is_lost, bytes_ + "x"}) {
    EXPECT_EQ(FooterRecords(bytes), trace_.records.size());
  }
  std::string footer_is_damaged = bytes_;
  footer_is_damaged[offsets_[footer_] + 40] ^= 1;
  SampleTrace other = trace_;
  other.info.seed += 1;
  const std::string others = TraceBytes(other, {.chunk_records = kChunkRecords});
  const std::string has_footer_of_another =
      bytes_.substr(0, offsets_[footer_]) + others.substr(EntryOffsets(others)[footer_]);
  for (const std::string& bytes :
       {bytes_.substr(0, offsets_[footer_]), footer_is_damaged, has_footer_of_another}) {
    EXPECT_EQ(FooterRecords(bytes), std::nullopt);
  }
}

// --- What is sound, but not where it should be.

class Misplaced : public Recovery {
 protected:
  std::string Entry(std::size_t i) const {
    return bytes_.substr(offsets_[i], offsets_[i + 1] - offsets_[i]);
  }

  // The file with `entries` in the place of `count` entries from number `begin` on.
  std::string With(std::size_t begin, std::size_t count, const std::string& entries) const {
    return bytes_.substr(0, offsets_[begin]) + entries + bytes_.substr(offsets_[begin + count]);
  }

  void ExpectAllRecords(const std::string& bytes) {
    const ReadBack back = Read(bytes);
    ASSERT_TRUE(back.open.ok()) << back.open;
    EXPECT_TRUE(back.records == trace_.records);
    EXPECT_FALSE(back.damages.empty());
    EXPECT_EQ(back.complete, back.incompleteness.ok());
    for (const absl::Status& damage : back.damages) {
      EXPECT_THAT(std::string(damage.message()), HasSubstr("byte "));
    }
    EXPECT_EQ(FooterRecords(bytes), trace_.records.size());
  }
};

TEST_F(Misplaced, ACopyOfAnyEntryAnywhereCostsNothing) {
  for (std::size_t at = 1; at <= footer_; ++at) {
    for (std::size_t copied = 0; copied <= footer_ + 1; ++copied) {
      SCOPED_TRACE("entry " + std::to_string(copied) + " before entry " + std::to_string(at));
      const std::string damaged = With(at, 0, Entry(copied));
      ExpectAllRecords(damaged);
      std::string without_trailer = damaged;
      without_trailer.back() ^= 1;
      ExpectAllRecords(without_trailer);
    }
  }
}

TEST_F(Misplaced, ChunksInAnyOrderComeInThatOfTheirRecords) {
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i < footer_; ++i) order.push_back(i);
  ASSERT_GE(order.size(), 4U);
  TestRandom random(sim::TestSeed());
  for (int round = 0; round < 200; ++round) {
    for (std::size_t i = order.size() - 1; i > 0; --i) {
      std::swap(order[i], order[random.Below(i + 1)]);
    }
    if (std::ranges::is_sorted(order)) continue;
    std::string entries;
    for (const std::size_t i : order) entries += Entry(i);
    SCOPED_TRACE(testing::PrintToString(order));
    ExpectAllRecords(With(1, order.size(), entries));
    ExpectAllRecords(bytes_.substr(0, offsets_[1]) + Entry(footer_) + entries);
  }
}

TEST_F(Misplaced, AFooterInTheMiddleIsNoEndOfAFileThatHasOneAtItsEnd) {
  const SampleTrace trace = {.info = SampleInfo(),
                             .catalogue = SampleCatalogue(),
                             .records = SampleRecords(400, 0, 1'000'000)};
  const std::string bytes = TraceBytes(trace, {.chunk_records = kChunkRecords});
  const std::vector<std::size_t> offsets = EntryOffsets(bytes);
  const std::size_t footer = offsets.size() - 3;
  const std::string copy = bytes.substr(offsets[footer], offsets[footer + 1] - offsets[footer]);
  std::size_t left = 2;  // the first entry behind the copy that is whole
  while (offsets[left] - offsets[2] < copy.size()) ++left;
  ASSERT_LT(left, footer);
  std::vector<Record> others = trace.records;
  others.erase(others.begin() + kChunkRecords,
               others.begin() + static_cast<std::ptrdiff_t>(kChunkRecords * (left - 1)));
  std::string damaged = bytes;
  WriteFile(file_.path(), damaged.replace(offsets[2], copy.size(), copy));
  for (const bool is_thorough : {false, true}) {
    const ReadBack back = ReadTrace(file_.path(), {.is_thorough = is_thorough});
    EXPECT_TRUE(back.records == others);
    EXPECT_FALSE(back.damages.empty());
    EXPECT_TRUE(back.complete) << back.incompleteness;
  }
}

TEST_F(Misplaced, AMapThatDoesNotHoldAllChunksHasTheOthersLater) {
  std::string entries;
  for (std::size_t i = footer_ - 1; i > 0; --i) entries = Entry(i) + entries;
  WriteFile(file_.path(), entries);
  const auto input = FileInput::Open(file_.path(), nullptr);
  ASSERT_TRUE(input.ok()) << input.status();
  for (std::size_t chunks_max : {1, 2, 100}) {
    EntrySearch search(**input);
    ChunkMap map(search, chunks_max);
    ASSERT_TRUE(map.Make(0).ok());
    std::vector<std::uint64_t> found;
    for (std::uint64_t position = 0;; position += kChunkRecords) {
      const auto next = map.Next(position);
      ASSERT_TRUE(next.ok()) << next.status();
      if (!next->has_value()) break;
      found.push_back(**next + offsets_[1]);
    }
    EXPECT_TRUE(std::equal(found.begin(), found.end(), offsets_.begin() + 1,
                           offsets_.begin() + static_cast<std::ptrdiff_t>(footer_ - 1)));
    EXPECT_EQ(map.footer(), std::nullopt);
  }
}

// The start of an entry that claims so many bytes, as often as is said; none is sound.
std::string FalseStarts(std::size_t count, std::uint64_t claimed) {
  std::string start(24, '\0');
  StoreLittleEndian64((claimed / 8 - 1) << 32, start.data());
  StoreLittleEndian64(0x0001'0003'0000'0000, start.data() + 8);
  StoreLittleEndian64(kMarker, start.data() + kMarkerOffset);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += start;
  return bytes;
}

// A search may read four times the file, and a gigabyte, in vain.
TEST(EntrySearch, SaysThatItHasGivenUp) {
  constexpr std::size_t kClaimed = std::size_t{31} << 20;
  for (const std::size_t starts : {10, 60}) {
    const TestFile file("hostile.ghog");
    WriteFile(file.path(), FalseStarts(starts, kClaimed) + std::string(kClaimed, 'x'));
    const auto input = FileInput::Open(file.path(), nullptr);
    ASSERT_TRUE(input.ok()) << input.status();
    EntrySearch search(**input);
    const auto found = search.Find(0);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_FALSE(found->has_value());
    EXPECT_EQ(search.has_given_up(), starts == 60);
  }
}

// Each is sound, and none has a header: to search for one is no reason to read a file again and
// again.
TEST_F(Misplaced, ManySmallEntriesCostNoTime) {
  const std::string trailer = Entry(footer_ + 1) + std::string(8, '\0');
  std::string hostile(8, '\0');
  for (int i = 0; i < 100'000; ++i) hostile += trailer;
  EXPECT_EQ(Read(hostile).open.code(), absl::StatusCode::kInvalidArgument);
  const ReadBack back = Read(bytes_.substr(0, offsets_[2]) + hostile);
  EXPECT_TRUE(back.open.ok());
  EXPECT_LT(back.damages.size(), 10U);
}

// --- Any one damaged region.

// A chunk as it is in the file, and its records.
struct WrittenChunk {
  std::string bytes;
  std::vector<Record> records;
};

struct WrittenTrace {
  std::string bytes;
  std::string header;
  std::string appendix;  // which repeats the header
  std::vector<WrittenChunk> chunks;
};

WrittenTrace Written(const SampleTrace& trace, const WriterOptions& options) {
  WrittenTrace written{.bytes = TraceBytes(trace, options)};
  const std::vector<std::size_t> offsets = EntryOffsets(written.bytes);
  const auto entry = [&](std::size_t i) {
    return written.bytes.substr(offsets[i], offsets[i + 1] - offsets[i]);
  };
  const TestFile file("written.ghog");
  WriteFile(file.path(), written.bytes);
  const auto reader = Reader::Open(file.path());
  EXPECT_TRUE(reader.ok()) << reader.status();
  written.header = entry(0);
  written.appendix = entry(offsets.size() - 4);
  for (std::size_t i = 1; i + 4 < offsets.size(); ++i) {
    WrittenChunk chunk{.bytes = entry(i)};
    EXPECT_TRUE((*reader)->NextChunk(&chunk.records).value_or(false));
    written.chunks.push_back(std::move(chunk));
  }
  return written;
}

std::string Noise(TestRandom& random, std::size_t size) {
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(random.Next());
  return noise;
}

// The trace with one region overwritten, lost or put in. Small and large ones, anywhere; every
// fourth begins in the header.
std::string DamagedOnce(const WrittenTrace& written, TestRandom& random) {
  const std::string& bytes = written.bytes;
  const std::size_t begin =
      random.Below(random.OneIn(4) ? written.header.size() : written.bytes.size());
  const std::size_t longest = std::size_t{1} << random.Below(16);
  const std::size_t size = 1 + random.Below(std::min(bytes.size() - begin, longest));
  const std::string before = bytes.substr(0, begin);
  const std::string after = bytes.substr(begin + size);
  const std::size_t other = random.Below(bytes.size() - size + 1);
  switch (random.Below(7)) {
    case 0:
      return before + std::string(size, '\0') + after;
    case 1:
      return before + Noise(random, size) + after;
    case 2:
      return before + after;
    case 3:
      return before + Noise(random, size) + bytes.substr(begin);
    case 4:  // with another part of the file
      return before + bytes.substr(other, size) + after;
    case 5:
      return before + bytes.substr(other, size) + bytes.substr(begin);
    default:
      return before + std::string(size, '\0') + bytes.substr(begin);
  }
}

// The records of the chunks that are in `damaged` as they were written.
std::vector<Record> UndamagedRecords(const WrittenTrace& written, const std::string& damaged) {
  std::vector<Record> records;
  for (const WrittenChunk& chunk : written.chunks) {
    if (damaged.find(chunk.bytes) == std::string::npos) continue;
    records.insert(records.end(), chunk.records.begin(), chunk.records.end());
  }
  return records;
}

class RecoveryOfARegion : public testing::TestWithParam<Compression> {};

TEST_P(RecoveryOfARegion, GivesTheRecordsOfAllUndamagedChunksAndNoOther) {
  TestRandom random(sim::TestSeed());
  const TestFile file("region.ghog");
  std::size_t recovered = 0;
  std::size_t without_header = 0;
  for (int round = 0; round < 10; ++round) {
    const WrittenTrace written = Written(RandomTrace(random.Next(), 150 + random.Below(150)),
                                         {.compression = GetParam(), .chunk_records = 12});
    ASSERT_GT(written.chunks.size(), 10U);
    for (int i = 0; i < 60; ++i) {
      SCOPED_TRACE("round " + std::to_string(round) + ", damage " + std::to_string(i) +
                   " with --seed=" + std::to_string(sim::TestSeed()));
      const std::string damaged = DamagedOnce(written, random);
      WriteFile(file.path(), damaged);
      const ReadBack back = ReadTrace(file.path(), {.is_thorough = true});
      if (damaged.find(written.header) != 0) ++without_header;
      if (damaged.find(written.header) == std::string::npos &&
          damaged.find(written.appendix) == std::string::npos) {
        ASSERT_EQ(back.open.code(), absl::StatusCode::kInvalidArgument) << back.open;
        continue;
      }
      ASSERT_TRUE(back.open.ok()) << back.open;
      ASSERT_TRUE(back.records == UndamagedRecords(written, damaged));
      ASSERT_TRUE(damaged == written.bytes || !back.damages.empty() || !back.complete);
      ++recovered;
    }
  }
  EXPECT_GT(recovered, 500U);
  EXPECT_GT(without_header, 20U);
}

INSTANTIATE_TEST_SUITE_P(All, RecoveryOfARegion,
                         testing::Values(Compression::kNone, Compression::kPacked,
                                         Compression::kZstd),
                         [](const auto& info) {
                           return std::string(kCompressionNames.NameOf(info.param));
                         });

}  // namespace
}  // namespace groundhog::traces
