// What tests need for the files of sample traces.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "tests/traces/sample_trace.h"
#include "traces/byte_order.h"
#include "traces/entry.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

// More damages than these mean an endless loop.
constexpr std::size_t kDamagesMax = 1'000;

ReadBack ReadAll(const std::string& path, ReaderOptions options = {}) {
  ReadBack back;
  absl::StatusOr<std::unique_ptr<Reader>> reader = Reader::Open(path, std::move(options));
  back.open = reader.status();
  if (!reader.ok()) return back;
  std::vector<Record> records;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
    if (!more.ok()) {
      back.damages.push_back(more.status());
      if (back.damages.size() == kDamagesMax) break;
      continue;
    }
    if (!*more) break;
    EXPECT_EQ((*reader)->position() + records.size() >= records.size(), true);
    back.records.insert(back.records.end(), records.begin(), records.end());
    back.offsets.push_back((*reader)->chunk_offset());
  }
  EXPECT_TRUE(records.empty() || !back.damages.empty());
  back.rollup = (*reader)->ReadRollup().status();  // whatever it is, it is read without harm
  back.complete = (*reader)->complete();
  back.incompleteness = (*reader)->incompleteness();
  if ((*reader)->summary() != nullptr) back.summary.push_back(*(*reader)->summary());
  return back;
}

}  // namespace

TestFile::TestFile(std::string_view name) {
  path_ = testing::TempDir() + "groundhog-" + std::to_string(::getpid()) + "-" + std::string(name);
}

TestFile::~TestFile() {
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + ".partial");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good()) << path;
}

Summary WriteTrace(const SampleTrace& trace, const std::string& path, WriterOptions options) {
  absl::StatusOr<std::unique_ptr<Writer>> writer =
      Writer::Open(path, trace.info, trace.catalogue, options);
  EXPECT_TRUE(writer.ok()) << writer.status();
  if (!writer.ok()) return {};
  EXPECT_EQ((*writer)->Append(trace.records), absl::OkStatus());
  EXPECT_EQ((*writer)->AdvanceTo(sim::VirtualTime(trace.info.duration)), absl::OkStatus());
  EXPECT_EQ((*writer)->Finish(), absl::OkStatus());
  return (*writer)->summary();
}

std::string TraceBytes(const SampleTrace& trace, WriterOptions options) {
  const TestFile file("bytes.ghog");
  WriteTrace(trace, file.path(), options);
  return ReadFile(file.path());
}

ReadBack ReadTrace(const std::string& path, ReaderOptions options) {
  return ReadAll(path, std::move(options));
}

ReadBack ReadTraceFromPipe(std::string_view bytes) {
  const TestFile fifo("pipe");
  EXPECT_EQ(::mkfifo(fifo.path().c_str(), 0600), 0);
  std::thread feeder([&] {
    const int descriptor = ::open(fifo.path().c_str(), O_WRONLY | O_CLOEXEC);
    for (std::string_view rest = bytes; !rest.empty();) {
      const ssize_t written = ::write(descriptor, rest.data(), rest.size());
      if (written <= 0) break;  // the reader has gone
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::close(descriptor);
  });
  ReadBack back = ReadAll(fifo.path());
  feeder.join();
  return back;
}

std::vector<std::size_t> EntryOffsets(std::string_view bytes) {
  std::vector<std::size_t> offsets;
  std::size_t at = 0;
  while (at < bytes.size()) {
    offsets.push_back(at);
    at += kFrameBytes + std::size_t{LoadLittleEndian32(bytes.data() + at + 4)} * 8;
  }
  EXPECT_EQ(at, bytes.size());
  offsets.push_back(at);
  return offsets;
}

void SealAgain(std::string* bytes, std::size_t offset) {
  const std::size_t size =
      kFrameBytes + std::size_t{LoadLittleEndian32(bytes->data() + offset + 4)} * 8;
  ASSERT_LE(offset + size, bytes->size());
  SetChecksum({reinterpret_cast<unsigned char*>(bytes->data()) + offset, size});
}

}  // namespace groundhog::traces
