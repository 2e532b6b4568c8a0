// What in a sound scenario is probably not meant: worth a look, no mistake. `groundhog scenario
// check` prints these.
#ifndef GROUNDHOG_MODEL_REVIEW_WARNINGS_H_
#define GROUNDHOG_MODEL_REVIEW_WARNINGS_H_

#include <string>
#include <vector>

#include "model/scenario/scenario.h"

namespace groundhog::model {

struct ScenarioWarning {
  std::string path;  // what it is about, as for `--set`: "services.web.concurrency"; or empty
  std::string text;  // what will happen, with a figure where there is one, and how to mend it
};

// docs/SCENARIO.md lists them. Needs a checked scenario. Takes seconds at most, and that only where
// call trees are huge: what requests will meet is found by trying them (request_trial.h). Safe to
// call from any thread.
std::vector<ScenarioWarning> ScenarioWarnings(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_REVIEW_WARNINGS_H_
