// The occurrences of a fault or burst: one, periodic ones, or random ones that are drawn before the
// run. A pure function of time after construction; any thread.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_OCCURRENCE_SCHEDULE_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_OCCURRENCE_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/scenario/scenario.h"
#include "sim/random.h"
#include "sim/time.h"
#include "traces/occurrences.h"

namespace groundhog::model {

// One occurrence, [start, end), with its number. The trace's catalogue has the times of random ones
// as traces::FaultTime; its footer has all as traces::Occurrence, which replay::Incident names.
struct OccurrenceTimes {
  std::uint32_t number = 0;  // from 1; 0: there is none
  sim::VirtualTime start;
  sim::VirtualTime end;

  bool exists() const { return number != 0; }
};

class OccurrenceSchedule {
 public:
  // The largest number of random occurrences: no fault occurs after the last.
  static constexpr std::size_t kRandomMax = 10'000;

  struct PeriodicOptions {
    sim::Duration at;        // of the first, >= 0
    sim::Duration duration;  // > 0
    sim::Duration every;     // >= duration; zero: once
  };
  struct RandomOptions {
    sim::Duration at;     // when the first wait begins
    sim::Duration mtbf;   // mean of the exponential times between an end and the next start
    sim::Duration mttr;   // mean of the exponential lengths
    sim::Duration until;  // none starts at this time or later
    sim::Duration resolution = sim::Nanoseconds(1);  // waits and lengths are multiples; <= 1 ms
  };

  // Never.
  OccurrenceSchedule() = default;
  explicit OccurrenceSchedule(const PeriodicOptions& options)
      : periodic_{.first_start = sim::VirtualTime(options.at),
                  .duration = options.duration,
                  .period = options.every} {}
  // Waits and lengths are drawn with `key`, ordinal n for the n-th; 1 ms at least.
  OccurrenceSchedule(sim::StreamKey key, const RandomOptions& options);

  bool is_random() const { return is_random_; }
  // All of them, in order, if random; else empty.
  const std::vector<OccurrenceTimes>& list() const { return list_; }

  // The occurrence of this number, from 1.
  OccurrenceTimes Numbered(std::uint32_t number) const;
  // The one under way at `time`.
  OccurrenceTimes At(sim::VirtualTime time) const {
    const OccurrenceTimes last = LastStarted(time);
    return time < last.end ? last : OccurrenceTimes();
  }
  // The last one that starts at `time` or before.
  OccurrenceTimes LastStarted(sim::VirtualTime time) const;
  // The first one that starts after `time`.
  OccurrenceTimes FirstAfter(sim::VirtualTime time) const;

 private:
  traces::PeriodicTimes periodic_{.first_start = sim::VirtualTime::Max()};  // unless random
  bool is_random_ = false;
  std::vector<OccurrenceTimes> list_;  // ascending, disjoint
};

// A fault's, as a world of the scenario lives it: on its grid of time, which `fault` need not be.
OccurrenceSchedule ScheduleOf(const Fault& fault, const Scenario& scenario);

// How strongly an occurrence acts at `time` within it: rises linearly from 0 to 1 over its first
// `ramp` and falls over its last; 1 between. `ramp` is at most half of its length; zero: always 1.
double StrengthAt(const OccurrenceTimes& occurrence, sim::Duration ramp, sim::VirtualTime time);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_OCCURRENCE_SCHEDULE_H_
