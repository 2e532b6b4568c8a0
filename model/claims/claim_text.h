// A claim's figure against its bounds, and the words for one that is outside.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_CLAIMS_CLAIM_TEXT_H_
#define GROUNDHOG_MODEL_CLAIMS_CLAIM_TEXT_H_

#include <string>

#include "model/claims/claim_check.h"
#include "model/claims/claim_times.h"
#include "model/scenario/claim.h"
#include "model/scenario/scenario.h"

namespace groundhog::model {

// "3.21 % (12 of 374), not at most 1 %"; empty: the figure is within the claim's bounds.
std::string FigureProblem(const Claim& claim, const ClaimCounts& counts);

// "during auth-down, from 20m to 30m, the error rate of gateway".
std::string FigureName(const Claim& claim, const ClaimTime& time, const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_CLAIMS_CLAIM_TEXT_H_
