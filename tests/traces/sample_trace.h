// Traces for the tests: small ones to read by eye, random ones to compare with, and the steps that
// all tests need.
#ifndef GROUNDHOG_TESTS_TRACES_SAMPLE_TRACE_H_
#define GROUNDHOG_TESTS_TRACES_SAMPLE_TRACE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/catalogue.h"
#include "traces/reader.h"
#include "traces/record.h"
#include "traces/summary.h"
#include "traces/writer.h"

namespace groundhog::traces {

// Counts on from a seed (SplitMix64, Steele et al. 2014): the same values with every compiler.
class TestRandom {
 public:
  explicit TestRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9E37'79B9'7F4A'7C15;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }
  bool OneIn(std::uint64_t count) { return Below(count) == 0; }

 private:
  std::uint64_t state_;
};

struct SampleTrace {
  TraceInfo info;
  Catalogue catalogue;
  std::vector<Record> records;
};

// The worked example of FORMAT.md: one host, one journey, two records.
SampleTrace TinyTrace();

// Every slot kind, every level, a fault that repeats and one that does not, names that need
// escaping; 14 records.
SampleTrace GoldenTrace();

// A random trace with anything that the format allows: extreme and common values. `records` may be
// 0.
SampleTrace RandomTrace(std::uint64_t seed, std::size_t records);

// A catalogue with three services, five hosts, two sources and seven templates, as GoldenTrace's.
Catalogue SampleCatalogue();
TraceInfo SampleInfo();

// A sound record of SampleCatalogue at `time_ns`, its first host's.
Record SampleRecord(std::int64_t time_ns);

// Records of SampleCatalogue, one every `step`, first at `begin_ns`.
std::vector<Record> SampleRecords(std::size_t count, std::int64_t begin_ns, std::int64_t step_ns);

// A file of its own in the test's folder, removed at the end, as is its .partial.
class TestFile {
 public:
  explicit TestFile(std::string_view name);
  ~TestFile();
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, std::string_view bytes);

// Writes and finishes `trace`, and fails the test when that does not go well.
Summary WriteTrace(const SampleTrace& trace, const std::string& path, WriterOptions options = {});

// The bytes of the file that WriteTrace writes.
std::string TraceBytes(const SampleTrace& trace, WriterOptions options = {});

// Everything that reading in order gives, after damage too, until the end.
struct ReadBack {
  absl::Status open;
  std::vector<Record> records;
  std::vector<absl::Status> damages;   // at most 1,000, then reading stops
  std::vector<std::uint64_t> offsets;  // of the chunks
  bool complete = false;
  absl::Status incompleteness;
  absl::Status rollup;           // of reading it, in the end
  std::vector<Summary> summary;  // one, or none
};
ReadBack ReadTrace(const std::string& path, ReaderOptions options = {});

// As ReadTrace, through a pipe.
ReadBack ReadTraceFromPipe(std::string_view bytes);

// Offsets of a sound file's entries, and its length.
std::vector<std::size_t> EntryOffsets(std::string_view bytes);

// Sets the right checksum of the entry at `offset`, as in a forged file.
void SealAgain(std::string* bytes, std::size_t offset);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TESTS_TRACES_SAMPLE_TRACE_H_
