// Claims of the tests against theory. One holds when the expected value lies in the observed
// estimate's 99.9 % interval. So with CI's fixed seed a claim holds unless the model has changed,
// and over many seeds one claim in a thousand fails.
//
// With --report=FILE each claim adds a line of tab-separated text to the file (test, claim, seed,
// observed, expected, low, high, 1 or 0), and missing one is no failure: scripts/theory counts.
#ifndef GROUNDHOG_TESTS_THEORY_CLAIMS_H_
#define GROUNDHOG_TESTS_THEORY_CLAIMS_H_

#include <string_view>

#include "tests/theory/statistics.h"

namespace groundhog::theory {

// Claims that the true value behind `estimate` is `expected`.
void ExpectAgreement(std::string_view claim, const Estimate& estimate, double expected);

// Claims that the estimate is precise enough to exclude a wrong value: `wrong` lies outside of its
// interval. A failure also with --report.
void ExpectDisagreement(std::string_view claim, const Estimate& estimate, double wrong);

}  // namespace groundhog::theory

#endif  // GROUNDHOG_TESTS_THEORY_CLAIMS_H_
