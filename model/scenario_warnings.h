// What in a sound scenario is probably not meant: worth a look, no mistake. `groundhog scenario
// check` prints these.
#ifndef GROUNDHOG_MODEL_SCENARIO_WARNINGS_H_
#define GROUNDHOG_MODEL_SCENARIO_WARNINGS_H_

#include <string>
#include <vector>

#include "model/scenario.h"

namespace groundhog::model {

// Full sentences: more work at the peak than there are slots or consumers, a service that no
// journey reaches, no traffic at all; a timeout or deadline below the callee's median; calls that
// come back to a service that waits for them, with no deadline to end it; a fault that never begins
// within the duration or does nothing. Safe to call from any thread.
std::vector<std::string> ScenarioWarnings(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_WARNINGS_H_
