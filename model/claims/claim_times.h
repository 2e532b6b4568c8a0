// The times over which a claim's figure is taken, one after the other: one span of the run, each
// occurrence of a fault, or each whole minute after each occurrence until the next fault begins.
// docs/SCENARIO.md says it for people.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_CLAIMS_CLAIM_TIMES_H_
#define GROUNDHOG_MODEL_CLAIMS_CLAIM_TIMES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "model/scenario/claim.h"
#include "model/scenario/scenario.h"
#include "model/world/plan/occurrence_schedule.h"
#include "sim/time.h"

namespace groundhog::model {

// When faults are there: what all claims of a scenario share.
class FaultTimes {
 public:
  explicit FaultTimes(const Scenario& scenario);

  // Of the fault with this name, which must be one of the scenario's.
  const OccurrenceSchedule& Of(const std::string& fault) const;
  // When the first occurrence of any fault begins that begins at `time` or later; Max(): none.
  sim::VirtualTime FirstStart(sim::VirtualTime time) const;

 private:
  const Scenario& scenario_;
  std::vector<OccurrenceSchedule> schedules_;  // as the scenario's faults
};

// [start, end), with the number of the fault's occurrence; 0: of none.
struct ClaimTime {
  sim::VirtualTime start;
  sim::VirtualTime end;
  std::uint32_t occurrence = 0;
};

// `claim` and `faults` must outlive it.
class ClaimTimes {
 public:
  ClaimTimes(const Claim& claim, const FaultTimes& faults, sim::Duration run);

  // Ascending, without overlap; nullopt: there are no more in the run.
  std::optional<ClaimTime> Next();

 private:
  std::optional<ClaimTime> NextMinute();
  // Begins with the next occurrence; false: there is none.
  bool GoOn();

  const Claim& claim_;
  const FaultTimes& faults_;
  const sim::VirtualTime run_end_;
  const OccurrenceSchedule* schedule_ = nullptr;  // of the claim's fault; null: it names none
  ClaimTime whole_;                               // of a claim that names no fault
  OccurrenceTimes occurrence_;                    // the one that was last looked at
  sim::VirtualTime next_minute_;                  // `after`: the next one
  sim::VirtualTime next_fault_;                   // `after`: when it must have ended
  bool is_done_ = false;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_CLAIMS_CLAIM_TIMES_H_
