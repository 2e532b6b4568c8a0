// A scenario's day as it is lived, piece by piece: what 'groundhog record' writes into a trace, and
// what it compares with one.
//
// Not thread-safe.
#ifndef GROUNDHOG_CLI_GROUNDHOG_LIVED_DAY_H_
#define GROUNDHOG_CLI_GROUNDHOG_LIVED_DAY_H_

#include <cstddef>
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

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_LIVED_DAY_H_
