// Damaged and incomplete files: sound chunks are read, damage is reported with its place.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "tests/traces/sample_trace.h"
#include "traces/compression.h"
#include "traces/format.h"
#include "traces/recognition.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kChunkRecords = 5;

// One byte of a file, different as long as this lives.
class OverwrittenByte {
 public:
  OverwrittenByte(const std::string& path, std::size_t offset, char now, char before)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)), offset_(offset), before_(before) {
    EXPECT_EQ(::pwrite(descriptor_, &now, 1, static_cast<off_t>(offset_)), 1);
  }
  ~OverwrittenByte() {
    EXPECT_EQ(::pwrite(descriptor_, &before_, 1, static_cast<off_t>(offset_)), 1);
    ::close(descriptor_);
  }
  OverwrittenByte(const OverwrittenByte&) = delete;
  OverwrittenByte& operator=(const OverwrittenByte&) = delete;

 private:
  const int descriptor_;
  const std::size_t offset_;
  const char before_;
};

class Damage : public testing::TestWithParam<Compression> {
 protected:
  // Entry of `byte`: 0 the header, then the chunks.
  std::size_t EntryOf(std::size_t byte) const {
    return std::size_t(std::ranges::upper_bound(offsets_, byte) - offsets_.begin()) - 1;
  }

  // The records without those of chunk `lost` (0: the first).
  std::vector<Record> Without(std::size_t lost) const {
    std::vector<Record> rest;
    for (std::size_t i = 0; i < trace_.records.size(); ++i) {
      if (i / kChunkRecords != lost) rest.push_back(trace_.records[i]);
    }
    return rest;
  }

  const SampleTrace trace_ = GoldenTrace();
  const std::string bytes_ =
      TraceBytes(trace_, {.compression = GetParam(), .chunk_records = kChunkRecords});
  const std::vector<std::size_t> offsets_ = EntryOffsets(bytes_);
  const std::size_t chunks_ = offsets_.size() - 5;
  const TestFile file_{"damaged.ghog"};
};

TEST_P(Damage, CutAnywhereGivesTheWholeChunksBefore) {
  WriteFile(file_.path(), bytes_);
  for (std::size_t size = bytes_.size(); size-- > 0;) {
    ASSERT_EQ(::truncate(file_.path().c_str(), static_cast<off_t>(size)), 0);
    const ReadBack back = ReadTrace(file_.path());
    if (size < offsets_[1]) {
      ASSERT_EQ(back.open.code(), absl::StatusCode::kInvalidArgument) << size;
      ASSERT_THAT(std::string(back.open.message()), HasSubstr("not a Groundhog trace"));
      continue;
    }
    ASSERT_TRUE(back.open.ok()) << size << back.open;
    ASSERT_TRUE(back.damages.empty()) << size << back.damages[0];
    ASSERT_FALSE(back.complete) << size;
    ASSERT_EQ(back.incompleteness.code(), absl::StatusCode::kDataLoss) << size;
    ASSERT_TRUE(back.summary.empty());
    const std::size_t whole = std::min(EntryOf(size) - 1, chunks_);
    const std::size_t count = std::min<std::size_t>(whole * kChunkRecords, trace_.records.size());
    ASSERT_TRUE(std::ranges::equal(back.records, std::span(trace_.records).first(count))) << size;
  }
}

TEST_P(Damage, CutPipeGivesTheWholeChunksBefore) {
  for (std::size_t size = offsets_[1]; size < bytes_.size(); size += 97) {
    const ReadBack back = ReadTraceFromPipe(std::string_view(bytes_).substr(0, size));
    ASSERT_TRUE(back.open.ok() && back.damages.empty()) << size;
    ASSERT_FALSE(back.complete);
    const std::size_t whole = std::min(EntryOf(size) - 1, chunks_);
    ASSERT_EQ(back.records.size(),
              std::min<std::size_t>(whole * kChunkRecords, trace_.records.size()));
  }
}

// One byte at a time, each of three ways. No flip goes unnoticed, and no other chunk suffers.
TEST_P(Damage, AnyFlippedByteCostsItsEntryAndNoMore) {
  WriteFile(file_.path(), bytes_);
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    for (const char mask : {'\x01', '\x80', '\xFF'}) {
      const OverwrittenByte damage(file_.path(), at, static_cast<char>(bytes_[at] ^ mask),
                                   bytes_[at]);
      const ReadBack back = ReadTrace(file_.path());
      const std::size_t entry = EntryOf(at);
      ASSERT_TRUE(back.open.ok()) << at << back.open;
      if (entry == 0) {
        ASSERT_EQ(back.damages.size(), 1u) << at;
        ASSERT_THAT(std::string(back.damages[0].message()), HasSubstr("damaged in the header"));
        ASSERT_TRUE(back.records == trace_.records) << at;
        ASSERT_TRUE(back.complete) << at;
        continue;
      }
      if (entry > chunks_ + 1) {  // footer or trailer
        ASSERT_TRUE(back.records == trace_.records) << at;
        ASSERT_FALSE(back.complete) << at;
        ASSERT_FALSE(back.incompleteness.ok()) << at;
        continue;
      }
      ASSERT_EQ(back.damages.size(), 1u) << at;
      ASSERT_EQ(back.damages[0].code(), absl::StatusCode::kDataLoss);
      ASSERT_THAT(std::string(back.damages[0].message()),
                  HasSubstr("at byte " + std::to_string(offsets_[entry])));
      ASSERT_TRUE(back.records == Without(entry - 1)) << at;  // all, if it is the appendix
      ASSERT_TRUE(back.complete);
      ASSERT_EQ(back.rollup.ok(), entry <= chunks_) << at;
    }
  }
}

// The appendix repeats the header; when neither is sound, nothing can be read.
TEST_P(Damage, OfADamagedHeaderTheEndTakesThePlaceUnlessItIsDamagedToo) {
  const std::size_t appendix = offsets_[chunks_ + 1];
  const auto flipped = [this](std::size_t at) { return static_cast<char>(bytes_[at] ^ 1); };
  const auto expect_no_trace = [&](std::size_t at) {
    const OverwrittenByte damage(file_.path(), at, flipped(at), bytes_[at]);
    const ReadBack back = ReadTrace(file_.path());
    ASSERT_EQ(back.open.code(), absl::StatusCode::kInvalidArgument) << at;
    ASSERT_THAT(std::string(back.open.message()), HasSubstr(file_.path() + ": ")) << at;
    ASSERT_EQ(back.open.message().find('\n'), std::string::npos) << at;
  };
  WriteFile(file_.path(), bytes_);
  {
    const std::size_t one = appendix + 200;
    const OverwrittenByte in_the_appendix(file_.path(), one, flipped(one), bytes_[one]);
    for (std::size_t at = 0; at < offsets_[1]; ++at) expect_no_trace(at);
  }
  const OverwrittenByte in_the_header(file_.path(), 100, flipped(100), bytes_[100]);
  for (std::size_t at = appendix; at < bytes_.size(); ++at) expect_no_trace(at);
}

TEST_P(Damage, BothEndsDamagedOrAPipeIsToldInPlainWords) {
  std::string damaged = bytes_;
  damaged[100] = static_cast<char>(damaged[100] ^ 1);
  EXPECT_THAT(std::string(ReadTraceFromPipe(damaged).open.message()),
              HasSubstr("its header, the entry at byte 0, is damaged: the checksum does not match; "
                        "a pipe's header "
                        "cannot be read from the footer, as a file's can"));
  damaged[offsets_[chunks_ + 1] + 100] ^= 1;
  WriteFile(file_.path(), damaged);
  EXPECT_THAT(std::string(ReadTrace(file_.path()).open.message()),
              HasSubstr("its header, the entry at byte 0, is damaged: the checksum does not match; "
                        "it cannot be read "
                        "from the footer either: the checksum does not match"));
}

TEST_P(Damage, WithADamagedHeaderAllIsSoughtAsEver) {
  std::string damaged = bytes_;
  damaged[20] ^= 1;  // the marker
  WriteFile(file_.path(), damaged);
  auto reader = Reader::Open(file_.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->header_damage().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ((*reader)->format_version(), kFormatVersion);
  EXPECT_EQ((*reader)->info(), trace_.info);
  EXPECT_EQ((*reader)->catalogue(), trace_.catalogue);
  std::vector<Record> records;
  ASSERT_EQ((*reader)->SeekToPosition(7), absl::OkStatus());
  EXPECT_EQ((*reader)->NextChunk(&records).status(), (*reader)->header_damage()) << "once";
  for (const std::uint64_t position : {7u, 12u, 0u}) {
    ASSERT_EQ((*reader)->SeekToPosition(position), absl::OkStatus());
    ASSERT_TRUE(*(*reader)->NextChunk(&records));
    EXPECT_EQ((*reader)->position(), position);
    EXPECT_EQ(records[0], trace_.records[position]);
  }
}

TEST_P(Damage, ADamagedHeaderBeforeADamagedChunkAreBothTold) {
  std::string damaged = bytes_;
  damaged[4] ^= 1;  // the header's length
  damaged[offsets_[1] + 100] ^= 1;
  WriteFile(file_.path(), damaged);
  const ReadBack back = ReadTrace(file_.path());
  ASSERT_EQ(back.damages.size(), 2u);
  EXPECT_TRUE(back.records == Without(0));
  EXPECT_TRUE(back.complete);
}

TEST_P(Damage, ATraceIsKnownByEitherEndAndNothingElseIs) {
  WriteFile(file_.path(), bytes_);
  EXPECT_TRUE(LooksLikeTrace(file_.path()));
  std::string damaged = bytes_;
  damaged[20] ^= 1;
  WriteFile(file_.path(), damaged);
  EXPECT_TRUE(LooksLikeTrace(file_.path()));
  WriteFile(file_.path(), bytes_.substr(0, 24));
  EXPECT_TRUE(LooksLikeTrace(file_.path()));
  for (const std::string& other : {std::string(), bytes_.substr(0, 23), bytes_.substr(1),
                                   std::string("name: x\n"), std::string(1000, '\0')}) {
    WriteFile(file_.path(), other.substr(0, other.size() > 200 ? 200 : other.size()));
    EXPECT_FALSE(LooksLikeTrace(file_.path()));
  }
  EXPECT_FALSE(LooksLikeTrace("/nowhere"));
  EXPECT_FALSE(LooksLikeTrace("/dev/zero"));
}

TEST_P(Damage, AFlippedByteInAPipeNeverGivesWrongRecords) {
  for (std::size_t at = offsets_[1]; at < bytes_.size(); at += 61) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ '\x04');
    const ReadBack back = ReadTraceFromPipe(damaged);
    const std::size_t entry = EntryOf(at);
    const bool is_length = at - offsets_[entry] < 8;
    ASSERT_FALSE(back.damages.empty() && back.incompleteness.ok()) << at;
    if (entry <= chunks_ + 1 && !is_length) {
      ASSERT_TRUE(back.records == Without(entry - 1)) << at;
      ASSERT_TRUE(back.complete);
    }
    for (const Record& record : back.records) {
      ASSERT_TRUE(std::ranges::find(trace_.records, record) != trace_.records.end()) << at;
    }
  }
}

TEST_P(Damage, ZeroedStretchCostsTheChunksItTouches) {
  std::string damaged = bytes_;
  std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(offsets_[1] + 40),
            damaged.begin() + static_cast<std::ptrdiff_t>(offsets_[2] + 40), '\0');
  WriteFile(file_.path(), damaged);
  const ReadBack back = ReadTrace(file_.path());
  EXPECT_EQ(back.damages.size(), 2u);
  EXPECT_TRUE(std::ranges::equal(back.records, std::span(trace_.records).subspan(10)));
}

TEST_P(Damage, MissingChunkIsToldAndTheRestGiven) {
  for (std::size_t lost = 0; lost < chunks_; ++lost) {
    const std::string damaged =
        bytes_.substr(0, offsets_[lost + 1]) + bytes_.substr(offsets_[lost + 2]);
    WriteFile(file_.path(), damaged);
    for (const ReadBack& back : {ReadTrace(file_.path()), ReadTraceFromPipe(damaged)}) {
      ASSERT_FALSE(back.damages.empty());
      const char* says = lost + 1 < chunks_ ? "are missing" : "the footer counts 18 records";
      EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr(says));
      EXPECT_TRUE(back.records == Without(lost)) << lost;
      EXPECT_FALSE(back.complete);
    }
  }
}

TEST_P(Damage, ChunksInAnotherOrderAreTold) {
  const auto entry = [this](std::size_t i) {
    return bytes_.substr(offsets_[i], offsets_[i + 1] - offsets_[i]);
  };
  WriteFile(file_.path(), entry(0) + entry(2) + entry(1) + entry(3) + entry(4) + entry(5));
  const ReadBack back = ReadTrace(file_.path());
  ASSERT_FALSE(back.damages.empty());
  EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("are missing"));
  EXPECT_TRUE(std::ranges::is_sorted(back.records, {}, &Record::time));
}

TEST_P(Damage, RepeatedChunkIsTold) {
  const std::string twice = bytes_.substr(0, offsets_[2]) + bytes_.substr(offsets_[1]);
  const ReadBack back = ReadTraceFromPipe(twice);
  ASSERT_FALSE(back.damages.empty());
  EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("begins with record 0, not 5"));
  EXPECT_TRUE(back.records == trace_.records);
}

TEST_P(Damage, BytesAfterTheTrailerAreTold) {
  for (const std::string& more : {std::string("x"), bytes_}) {
    WriteFile(file_.path(), bytes_ + more);
    for (const ReadBack& back : {ReadTrace(file_.path()), ReadTraceFromPipe(bytes_ + more)}) {
      ASSERT_EQ(back.damages.size(), 1u);
      EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("follows the trailer"));
      EXPECT_FALSE(back.complete);
      EXPECT_TRUE(back.records == trace_.records);
    }
  }
}

TEST_P(Damage, EndOfAnotherTraceIsTold) {
  SampleTrace other = trace_;
  other.info.seed += 1;
  const std::string others =
      TraceBytes(other, {.compression = GetParam(), .chunk_records = kChunkRecords});
  const std::vector<std::size_t> offsets = EntryOffsets(others);
  for (const std::size_t from : {chunks_ + 1, chunks_ + 2}) {  // the appendix, the footer
    const std::string mixed = bytes_.substr(0, offsets_[from]) + others.substr(offsets[from]);
    WriteFile(file_.path(), mixed);
    for (const ReadBack& back : {ReadTrace(file_.path()), ReadTraceFromPipe(mixed)}) {
      ASSERT_EQ(back.damages.size(), chunks_ + 3 - from);
      for (const absl::Status& damage : back.damages) {
        EXPECT_THAT(std::string(damage.message()), HasSubstr("another header"));
      }
      EXPECT_FALSE(back.complete);
      EXPECT_TRUE(back.records == trace_.records) << "a header that is sound is believed";
    }
  }
}

// A footer may not hide what lies before it.
TEST_P(Damage, SomethingBetweenTheEntriesOfTheEndIsTold) {
  const auto entry = [this](std::size_t i) {
    return bytes_.substr(offsets_[i], offsets_[i + 1] - offsets_[i]);
  };
  std::string start = bytes_.substr(0, offsets_[chunks_ + 1]);
  const auto expect_told = [&](const std::string& bytes, const char* says) {
    const ReadBack back = ReadTraceFromPipe(bytes);
    ASSERT_FALSE(back.damages.empty()) << says;
    EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr(says));
    EXPECT_TRUE(back.records == trace_.records) << says;
    EXPECT_FALSE(back.complete) << says;
  };
  const std::string appendix = entry(chunks_ + 1);
  const std::string end = entry(chunks_ + 2) + entry(chunks_ + 3);
  expect_told(start + end, "does not point to it");
  expect_told(start + appendix + appendix + end, "a chunk or the footer should be here");
}

TEST_P(Damage, SeekingPassesOverADamagedChunk) {
  std::string damaged = bytes_;
  damaged[offsets_[2] + 100] ^= 1;
  WriteFile(file_.path(), damaged);
  auto reader = Reader::Open(file_.path());
  ASSERT_TRUE(reader.ok());
  std::vector<Record> records;
  for (const std::uint64_t position : {10u, 7u, 0u}) {
    ASSERT_EQ((*reader)->SeekToPosition(position), absl::OkStatus());
    const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
    if (position == 7) {
      EXPECT_EQ(more.status().code(), absl::StatusCode::kDataLoss);
      ASSERT_TRUE(*(*reader)->NextChunk(&records));
      EXPECT_EQ((*reader)->position(), 10u);
    } else {
      ASSERT_TRUE(more.ok());
      EXPECT_EQ((*reader)->position(), position);
    }
  }
}

// By the index, which knows where a chunk's last record is.
TEST_P(Damage, SeekingATimeReadsNoChunkThatEndsBeforeIt) {
  std::size_t chunk = 2;  // entry
  const auto first_of = [](std::size_t entry) { return (entry - 1) * kChunkRecords; };
  while (trace_.records[first_of(chunk) - 1].time == trace_.records[first_of(chunk)].time) ++chunk;
  ASSERT_LE(chunk, chunks_);
  std::string damaged = bytes_;
  damaged[offsets_[chunk - 1] + 100] ^= 1;
  WriteFile(file_.path(), damaged);
  auto reader = Reader::Open(file_.path());
  ASSERT_TRUE(reader.ok());
  std::vector<Record> records;
  const std::size_t first = first_of(chunk);
  ASSERT_EQ((*reader)->SeekTo(trace_.records[first].time), absl::OkStatus());
  ASSERT_TRUE(*(*reader)->NextChunk(&records));
  EXPECT_EQ((*reader)->position(), first);
  ASSERT_EQ((*reader)->SeekTo(trace_.records[first - 1].time), absl::OkStatus());
  EXPECT_EQ((*reader)->NextChunk(&records).status().code(), absl::StatusCode::kDataLoss);
}

INSTANTIATE_TEST_SUITE_P(
    All, Damage, testing::Values(Compression::kNone, Compression::kPacked, Compression::kZstd),
    [](const auto& info) { return std::string(kCompressionNames.NameOf(info.param)); });

}  // namespace
}  // namespace groundhog::traces
