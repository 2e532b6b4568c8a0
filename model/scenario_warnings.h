// What in a sound scenario is probably not meant: worth a look, no mistake. `groundhog scenario
// check` prints these.
#ifndef GROUNDHOG_MODEL_SCENARIO_WARNINGS_H_
#define GROUNDHOG_MODEL_SCENARIO_WARNINGS_H_

#include <string>
#include <vector>

#include "model/scenario.h"

namespace groundhog::model {

// The load that a service carries when nothing fails, each on daily average.
struct ServiceLoad {
  double spans_per_second = 0;
  // Slots busy on average, the time spent waiting for callees included (Little's law), of all
  // slots.
  double utilisation = 0;
};

// One per service, in the scenario's order. Retries and queueing are not counted.
std::vector<ServiceLoad> OfferedLoad(const Scenario& scenario);

// Full sentences: a timeout below the callee's median, a fault that never begins within the
// duration, more work at the peak than there are slots, a service that no journey reaches, no
// traffic at all.
std::vector<std::string> ScenarioWarnings(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_WARNINGS_H_
