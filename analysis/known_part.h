// What of a day a trace has. Whoever lives the day again knows all its records; those that the
// trace has not (it was cut, or is torn) are found by holding both side by side.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_KNOWN_PART_H_
#define GROUNDHOG_ANALYSIS_KNOWN_PART_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "analysis/alignment.h"
#include "analysis/joint_catalogue.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Times that are not known: ranges that do not overlap. Beyond `kRangesMax` the last one grows, so
// that memory is bounded; then times count as unknown though they are known, and never otherwise.
class UnknownTimes {
 public:
  static constexpr std::size_t kRangesMax = 4'096;

  // From `from` until `to`, which is not reached. In the order of `from`.
  void Add(sim::VirtualTime from, sim::VirtualTime to);
  bool Has(sim::VirtualTime time) const;

 private:
  struct Range {
    sim::VirtualTime from;
    sim::VirtualTime to;
  };
  std::vector<Range> ranges_;  // in order
};

// Finds out what a trace has while its day is lived again. Memory: a chunk of the trace.
class KnownPart {
 public:
  // Of `joint`, which must outlive this, the trace is side A and the day side B. `end`: that of the
  // trace, after its last record. `set_unknown` gets the times of the day's records that the trace
  // has not, in order: from the first of neighbours until after the last (a range that grows comes
  // again); after the trace's last record, all times from the first one or from the end on.
  using SetUnknown = std::function<void(sim::VirtualTime from, sim::VirtualTime to)>;
  KnownPart(const JointCatalogue& joint, sim::VirtualTime end, KeyedChunkSource trace,
            SetUnknown set_unknown)
      : joint_(joint), end_(end), trace_(std::move(trace)), set_unknown_(std::move(set_unknown)) {}

  // The day's next records, in the order of a trace. They get the joint indices.
  void Take(std::span<traces::Record> records, std::uint64_t trace_key);

  // The trace has no more records than the day's so far.
  bool is_over() const { return is_over_; }
  // The time of the last record that both have; 0 before the first one.
  sim::VirtualTime reached() const { return reached_; }
  // The time of the first record that the trace has and the day has not: it is of another day.
  std::optional<sim::VirtualTime> foreign() const { return foreign_; }
  // The day's records before the trace's last one that the trace has not, and the first one's time.
  std::uint64_t lost() const { return lost_; }
  sim::VirtualTime first_lost() const { return first_lost_; }

 private:
  void Refill();
  bool IsHead(const traces::Record& record, std::uint64_t trace_key) const;
  void TakeLost(sim::VirtualTime time);

  const JointCatalogue& joint_;
  const sim::VirtualTime end_;
  const KeyedChunkSource trace_;
  const SetUnknown set_unknown_;
  std::vector<traces::Record> records_;  // of the trace
  std::size_t at_ = 0;
  std::uint64_t trace_key_ = 0;
  bool is_over_ = false;
  sim::VirtualTime reached_;
  std::optional<sim::VirtualTime> foreign_;
  std::optional<sim::VirtualTime> run_start_;  // of records that are lost, up to the last one
  std::uint64_t run_ = 0;                      // so many
  std::uint64_t lost_ = 0;
  sim::VirtualTime first_lost_;
};

// Whether a trace lacks records, from what hosts log of themselves: each of them numbers these
// records without a gap. Says nothing of a hole in which no host logs anything of itself.
class OwnRecordNumbers {
 public:
  // `entities`: how many the trace's catalogue has.
  explicit OwnRecordNumbers(std::size_t entities) : next_(entities) {}

  // The trace's next records. False: some are missing before the last of them.
  bool Take(std::span<const traces::Record> records);

 private:
  std::vector<std::uint64_t> next_;  // by host
};

// Whether the record of a request may have a partner, or another one, in what comes after both
// days' ends: it is alone, or its partner is of another kind.
bool MayHavePartnerLater(const AlignedRecord& aligned);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_KNOWN_PART_H_
