// What holds of the parser's answer to any text and any overrides.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_FUZZ_SCENARIO_CLAIMS_H_
#define GROUNDHOG_FUZZ_SCENARIO_CLAIMS_H_

#include <optional>
#include <string>
#include <string_view>

#include "model/scenario/overrides.h"
#include "model/scenario/scenario.h"

namespace groundhog::fuzz {

struct ScenarioAnswer {
  std::string flaw;                         // what is wrong with the answer; empty: nothing
  std::optional<model::Scenario> scenario;  // nullopt: the text was refused
};

// Parses `text` as a file named f.yaml. Claims: a refusal has the form that FlawOfComplaint checks;
// what is taken means the same when it is printed and read again.
ScenarioAnswer AskForScenario(std::string_view text, const model::Overrides& overrides);

// What is wrong with the form of the parser's message about f.yaml; empty: nothing. It has at most
// ten lines, each a place and what is wrong there, then the number of those left out.
std::string FlawOfComplaint(const std::string& message);

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_SCENARIO_CLAIMS_H_
