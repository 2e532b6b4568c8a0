#include "model/claims/claim_times.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "sim/check.h"
#include "traces/occurrences.h"

namespace groundhog::model {
namespace {

constexpr sim::Duration kMinute = sim::Minutes(1);

}  // namespace

FaultTimes::FaultTimes(const Scenario& scenario) : scenario_(scenario) {
  for (const Fault& fault : scenario.faults) schedules_.push_back(ScheduleOf(fault, scenario));
}

const OccurrenceSchedule& FaultTimes::Of(const std::string& fault) const {
  const auto found = std::ranges::find(scenario_.faults, fault, &Fault::name);
  sim::Check(found != scenario_.faults.end(), "a claim names a fault of its scenario");
  return schedules_[static_cast<std::size_t>(found - scenario_.faults.begin())];
}

sim::VirtualTime FaultTimes::FirstStart(sim::VirtualTime time) const {
  sim::VirtualTime first = sim::VirtualTime::Max();
  for (const OccurrenceSchedule& schedule : schedules_) {
    const OccurrenceTimes next = schedule.FirstAfter(time - sim::Nanoseconds(1));
    if (next.exists()) first = std::min(first, next.start);
  }
  return first;
}

ClaimTimes::ClaimTimes(const Claim& claim, const FaultTimes& faults, sim::Duration run)
    : claim_(claim),
      faults_(faults),
      run_end_(run),
      whole_{.start = sim::VirtualTime(claim.from.value_or(sim::Duration())),
             .end = claim.until ? sim::VirtualTime(*claim.until) : run_end_} {
  const std::string& fault = claim.during.empty() ? claim.after : claim.during;
  if (!fault.empty()) schedule_ = &faults.Of(fault);
}

std::optional<ClaimTime> ClaimTimes::Next() {
  if (is_done_) return std::nullopt;
  if (!claim_.after.empty()) return NextMinute();
  if (schedule_ == nullptr) {
    is_done_ = true;
    return whole_.start < whole_.end ? std::optional(whole_) : std::nullopt;
  }
  if (!GoOn()) return std::nullopt;
  return ClaimTime{
      .start = occurrence_.start, .end = occurrence_.end, .occurrence = occurrence_.number};
}

bool ClaimTimes::GoOn() {
  occurrence_ = schedule_->Numbered(occurrence_.number + 1);
  is_done_ = !occurrence_.exists() || occurrence_.end > run_end_;
  return !is_done_;
}

std::optional<ClaimTime> ClaimTimes::NextMinute() {
  while (true) {
    const sim::VirtualTime end = traces::AddSaturating(next_minute_, kMinute);
    if (occurrence_.exists() && end <= next_fault_ && end < sim::VirtualTime::Max()) {
      const sim::VirtualTime start = next_minute_;
      next_minute_ = end;
      return ClaimTime{.start = start, .end = end, .occurrence = occurrence_.number};
    }
    if (is_done_ || !GoOn()) return std::nullopt;
    next_minute_ = traces::AddSaturating(occurrence_.end, claim_.within);
    next_fault_ = faults_.FirstStart(occurrence_.end);
    // A fault that repeats before a minute has passed does so for ever.
    const OccurrenceTimes again = schedule_->FirstAfter(occurrence_.start);
    is_done_ = !schedule_->is_random() && again.exists() && again.start - next_minute_ < kMinute;
  }
}

}  // namespace groundhog::model
