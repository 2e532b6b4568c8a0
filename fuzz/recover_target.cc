// groundhog recover: the input is a damaged file. What is recovered is a sound trace.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/verify.h"
#include "fuzz/heap_bound.h"
#include "fuzz/memory_file.h"
#include "fuzz/require.h"
#include "fuzz/trace_claims.h"
#include "fuzz/trace_mutator.h"
#include "traces/reader.h"
#include "traces/writer.h"

// libFuzzer's own, when it is linked.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                                              std::size_t size_max);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned int seed) {
  return groundhog::fuzz::MutateTrace(data, size, size_max, seed, LLVMFuzzerMutate);
}

namespace groundhog::fuzz {
namespace {

// A file in the temporary folder, removed at the end.
class OutputFile {
 public:
  OutputFile() {
    path_ = (std::filesystem::temp_directory_path() / "groundhog-fuzz-").string() +
            std::to_string(::getpid()) + ".ghog";
  }
  ~OutputFile() { std::filesystem::remove(path_); }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// As `groundhog recover` does.
void Recover(const std::string& path, const std::string& output) {
  const auto reader = traces::Reader::Open(path, {.is_thorough = true});
  if (!reader.ok()) return;
  const auto writer = traces::Writer::Open(output, (*reader)->info(), (*reader)->catalogue(), {});
  Require(writer.ok(), "a header that can be read can be written", writer.status().ToString());
  std::vector<traces::Record> records;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
    if (!more.ok()) continue;
    if (!*more) break;
    const absl::Status status = (*writer)->AppendForeign(records, (*reader)->trace_key());
    Require(status.ok(), "records that can be read can be written", status.ToString());
  }
  const absl::Status status = (*writer)->Finish();
  Require(status.ok(), "a copy can be finished", status.ToString());
  const auto copy = traces::Reader::Open(output);
  Require(copy.ok(), "a copy can be read", copy.status().ToString());
  const absl::Status verdict = analysis::VerifyTrace(output, **copy);
  Require(verdict.ok(), "a copy is sound", verdict.ToString());
}

}  // namespace
}  // namespace groundhog::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace groundhog::fuzz;
  static MemoryFile file;
  static const OutputFile output;
  file.Set({reinterpret_cast<const char*>(data), size});
  const HeapBound bound;
  const TraceReading thorough = ReadAsTrace(file.path(), size, /*is_thorough=*/true);
  const TraceReading plain = ReadAsTrace(file.path(), size, /*is_thorough=*/false);
  Require(thorough.open.ok() || !plain.open.ok(), "being thorough opens no less");
  Require(!plain.is_whole || thorough.records == plain.records,
          "of what is whole, being thorough gives the same");
  Recover(file.path(), output.path());
  return 0;
}
