// The load that a scenario puts on its services when nothing fails, computed without a simulation.
// `groundhog scenario show` prints it, and `scenario check` bases warnings on it.
//
// Counted: the requests of journeys, bursts and closed-loop users, the calls that they cause, and
// the time that a slot is held (Little's law): own work, network, and waiting for callees. Of calls
// made at the same time, the one that is slowest on average counts.
// Not counted: faults, failures, retries, waiting in queues, extra latency between zones.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_REVIEW_OFFERED_LOAD_H_
#define GROUNDHOG_MODEL_REVIEW_OFFERED_LOAD_H_

#include <cstddef>
#include <string>
#include <vector>

#include "model/scenario/scenario.h"
#include "model/world/plan/occurrence_schedule.h"
#include "model/world/plan/traffic_curve.h"
#include "sim/time.h"

namespace groundhog::model {

struct Load {
  double per_second = 0;   // spans, or messages of async calls
  double utilisation = 0;  // share of all slots, or of all consumers, that is busy
};

struct ServiceLoad {
  // Averages over the calendar, which has a mean of 1, without bursts.
  Load slots;
  Load consumers;
  // The largest values within the run's first week and its bursts; each figure has its own moment.
  Load slots_peak;
  Load consumers_peak;
};

// One per service, in the scenario's order.
std::vector<ServiceLoad> OfferedLoad(const Scenario& scenario);

// The same as comment lines of YAML, to be printed with the scenario.
std::string LoadText(const Scenario& scenario);

// The number of records that a scenario asks for: one for each span and message of its journeys,
// bursts, surges and users, and the interval logs. Excludes what failures and retries add.
class OfferedRecords {
 public:
  explicit OfferedRecords(const Scenario& scenario);

  // The number from the start until then: an estimate that a run can be compared with.
  double Until(sim::Duration time) const;

 private:
  struct Stream {
    double per_second = 0;          // records of one journey, before the factors of `more`
    std::vector<std::size_t> more;  // indices into more_
  };
  // A burst or a surge.
  struct More {
    OccurrenceSchedule schedule;
    sim::Duration ramp;
    double factor = 1;
  };
  double At(sim::VirtualTime time) const;

  TrafficCurve curve_;
  double steady_per_second_ = 0;  // users and interval logs
  std::vector<Stream> streams_;
  std::vector<More> more_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_REVIEW_OFFERED_LOAD_H_
