// The records of several traces in one order: by time, then host.
#ifndef GROUNDHOG_ANALYSIS_RECORD_MERGE_H_
#define GROUNDHOG_ANALYSIS_RECORD_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analysis/merged_header.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Replaces the records by those of a trace's next chunk, as that trace has them. False at the end.
using ChunkSource = std::function<absl::StatusOr<bool>(std::vector<traces::Record>* records)>;

// Holds one chunk of each trace, so memory does not grow with their length. Not thread-safe.
class RecordMerge {
 public:
  // `header` must outlive this; `sources` are of its inputs, in their order, and each gives its
  // records in the order of time and host.
  RecordMerge(const MergedHeader& header, std::vector<ChunkSource> sources);

  // Replaces `records` by the next few thousand, as the merged trace has them. A record that two
  // traces of one recording have is given once. False at the end. Errors: those of the sources;
  // InvalidArgument: a record beyond the end of virtual time.
  absl::StatusOr<bool> Next(std::vector<traces::Record>* records);

  // How many records were left out because they had been given before.
  std::uint64_t repeated() const { return repeated_; }

 private:
  struct Input {
    const MergedPart* part = nullptr;
    ChunkSource next;
    std::vector<traces::Record> records;
    std::size_t at = 0;
    bool has_ended = false;

    bool has_head() const { return at < records.size(); }
    const traces::Record& head() const { return records[at]; }
  };

  absl::Status Refill(Input& input) const;
  absl::Status RefillAll();
  void TakeRun(Input& input, const Input* next, std::vector<traces::Record>* records);
  void TakeShared(Input& input, std::vector<traces::Record>* records);

  const MergedHeader& header_;
  std::vector<Input> inputs_;
  std::uint64_t repeated_ = 0;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_RECORD_MERGE_H_
