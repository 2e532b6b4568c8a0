// Checks the claims of a scenario (`expect`) on its records, as they are recorded. Reads records
// only: it changes none. docs/SCENARIO.md, "What a scenario expects", says what each figure is.
//
// Memory follows the number of claims, not that of records. A record costs what the claims about
// its service at its time cost, a few nanoseconds each; without claims nothing.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_CLAIMS_CLAIM_CHECK_H_
#define GROUNDHOG_MODEL_CLAIMS_CLAIM_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/claims/claim_times.h"
#include "model/claims/duration_counts.h"
#include "model/scenario/scenario.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

// What a claim's figure is computed of, in one of its times.
struct ClaimCounts {
  std::uint64_t records = 0;  // `records`: of any kind; otherwise of spans that ended
  std::uint64_t errors = 0;
  DurationCounts durations;

  void Clear();
};

// A claim, its time that has not ended yet, and what became of those before.
struct ClaimState {
  ClaimState(const Claim& claim, const FaultTimes& faults, sim::Duration run);

  // Judges what was counted, and goes on with the next time.
  void EndTime(const Scenario& scenario);

  const Claim& claim;
  std::vector<ClaimState*>* listed_in = nullptr;  // where it is while it counts
  ClaimTimes times;
  std::optional<ClaimTime> now;  // nullopt: there are no more
  ClaimCounts counts;
  std::uint64_t judged = 0;   // times that had a figure
  std::uint64_t broken = 0;   // of them
  std::string first_problem;  // in the first of these: "during x, ..., not at most 1 %"
};

struct ClaimReport {
  std::size_t held = 0;
  // None of their times was recorded to its end, or had a span.
  std::size_t not_checked = 0;
  // One line for each: "expectation 'calm' is broken: ...".
  std::vector<std::string> broken;

  std::size_t checked() const { return held + broken.size(); }
};

class ClaimCheck {
 public:
  // `scenario` must outlive it; the catalogue is that of its world.
  ClaimCheck(const Scenario& scenario, const traces::Catalogue& catalogue);

  // Records in the order of a trace.
  void Take(std::span<const traces::Record> records);

  // After the last record: the run was recorded up to `reached`.
  ClaimReport Finish(sim::VirtualTime reached);

 private:
  std::vector<ClaimState*>* ListOf(const Claim& claim);
  void TakeSpan(const traces::Record& record);
  // Ends the times that are over by `now`, and finds out which claims concern records from now on.
  void TurnTo(sim::VirtualTime now);

  const Scenario& scenario_;
  const FaultTimes faults_;
  std::vector<bool> is_of_retry_;  // by template
  std::vector<std::unique_ptr<ClaimState>> states_;
  sim::VirtualTime next_turn_;  // when a time begins or ends next
  // The claims that count now: those about the spans of a service, about users' requests, and about
  // the records of a service or, last, of all.
  std::vector<std::vector<ClaimState*>> of_spans_;
  std::vector<ClaimState*> of_requests_;
  std::vector<std::vector<ClaimState*>> of_records_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_CLAIMS_CLAIM_CHECK_H_
