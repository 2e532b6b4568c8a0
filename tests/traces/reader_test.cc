#include "traces/reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/compression.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

using sim::TestSeed;
using testing::HasSubstr;

std::unique_ptr<Reader> OpenReader(const std::string& path, ReaderOptions options = {}) {
  auto reader = Reader::Open(path, std::move(options));
  EXPECT_TRUE(reader.ok()) << reader.status();
  return reader.ok() ? *std::move(reader) : nullptr;
}

// The remaining records, and the position of the first of them.
std::pair<std::vector<Record>, std::uint64_t> Rest(Reader& reader) {
  std::vector<Record> all;
  std::vector<Record> some;
  std::uint64_t first = ~std::uint64_t{0};
  while (true) {
    const absl::StatusOr<bool> more = reader.NextChunk(&some);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) break;
    EXPECT_FALSE(some.empty());
    if (all.empty()) first = reader.position();
    EXPECT_EQ(reader.position(), first + all.size());
    all.insert(all.end(), some.begin(), some.end());
  }
  return {all, first};
}

// Many records share a time, and chunks begin amid them.
SampleTrace CrowdedTrace() {
  SampleTrace trace{.info = SampleInfo(), .catalogue = SampleCatalogue(), .records = {}};
  TestRandom random(TestSeed());
  std::int64_t time = 10;
  for (std::uint64_t i = 0; i < 400; ++i) {
    if (random.OneIn(6)) time += static_cast<std::int64_t>(random.Below(4));
    trace.records.push_back(SampleRecord(time));
    trace.records.back().request.ordinal = i;
  }
  return trace;
}

class Seeking : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    WriteTrace(trace_, file_.path(), {.chunk_records = 7});
    if (GetParam()) return;
    // Without footer and trailer: no index.
    const std::string bytes = ReadFile(file_.path());
    const std::vector<std::size_t> offsets = EntryOffsets(bytes);
    WriteFile(file_.path(), bytes.substr(0, offsets[offsets.size() - 4]));
  }

  const SampleTrace trace_ = CrowdedTrace();
  const TestFile file_{"seeking.ghog"};
};

TEST_P(Seeking, ByTimeGivesWhatScanningGives) {
  const auto reader = OpenReader(file_.path());
  EXPECT_EQ(reader->complete(), GetParam());
  const std::int64_t last = trace_.records.back().time.nanoseconds();
  for (std::int64_t time = -1; time <= last + 2; ++time) {
    ASSERT_EQ(reader->SeekTo(sim::VirtualTime(time)), absl::OkStatus());
    const auto begin =
        std::ranges::lower_bound(trace_.records, sim::VirtualTime(time), {}, &Record::time);
    const auto [rest, first] = Rest(*reader);
    ASSERT_TRUE(std::ranges::equal(rest, std::span(begin, trace_.records.end()))) << time;
    if (!rest.empty()) {
      ASSERT_EQ(first, std::uint64_t(begin - trace_.records.begin()));
    }
    ASSERT_EQ(reader->complete(), GetParam());
  }
}

TEST_P(Seeking, ByPositionGivesWhatScanningGives) {
  const auto reader = OpenReader(file_.path());
  for (std::uint64_t step = 0; step <= 402; ++step) {
    const std::uint64_t position = step * 37 % 403;  // back and forth
    ASSERT_EQ(reader->SeekToPosition(position), absl::OkStatus());
    const auto [rest, first] = Rest(*reader);
    const std::size_t begin = std::min<std::size_t>(position, 400);
    ASSERT_TRUE(std::ranges::equal(rest, std::span(trace_.records).subspan(begin))) << position;
    if (!rest.empty()) {
      ASSERT_EQ(first, position);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Reader, Seeking, testing::Bool(), [](const auto& info) {
  return info.param ? "WithIndex" : "WithoutIndex";
});

TEST(Reader, SeeksByAThinnedIndex) {
  const std::size_t count = kIndexEntriesMax + 100;  // two chunks an entry
  const SampleTrace trace{
      .info = SampleInfo(), .catalogue = SampleCatalogue(), .records = SampleRecords(count, 0, 10)};
  const TestFile file("thinned.ghog");
  const Summary summary = WriteTrace(trace, file.path(), {.chunk_records = 1});
  EXPECT_EQ(summary.index.size(), (count + 1) / 2);
  const auto reader = OpenReader(file.path());
  for (const std::uint64_t position : {std::size_t{1}, std::size_t{40'001}, count - 2, count - 1}) {
    ASSERT_EQ(reader->SeekToPosition(position), absl::OkStatus());
    std::vector<Record> records;
    ASSERT_TRUE(*reader->NextChunk(&records));
    EXPECT_EQ(reader->position(), position);
    EXPECT_TRUE(records.front() == trace.records[position]);
    ASSERT_EQ(reader->SeekTo(trace.records[position].time), absl::OkStatus());
    ASSERT_TRUE(*reader->NextChunk(&records));
    EXPECT_EQ(reader->position(), position);
  }
}

TEST(Reader, TellsWhereAChunkLiesAndHowItIsKept) {
  const TestFile file("where.ghog");
  WriteTrace(GoldenTrace(), file.path(), {.compression = Compression::kPacked, .chunk_records = 5});
  const std::vector<std::size_t> offsets = EntryOffsets(ReadFile(file.path()));
  const auto reader = OpenReader(file.path());
  EXPECT_EQ(reader->size_bytes(), offsets.back());
  std::vector<Record> records;
  for (int chunk = 1; chunk <= 4; ++chunk) {
    ASSERT_TRUE(*reader->NextChunk(&records));
    EXPECT_EQ(reader->chunk_offset(), offsets[chunk]);
    EXPECT_EQ(reader->next_offset(), offsets[chunk + 1]);
    EXPECT_EQ(reader->compression(), Compression::kPacked);
    EXPECT_EQ(reader->trace_key(), SampleInfo().trace_key);
  }
  EXPECT_FALSE(*reader->NextChunk(&records));
  EXPECT_EQ(reader->next_offset(), offsets.back());
  EXPECT_FALSE(*reader->NextChunk(&records)) << "the end stays the end";
}

// Writes `bytes` into a FIFO, and more when the test asks.
class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(::mkfifo(file_.path().c_str(), 0600), 0);
    both_ = ::open(file_.path().c_str(), O_RDWR | O_CLOEXEC);  // so that opening does not wait
  }
  ~Pipe() { Close(); }
  void Write(std::string_view bytes) {
    EXPECT_EQ(::write(both_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void Close() {
    if (both_ >= 0) ::close(both_);
    both_ = -1;
  }
  const std::string& path() const { return file_.path(); }

 private:
  const TestFile file_{"live"};
  int both_ = -1;
};

TEST(ReaderOfAPipe, GivesEachChunkAsSoonAsItIsThere) {
  const SampleTrace trace = GoldenTrace();
  const std::string bytes = TraceBytes(trace, {.chunk_records = 5});
  const std::vector<std::size_t> offsets = EntryOffsets(bytes);
  Pipe pipe;
  pipe.Write(bytes.substr(0, offsets[2]));
  const auto reader = OpenReader(pipe.path());
  EXPECT_FALSE(reader->can_seek());
  EXPECT_EQ(reader->size_bytes(), std::nullopt);
  std::vector<Record> records;
  ASSERT_TRUE(*reader->NextChunk(&records));
  EXPECT_EQ(records.size(), 5u);
  EXPECT_FALSE(reader->complete());
  EXPECT_EQ(reader->summary(), nullptr);
  pipe.Write(bytes.substr(offsets[2]));
  pipe.Close();
  EXPECT_EQ(Rest(*reader).first.size(), 13u);
  EXPECT_TRUE(reader->complete());
  ASSERT_NE(reader->summary(), nullptr);
  EXPECT_EQ(reader->summary()->records, 18u);
}

TEST(ReaderOfAPipe, StopsWaitingWhenAsked) {
  const std::string bytes = TraceBytes(GoldenTrace(), {.chunk_records = 5});
  Pipe pipe;
  pipe.Write(bytes.substr(0, EntryOffsets(bytes)[2]));
  std::atomic<bool> is_stopped = false;
  const auto reader =
      OpenReader(pipe.path(), {.stop_requested = [&is_stopped] { return is_stopped.load(); }});
  std::vector<Record> records;
  ASSERT_TRUE(*reader->NextChunk(&records));
  std::thread stopper([&is_stopped] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    is_stopped = true;
  });
  EXPECT_EQ(reader->NextChunk(&records).status().code(), absl::StatusCode::kCancelled);
  stopper.join();
  EXPECT_TRUE(records.empty());
}

TEST(ReaderOfAPipe, StopsWaitingForAWriterToo) {
  const TestFile fifo("nobody");
  ASSERT_EQ(::mkfifo(fifo.path().c_str(), 0600), 0);
  int asked = 0;
  const auto reader =
      Reader::Open(fifo.path(), {.stop_requested = [&asked] { return ++asked > 2; }});
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kCancelled);
}

TEST(ReaderOfAPipe, SeeksForwardsOnly) {
  const std::string bytes = TraceBytes(CrowdedTrace(), {.chunk_records = 7});
  Pipe pipe;
  pipe.Write(bytes.substr(0, 60'000));
  const auto reader = OpenReader(pipe.path());
  ASSERT_EQ(reader->SeekToPosition(30), absl::OkStatus());
  std::vector<Record> records;
  ASSERT_TRUE(*reader->NextChunk(&records));
  EXPECT_EQ(reader->position(), 30u);
  const sim::VirtualTime reached = records.back().time;
  for (const absl::Status& status :
       {reader->SeekToPosition(3), reader->SeekTo(sim::VirtualTime(0)), reader->SeekTo(reached)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  }
  ASSERT_EQ(reader->SeekTo(reached + sim::Nanoseconds(1)), absl::OkStatus());
  ASSERT_TRUE(*reader->NextChunk(&records));
  EXPECT_GT(records.front().time, reached);
}

TEST(Reader, SaysWhatIsNoTrace) {
  const TestFile file("foreign.ghog");
  const std::string tiny = TraceBytes(TinyTrace(), {.compression = Compression::kNone});
  const std::vector<std::size_t> offsets = EntryOffsets(tiny);
  const std::vector<std::pair<std::string, const char*>> foreign = {
      {"", "it is empty"},
      {"hi", "it ends at byte 2, before its header does"},
      {"{\"service\":\"payment-service\",\"level\":\"ERROR\"}\n",
       "it does not begin as a trace does"},
      {std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10) + "gzip",
       "it does not begin as a trace does"},
      {std::string(1'000, '\0'), "it does not begin as a trace does"},
      {std::string(1'000, '\xFF'), "it does not begin as a trace does"},
      // Another Cap'n Proto message: a frame and a struct, but no marker.
      {std::string("\0\0\0\0\x07\0\0\0", 8) + std::string(56, '\x01'), "no entry begins here"},
      {tiny.substr(offsets[1]), "its first entry is no header"},
      {tiny.substr(offsets[2]), "its first entry is no header"},
      {tiny.substr(offsets[3]), "its first entry is no header"},
      {tiny.substr(0, 100), "it ends at byte 100, before its header does"},
      {tiny.substr(1, 600), "it does not begin as a trace does"}};
  for (const auto& [bytes, why] : foreign) {
    WriteFile(file.path(), bytes);
    const absl::Status status = Reader::Open(file.path()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << why;
    EXPECT_THAT(std::string(status.message()), HasSubstr("not a Groundhog trace: "));
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
    EXPECT_THAT(std::string(status.message()), HasSubstr(file.path()));
    EXPECT_EQ(ReadTraceFromPipe(bytes).open.code(), absl::StatusCode::kInvalidArgument) << why;
  }
}

TEST(Reader, SaysWhatItCannotOpen) {
  EXPECT_EQ(Reader::Open("/no/such/file.ghog").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Reader::Open(testing::TempDir()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Reader::Open("/dev/null/x").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Reader, RefusesANewerFormatByItsNumber) {
  std::string bytes = TraceBytes(TinyTrace());
  bytes[0x30] = 5;  // formatVersion, as FORMAT.md's worked example shows
  SealAgain(&bytes, 0);
  const TestFile file("newer.ghog");
  WriteFile(file.path(), bytes);
  const absl::Status status = Reader::Open(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("its format is version 5"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("use a newer groundhog"));
}

TEST(Reader, RefusesAnOlderFormatInOneLine) {
  std::string bytes = TraceBytes(TinyTrace());
  bytes[0x30] = 1;
  SealAgain(&bytes, 0);
  const TestFile file("older.ghog");
  WriteFile(file.path(), bytes);
  const absl::Status status = Reader::Open(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(
      std::string(status.message()),
      file.path() + ": its format is version 1, this program reads from 2 on; record it again");
}

TEST(Reader, RefusesAFormatWithoutVersion) {
  std::string bytes = TraceBytes(TinyTrace());
  bytes[0x30] = 0;
  SealAgain(&bytes, 0);
  const TestFile file("zero.ghog");
  WriteFile(file.path(), bytes);
  EXPECT_EQ(Reader::Open(file.path()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace groundhog::traces
