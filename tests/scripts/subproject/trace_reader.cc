// trace-reader FILE: counts the records of a trace.
#include <cstdio>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "groundhog/traces/reader.h"

int main(int argc, char** argv) {
  using namespace groundhog;
  if (argc != 2) return 2;
  absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(argv[1]);
  if (!reader.ok()) {
    std::fprintf(stderr, "%s\n", reader.status().ToString().c_str());
    return 2;
  }
  unsigned long long count = 0;
  std::vector<traces::Record> records;
  while (true) {
    const absl::StatusOr<bool> has_more = (*reader)->NextChunk(&records);
    if (!has_more.ok()) return 1;
    if (!*has_more) break;
    count += records.size();
  }
  std::printf("%llu\n", count);
  return 0;
}
