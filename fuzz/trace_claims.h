// What holds of every file that is opened as a trace, and of what is made of its records. A claim
// that does not hold aborts the program (require.h).
//
// Not thread-safe.
#ifndef GROUNDHOG_FUZZ_TRACE_CLAIMS_H_
#define GROUNDHOG_FUZZ_TRACE_CLAIMS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::fuzz {

struct TraceReading {
  absl::Status open;
  std::vector<absl::Status> damages;
  std::vector<traces::Record> records;
  bool is_whole = false;  // read to its end without a complaint
};

// Reads the file at `path`, `size` bytes long, to its end. Claims: reading ends, every complaint is
// one line with a byte offset, records are sound and in order, each has its JSON line, and whatever
// is wrong is reported.
TraceReading ReadAsTrace(const std::string& path, std::size_t size, bool is_thorough);

// `groundhog verify`: agrees with what ReadAsTrace says.
void VerifyAsTrace(const std::string& path, const TraceReading& reading);

// From the middle of the records: what is found is what reading in order gives.
void SeekInTrace(const std::string& path, const TraceReading& reading);

// What `info --timeline` shows: of the rollup in the footer, or of the records.
void FollowTrace(const std::string& path, const TraceReading& reading);

// What `info`, `stats` and `cat` print. `choice` is the format, from 0, any number.
void DescribeTrace(const std::string& path, std::size_t choice);

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_TRACE_CLAIMS_H_
