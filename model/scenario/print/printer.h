// A scenario as YAML again, with every default written out and every override applied: what
// `groundhog scenario show` prints. ParseScenario reads it back to equal structs.
#ifndef GROUNDHOG_MODEL_SCENARIO_PRINT_PRINTER_H_
#define GROUNDHOG_MODEL_SCENARIO_PRINT_PRINTER_H_

#include <string>

#include "model/scenario/scenario.h"

namespace groundhog::model {

// `scenario` as ParseScenario made it. Safe to call from any thread.
std::string ScenarioText(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PRINT_PRINTER_H_
