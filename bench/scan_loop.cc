// scan_loop FILE: reads every record of a trace and does next to nothing with it, so that its time
// is that of reading. Prints how many there are and a sum over them. Part of scripts/bench.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "traces/reader.h"
#include "traces/record.h"

int main(int argc, char** argv) {
  using namespace groundhog;
  if (argc != 2) return 2;
  const absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(argv[1]);
  if (!reader.ok()) {
    std::fprintf(stderr, "scan_loop: %s\n", std::string(reader.status().message()).c_str());
    return 2;
  }
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::vector<traces::Record> records;
  while (true) {
    const absl::StatusOr<bool> has_more = (*reader)->NextChunk(&records);
    if (!has_more.ok()) return 1;
    if (!*has_more) break;
    count += records.size();
    for (const traces::Record& record : records) {
      sum += static_cast<std::uint64_t>(record.duration.nanoseconds()) + record.request.ordinal;
    }
  }
  std::printf("%llu %llu\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(sum));
  return 0;
}
