#include "traces/writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "tests/traces/sample_trace.h"
#include "traces/digest.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;

std::unique_ptr<Writer> OpenWriter(const std::string& path, WriterOptions options = {}) {
  auto writer = Writer::Open(path, SampleInfo(), SampleCatalogue(), options);
  EXPECT_TRUE(writer.ok()) << writer.status();
  return writer.ok() ? *std::move(writer) : nullptr;
}

bool Exists(const std::string& path) { return std::filesystem::exists(path); }

TEST(Writer, FileGetsItsNameOnlyWhenItIsWhole) {
  const TestFile file("name.ghog");
  auto writer = OpenWriter(file.path());
  ASSERT_EQ(writer->Append(SampleRecords(10, 0, 1)), absl::OkStatus());
  EXPECT_FALSE(Exists(file.path()));
  EXPECT_TRUE(Exists(file.path() + ".partial"));
  ASSERT_EQ(writer->Finish(), absl::OkStatus());
  EXPECT_TRUE(Exists(file.path()));
  EXPECT_FALSE(Exists(file.path() + ".partial"));
}

TEST(Writer, PartialFileIsReadableToItsLastWholeChunk) {
  const TestFile file("partial.ghog");
  auto writer = OpenWriter(file.path(), {.chunk_records = 4});
  const std::vector<Record> records = SampleRecords(10, 0, 1);
  ASSERT_EQ(writer->Append(records), absl::OkStatus());
  const ReadBack back = ReadTrace(file.path() + ".partial");
  EXPECT_FALSE(back.complete);
  EXPECT_TRUE(back.damages.empty());
  EXPECT_THAT(std::string(back.incompleteness.message()), HasSubstr("without a footer"));
  EXPECT_TRUE(std::ranges::equal(back.records, std::span(records).first(8)));
}

TEST(Writer, AbandonRemovesThePartialFileAndKeepsTheOldOne) {
  const TestFile file("abandoned.ghog");
  WriteFile(file.path(), "old");
  auto writer = OpenWriter(file.path());
  writer->Abandon();
  EXPECT_FALSE(Exists(file.path() + ".partial"));
  EXPECT_EQ(ReadFile(file.path()), "old");
  EXPECT_EQ(writer->Append({}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(writer->Finish().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Writer, UnfinishedIsAbandoned) {
  const TestFile file("unfinished.ghog");
  OpenWriter(file.path()).reset();
  EXPECT_FALSE(Exists(file.path()));
  EXPECT_FALSE(Exists(file.path() + ".partial"));
}

TEST(Writer, ReplacesAnOldFileAndItsLeftovers) {
  const TestFile file("replaced.ghog");
  WriteFile(file.path(), std::string(100'000, 'x'));
  WriteFile(file.path() + ".partial", std::string(100'000, 'y'));
  WriteTrace(TinyTrace(), file.path());
  EXPECT_TRUE(ReadTrace(file.path()).complete);
  EXPECT_FALSE(Exists(file.path() + ".partial"));
}

TEST(Writer, FollowsALinkToTheFileItNames) {
  const TestFile file("target.ghog");
  const TestFile link("link.ghog");
  WriteFile(file.path(), "old");
  std::filesystem::create_symlink(file.path(), link.path());
  WriteTrace(TinyTrace(), link.path());
  EXPECT_TRUE(std::filesystem::is_symlink(link.path()));
  EXPECT_TRUE(ReadTrace(file.path()).complete);
}

TEST(Writer, WritesToAFifoDirectly) {
  const TestFile fifo("fifo");
  ASSERT_EQ(::mkfifo(fifo.path().c_str(), 0600), 0);
  const SampleTrace trace = RandomTrace(4, 500);
  std::thread feeder([&] { WriteTrace(trace, fifo.path()); });
  const ReadBack back = ReadTrace(fifo.path());
  feeder.join();
  EXPECT_TRUE(back.complete);
  EXPECT_TRUE(back.records == trace.records);
  EXPECT_FALSE(Exists(fifo.path() + ".partial"));
}

TEST(Writer, TellsThatThePipesReaderHasGone) {
  std::signal(SIGPIPE, SIG_IGN);
  const TestFile fifo("gone");
  ASSERT_EQ(::mkfifo(fifo.path().c_str(), 0600), 0);
  const int reading = ::open(fifo.path().c_str(), O_RDONLY | O_NONBLOCK);
  auto writer = OpenWriter(fifo.path(), {.chunk_records = 1});
  ::close(reading);
  const absl::Status status = writer->Append(SampleRecords(1, 0, 1));
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  EXPECT_EQ(writer->Finish(), status) << "the first error stays";
}

TEST(Writer, FullDeviceIsResourceExhausted) {
  const auto writer = Writer::Open("/dev/full", SampleInfo(), SampleCatalogue());
  EXPECT_EQ(writer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(writer.status().message()), HasSubstr("free some space"));
}

TEST(Writer, SizeLimitIsResourceExhaustedAndLeavesWhatWasWritten) {
  std::signal(SIGXFSZ, SIG_IGN);
  const TestFile file("limited.ghog");
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit low = before;
  low.rlim_cur = 20'000;
  auto writer = OpenWriter(file.path(), {.compression = Compression::kNone, .chunk_records = 100});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    status = writer->Append(SampleRecords(100, i * kSecond, 1));
  }
  const absl::Status again = writer->Append(SampleRecords(1, 200 * kSecond, 1));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("ulimit -f"));
  EXPECT_EQ(again, status);
  EXPECT_THAT(std::string(status.message()), HasSubstr(file.path() + ".partial"));
  writer.reset();
  EXPECT_FALSE(Exists(file.path()));
  const ReadBack back = ReadTrace(file.path() + ".partial");
  EXPECT_FALSE(back.complete);
  EXPECT_GT(back.records.size(), 0U);
  EXPECT_EQ(back.records.size() % 100, 0U);
}

TEST(Writer, RefusesWhatItCannotWriteTo) {
  for (const std::string& path : {testing::TempDir(), std::string("/no/such/folder/x.ghog"),
                                  std::string("/dev/null/x.ghog"), std::string("")}) {
    const auto writer = Writer::Open(path, SampleInfo(), SampleCatalogue());
    EXPECT_EQ(writer.status().code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_THAT(std::string(writer.status().message()), HasSubstr("cannot write")) << path;
  }
}

TEST(Writer, RefusesWrongOptionsBeforeItTouchesTheFile) {
  const TestFile file("options.ghog");
  for (const WriterOptions options :
       {WriterOptions{.level = 0}, WriterOptions{.level = kZstdLevelMax + 1},
        WriterOptions{.chunk_records = 0}, WriterOptions{.chunk_records = kChunkRecordsMax + 1}}) {
    EXPECT_EQ(Writer::Open(file.path(), SampleInfo(), SampleCatalogue(), options).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  Catalogue wrong = SampleCatalogue();
  wrong.services[0].name.clear();
  EXPECT_FALSE(Writer::Open(file.path(), SampleInfo(), wrong).ok());
  EXPECT_FALSE(Exists(file.path() + ".partial"));
}

TEST(Writer, RefusesAHeaderThatIsTooLong) {
  const TestFile file("header.ghog");
  Catalogue catalogue = SampleCatalogue();
  for (int i = 0; i < 49; ++i) catalogue.call_paths.push_back({.name = std::string(1 << 20, 'p')});
  const auto writer = Writer::Open(file.path(), SampleInfo(), catalogue);
  EXPECT_EQ(writer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(writer.status().message()), HasSubstr("48 MiB"));
  EXPECT_FALSE(Exists(file.path() + ".partial"));
}

TEST(Writer, LargestHeaderIsReadBack) {
  const TestFile file("large.ghog");
  SampleTrace trace = TinyTrace();
  for (int i = 0; i < 47; ++i) {
    trace.catalogue.call_paths.push_back({.name = std::string(1 << 20, 'p')});
  }
  WriteTrace(trace, file.path());
  const ReadBack back = ReadTrace(file.path());
  EXPECT_TRUE(back.complete);
  EXPECT_TRUE(back.records == trace.records);
}

// What another trace may have and a program's records must not.
class ForeignRecords : public testing::Test {
 protected:
  absl::Status Append(const Record& record, std::uint64_t trace_key) {
    return writer_->AppendForeign({&record, 1}, trace_key);
  }

  const TestFile file_{"foreign.ghog"};
  const SampleTrace trace_ = TinyTrace();
  std::unique_ptr<Writer> writer_ =
      Writer::Open(file_.path(), trace_.info, trace_.catalogue).value();
};

TEST_F(ForeignRecords, EachKeyHasItsOwnChunks) {
  const Record& record = trace_.records[0];
  for (const std::uint64_t key : {7U, 7U, 8U, 7U}) {
    ASSERT_EQ(Append(record, key), absl::OkStatus());
  }
  ASSERT_EQ(writer_->Finish(), absl::OkStatus());
  const auto reader = Reader::Open(file_.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::vector<std::pair<std::uint64_t, std::size_t>> chunks;
  std::vector<Record> records;
  while ((*reader)->NextChunk(&records).value()) {
    chunks.emplace_back((*reader)->trace_key(), records.size());
  }
  EXPECT_THAT(chunks,
              testing::ElementsAre(testing::Pair(7, 2), testing::Pair(8, 1), testing::Pair(7, 1)));
  DigestBuilder digest(trace_.info, trace_.catalogue);
  for (const std::uint64_t key : {7U, 7U, 8U, 7U}) digest.Add({&record, 1}, key);
  EXPECT_EQ(writer_->summary().digest, digest.Digest());
}

TEST_F(ForeignRecords, AnotherValueOfAFieldBeginsAChunk) {
  Record record = trace_.records[0];
  ASSERT_EQ(Append(record, 7), absl::OkStatus());
  record.slots[0] += 1;
  ASSERT_EQ(Append(record, 7), absl::OkStatus());
  ASSERT_EQ(writer_->Finish(), absl::OkStatus());
  const ReadBack back = ReadTrace(file_.path());
  EXPECT_EQ(back.offsets.size(), 2U);
  EXPECT_THAT(back.records, testing::ElementsAre(trace_.records[0], record));
}

TEST_F(ForeignRecords, WhatNoTraceCanHaveIsRefused) {
  const Record& sound = trace_.records[1];
  Record late = sound;
  Record unknown = sound;
  unknown.message = TemplateId{99};
  Record off_grid = sound;
  off_grid.duration += sim::Nanoseconds(1);
  late.time = trace_.records[0].time - trace_.info.resolution;
  for (const auto& [record, why] :
       {std::pair(late, "order of time"), std::pair(unknown, "message is not in the catalogue"),
        std::pair(off_grid, "resolution")}) {
    const TestFile file("refused.ghog");
    auto writer = Writer::Open(file.path(), trace_.info, trace_.catalogue).value();
    ASSERT_EQ(writer->AppendForeign({&trace_.records[0], 1}, 7), absl::OkStatus());
    const absl::Status status = writer->AppendForeign({&record, 1}, 7);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
    EXPECT_EQ(writer->AppendForeign({&sound, 1}, 7), status);
    EXPECT_EQ(writer->Finish(), status);
    EXPECT_FALSE(Exists(file.path() + ".partial"));
  }
}

TEST(WriterDeathTest, RecordsOutOfOrderStopTheProgram) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const TestFile file("order.ghog");
  auto writer = OpenWriter(file.path());
  ASSERT_EQ(writer->Append(SampleRecords(1, 100, 1)), absl::OkStatus());
  EXPECT_DEATH(static_cast<void>(writer->Append(SampleRecords(1, 99, 1))),
               "order of time and host");
  Record wrong = SampleRecord(100);
  wrong.message = TemplateId{99};
  EXPECT_DEATH(static_cast<void>(writer->Append({&wrong, 1})), "message is not in the catalogue");
}

TEST(WriterDeathTest, RecordOffTheGridOrWithTwoValuesOfAFieldStopsTheProgram) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const TestFile file("grid.ghog");
  SampleTrace trace = TinyTrace();
  auto writer = Writer::Open(file.path(), trace.info, trace.catalogue);
  ASSERT_TRUE(writer.ok()) << writer.status();
  const auto append = [&](const Record& record) {
    static_cast<void>((*writer)->Append({&record, 1}));
  };
  Record record = trace.records[0];
  ASSERT_EQ(trace.info.resolution, sim::Microseconds(1));
  record.time = trace.records[0].time + sim::Nanoseconds(1);
  EXPECT_DEATH(append(record), "multiples of the trace's resolution");
  record = trace.records[0];
  record.duration += sim::Nanoseconds(999);
  EXPECT_DEATH(append(record), "multiples of the trace's resolution");
  record = trace.records[0];
  append(record);
  record.slots[0] += 1;
  EXPECT_DEATH(append(record), "one value in all its records");
}

// When a chunk is closed, and so how long a record may wait. Each test checks after every step how
// many records have reached the file.
class ChunkBounds : public testing::Test {
 protected:
  void Open(WriterOptions options = {}) { writer_ = OpenWriter(file_.path(), options); }

  std::size_t RecordsInFile() const { return ReadTrace(file_.path() + ".partial").records.size(); }

  // The sizes of the finished file's chunks.
  std::vector<std::uint64_t> ChunkSizes() {
    EXPECT_EQ(writer_->Finish(), absl::OkStatus());
    std::vector<std::uint64_t> sizes;
    for (const IndexEntry& entry : writer_->summary().index) sizes.push_back(entry.counts.total());
    return sizes;
  }

  const TestFile file_{"bounds.ghog"};
  std::unique_ptr<Writer> writer_;
};

TEST_F(ChunkBounds, ChunkIsWrittenWithItsLastRecord) {
  Open({.chunk_records = 3});
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_EQ(writer_->Append(SampleRecords(1, static_cast<std::int64_t>(i), 1)), absl::OkStatus());
    EXPECT_EQ(RecordsInFile(), (i + 1) / 3 * 3);
  }
  EXPECT_EQ(ChunkSizes(), (std::vector<std::uint64_t>{3, 3, 3, 1}));
}

TEST_F(ChunkBounds, TenMinutesOfVirtualTimeEndAChunk) {
  Open();
  ASSERT_EQ(writer_->Append(SampleRecords(2, 65 * kSecond, 595 * kSecond - 1)), absl::OkStatus());
  EXPECT_EQ(RecordsInFile(), 0u);
  ASSERT_EQ(writer_->Append(SampleRecords(1, 660 * kSecond, 1)), absl::OkStatus());
  EXPECT_EQ(RecordsInFile(), 2u);
  EXPECT_EQ(ChunkSizes(), (std::vector<std::uint64_t>{2, 1}));
}

// So that a minute is in one chunk where that costs little.
TEST_F(ChunkBounds, AChunkThatIsNearlyFullEndsWithItsMinute) {
  Open({.chunk_records = 16});  // 13 are enough
  const auto append = [this](std::size_t count, std::int64_t second) {
    ASSERT_EQ(writer_->Append(SampleRecords(count, second * kSecond, 1)), absl::OkStatus());
  };
  append(12, 0);
  append(1, 60);  // not enough before it
  append(1, 119);
  append(1, 120);
  EXPECT_EQ(RecordsInFile(), 14u);
  append(15, 179);  // 16 with the one before
  EXPECT_EQ(RecordsInFile(), 30u);
  append(3, 180);
  EXPECT_EQ(ChunkSizes(), (std::vector<std::uint64_t>{14, 16, 3}));
}

TEST_F(ChunkBounds, TimeAloneEndsAChunkToo) {
  Open();
  ASSERT_EQ(writer_->Append(SampleRecords(1, 5, 1)), absl::OkStatus());
  ASSERT_EQ(writer_->AdvanceTo(sim::VirtualTime(600 * kSecond - 1)), absl::OkStatus());
  EXPECT_EQ(RecordsInFile(), 0u);
  ASSERT_EQ(writer_->AdvanceTo(sim::VirtualTime(600 * kSecond)), absl::OkStatus());
  EXPECT_EQ(RecordsInFile(), 1u);
}

// The bound that FORMAT.md states for live readers.
TEST_F(ChunkBounds, NoRecordWaitsLongerThanTenMinutes) {
  Open();
  TestRandom random(8);
  std::int64_t time = 0;
  std::vector<std::int64_t> times;
  for (int i = 0; i < 300; ++i) {
    time += static_cast<std::int64_t>(random.Below(200)) * kSecond;
    if (random.OneIn(3)) {
      ASSERT_EQ(writer_->Append(SampleRecords(1, time, 1)), absl::OkStatus());
      times.push_back(time);
    } else {
      ASSERT_EQ(writer_->AdvanceTo(sim::VirtualTime(time)), absl::OkStatus());
    }
    const std::size_t in_file = RecordsInFile();
    if (in_file < times.size()) {
      ASSERT_LT(time - times[in_file], 600 * kSecond);
    }
  }
}

TEST_F(ChunkBounds, TwoMebibytesEndAChunk) {
  Open({.compression = Compression::kNone, .chunk_records = kChunkRecordsMax});
  std::vector<Record> records = SampleRecords(50'000, 0, 1);  // 96 bytes each
  ASSERT_EQ(writer_->Append(records), absl::OkStatus());
  EXPECT_EQ(ChunkSizes(), (std::vector<std::uint64_t>{21'845, 21'845, 6'310}));
}

TEST_F(ChunkBounds, StoredSlotsCountTowardsThem) {
  Open({.chunk_records = kChunkRecordsMax});
  std::vector<Record> records = SampleRecords(20'000, 0, 1);
  for (Record& record : records) record.message = TemplateId{1};  // 96 + 3 * 8 bytes
  ASSERT_EQ(writer_->Append(records), absl::OkStatus());
  EXPECT_EQ(ChunkSizes(), (std::vector<std::uint64_t>{17'476, 2'524}));
}

TEST_F(ChunkBounds, TraceEndsWhereTimeHasAdvancedTo) {
  Open();
  ASSERT_EQ(writer_->Append(SampleRecords(1, 5, 1)), absl::OkStatus());
  ASSERT_EQ(writer_->AdvanceTo(sim::VirtualTime(sim::Seconds(13))), absl::OkStatus());
  EXPECT_EQ(ChunkSizes(), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(writer_->summary().end_time, sim::VirtualTime(sim::Seconds(13)));
  EXPECT_EQ(writer_->summary().occurrences.size(), 2u) << "those that begin before 13 s";
}

}  // namespace
}  // namespace groundhog::traces
