// Finds what is valid in a scenario but probably not intended. `groundhog scenario check` prints
// these warnings.
#ifndef GROUNDHOG_MODEL_REVIEW_WARNINGS_H_
#define GROUNDHOG_MODEL_REVIEW_WARNINGS_H_

#include <string>
#include <vector>

#include "model/scenario/scenario.h"

namespace groundhog::model {

struct ScenarioWarning {
  std::string path;  // the place, as for `--set`: "services.web.concurrency"; or empty
  std::string text;  // what will happen, with a figure if there is one, and how to avoid it
};

// docs/SCENARIO.md lists them. Needs a checked scenario. Takes at most some seconds, and only with
// huge call trees, because it tries the requests (request_trial.h). Safe to call from any thread.
std::vector<ScenarioWarning> ScenarioWarnings(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_REVIEW_WARNINGS_H_
