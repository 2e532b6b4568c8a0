// A scenario's day as it is lived, piece by piece: what 'groundhog record' writes into a trace, and
// what 'record --expect' and 'explain' hold beside one.
//
// Not thread-safe.
#ifndef GROUNDHOG_CLI_GROUNDHOG_LIVED_DAY_H_
#define GROUNDHOG_CLI_GROUNDHOG_LIVED_DAY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/scenario/parse/parser.h"
#include "model/truth/exact_world.h"
#include "model/world/world.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::cli {

class LivedDay {
 public:
  // Nothing has happened yet. `parsed` must outlive the day. The errors of World::Create.
  static absl::StatusOr<LivedDay> Begin(const model::ParsedScenario& parsed,
                                        traces::TruthMethod truth);

  // What the header of its trace says.
  const traces::TraceInfo& info() const { return info_; }
  const traces::Catalogue& catalogue() const;

  // Lives on and replaces `records` by those of that time, in their order: until there are
  // `enough`, or for ten minutes of virtual time, whatever comes first, so that a caller can look
  // for Ctrl-C also while nothing happens. Aborted: the world ran away, or memory ran out.
  absl::Status LiveOn(std::size_t enough, std::vector<traces::Record>* records);
  // Finishes the nanosecond that was begun, so that what has been lived covers whole instants.
  absl::Status FinishInstant(std::vector<traces::Record>* records);

  // No record before this time will come.
  sim::VirtualTime reached() const { return reached_; }
  bool is_over() const { return reached_ >= sim::VirtualTime(info_.duration); }

 private:
  // With either method of finding the truth.
  using LivedWorld = std::variant<model::World, model::ExactWorld>;

  LivedDay(traces::TraceInfo info, LivedWorld world)
      : info_(std::move(info)), world_(std::move(world)) {}

  absl::Status LiveUntil(sim::VirtualTime until, std::size_t enough,
                         std::vector<traces::Record>* records);

  traces::TraceInfo info_;
  LivedWorld world_;
  sim::VirtualTime reached_;
};

// A day as analysis::Align reads it: chunk by chunk, until it is over, has failed or is to stop.
class LivedChunks {
 public:
  struct Options {
    std::size_t chunk_records = 8192;      // about as many are given at a time
    std::function<bool()> stop_requested;  // asked at least every ten minutes of virtual time
  };

  LivedChunks(LivedDay day, Options options) : day_(std::move(day)), options_(std::move(options)) {}

  // Replaces `records`; there is at least one. False at the end. As analysis::KeyedChunkSource.
  bool Next(std::vector<traces::Record>* records, std::uint64_t* trace_key);

  const LivedDay& day() const { return day_; }
  // Aborted: the world ran away, or memory ran out.
  const absl::Status& status() const { return status_; }

 private:
  LivedDay day_;
  const Options options_;
  absl::Status status_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_LIVED_DAY_H_
