// A JSON Schema (draft 2020-12) of scenario files, written from the table of keys: what
// `groundhog scenario schema` prints. Editors complete and check by it, and the tests of bad input
// generate their cases from it. It cannot see what one value means for another (a name that is
// declared nowhere, quantiles in the wrong order): that is for the parser.
#ifndef GROUNDHOG_MODEL_SCENARIO_JSON_SCHEMA_H_
#define GROUNDHOG_MODEL_SCENARIO_JSON_SCHEMA_H_

#include <string>

namespace groundhog::model {

// One definition per object of the table. Each key has its meaning, default, range and pattern;
// where JSON Schema has no word for a range (durations, rates), the annotations `x-minimum` and
// `x-maximum` state it, and `x-type` names the kind of value. Safe to call from any thread.
std::string ScenarioSchema();

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_JSON_SCHEMA_H_
