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
#include "analysis/united_runs.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Replaces the records by those of a trace's next chunk, as that trace has them. False at the end.
using ChunkSource = std::function<absl::StatusOr<bool>(std::vector<traces::Record>* records)>;

// A trace's records, in the order of time and host.
struct MergeSource {
  ChunkSource next;
  sim::VirtualTime first_time;  // of the trace; none of its records is before it
};

// Of one host at one time, of all parts of its recording: so many records that parts have in common
// or lack can be put in their order.
inline constexpr std::size_t kUnitedRecordsMax = (std::size_t{64} << 20) / sizeof(traces::Record);

// Holds one chunk of each trace that has begun and not ended, so memory does not grow with their
// length, nor with the number of traces that follow each other. The time for a record grows with
// the logarithm of their number.
//
// Parts of one recording give each of its records once, in the recording's order, whichever comes
// first. Where one lacks records of one host at one time that another has, all that they have left
// of these are held, up to a bound. Not thread-safe.
class RecordMerge {
 public:
  // `header` must outlive this; `sources` are of its inputs, in their order. `united_records_max`
  // as kUnitedRecordsMax.
  RecordMerge(const MergedHeader& header, std::vector<MergeSource> sources,
              std::size_t united_records_max = kUnitedRecordsMax);

  // Replaces `records` by the next few thousand, as the merged trace has them. A record that two
  // traces of one recording have is given once. False at the end. Errors: those of the sources;
  // InvalidArgument: a record beyond the end of virtual time, or parts of one recording that
  // contradict each other; ResourceExhausted: `united_records_max` is exceeded. They name the
  // trace.
  absl::StatusOr<bool> Next(std::vector<traces::Record>* records);

  // How many records were left out because they had been given before.
  std::uint64_t repeated() const { return repeated_; }

 private:
  // Where a record is in the order of all.
  struct Place {
    sim::VirtualTime time;
    sim::EntityId host{};

    auto operator<=>(const Place&) const = default;
  };
  struct Input {
    const MergedPart* part = nullptr;
    ChunkSource next;
    std::vector<traces::Record> records;
    std::size_t at = 0;

    bool has_head() const { return at < records.size(); }
    const traces::Record& head() const { return records[at]; }
  };
  // An input that has not ended. One that has not begun goes before all heads of its place, so that
  // heads of one place are all there when the first of them is taken.
  struct Waiting {
    Place place;  // of its head; until it has begun, of the earliest that it may have
    bool has_begun = false;
    std::size_t input = 0;

    auto operator<=>(const Waiting&) const = default;
  };

  static Place PlaceOf(const traces::Record& record) { return {record.time, record.host}; }
  absl::Status Refill(Input& input) const;
  void Push(const Waiting& waiting);
  Waiting Pop();
  absl::Status Return(std::size_t number);
  absl::Status ReturnSharing();
  void TakeRun(Input& input, std::vector<traces::Record>* records) const;
  void FindSharing(const Waiting& first);
  bool HaveEqualHeads() const;
  absl::Status TakeEqualHeads(const Place& place);
  absl::Status TakeShared(const Place& place, std::vector<traces::Record>* records);
  absl::Status TakePlace(const Place& place, Input& input);
  absl::Status UnitePlace(const Place& place);
  void TakeUnited(std::vector<traces::Record>* records);
  std::string SharingAt(const Place& place) const;

  const MergedHeader& header_;
  std::vector<Input> inputs_;
  std::vector<Waiting> waiting_;  // a heap, whose front is the earliest
  // Inputs of one recording whose heads have one place, and which are not in waiting_.
  std::vector<std::size_t> sharing_;
  UnitedRuns united_;
  std::size_t united_given_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_RECORD_MERGE_H_
