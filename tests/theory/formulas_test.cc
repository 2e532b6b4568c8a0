// The formulas themselves, against published values and against each other.
#include "tests/theory/formulas.h"

#include <gtest/gtest.h>

#include <cmath>

namespace groundhog::theory {
namespace {

// Printed tables of Erlang's formulas: 5 servers, 3 and 4 erlangs.
TEST(Formulas, ErlangsAreThoseOfPrintedTables) {
  EXPECT_NEAR(ErlangB(5, 3), 0.1101, 5e-5);
  EXPECT_NEAR(ErlangB(5, 4), 0.1991, 5e-5);
  EXPECT_NEAR(ErlangC(5, 3), 0.2362, 5e-5);
  EXPECT_NEAR(ErlangC(5, 4), 0.5541, 5e-5);
}

TEST(Formulas, OneServerIsASpecialCaseOfEach) {
  constexpr MarkovQueue kQueue = {.arrival_rate = 70, .service_rate = 100};
  const double wait = 0.7 / 30;
  EXPECT_NEAR(MeanWait(kQueue), wait, 1e-12);
  EXPECT_NEAR(MeanWaitOfAdmitted(kQueue, 500), wait, 1e-9);
  EXPECT_NEAR(MeanWaitAtEveryKth(kQueue, 1), wait, 1e-9);
  EXPECT_NEAR(PollaczekKhinchineWait(70, HyperexponentialMoments(1, 0.01, 1)), wait, 1e-12);
  EXPECT_NEAR(ProbabilityOfLongerWait(kQueue, 0), 0.7, 1e-12);
  EXPECT_NEAR(ProbabilityOfLeaving(kQueue, 1e-12), ErlangB(1, 0.7), 1e-9);
}

// Mean value analysis, Harchol-Balter 20: an arrival sees what one user fewer makes.
TEST(Formulas, MachineRepairIsMeanValueAnalysis) {
  double queued = 0;
  double response = 0;
  double throughput = 0;
  for (int users = 1; users <= 20; ++users) {
    response = 0.01 * (1 + queued);
    throughput = users / (0.15 + response);
    queued = throughput * response;
  }
  EXPECT_NEAR(MachineRepair(20, 0.15, 0.01).throughput, throughput, 1e-9);
  EXPECT_NEAR(MachineRepair(20, 0.15, 0.01).response, response, 1e-9);
}

// With p95 on the line through the median and p99 it is one lognormal distribution.
TEST(Formulas, QuantilesOfALognormalHaveItsMoments) {
  const double sigma = 0.8;
  const ServiceMoments quantiles = QuantileMoments(2, 2 * std::exp(1.6448536269514722 * sigma),
                                                   2 * std::exp(2.3263478740408408 * sigma));
  const ServiceMoments lognormal = LognormalMoments(2, sigma);
  EXPECT_NEAR(quantiles.mean, lognormal.mean, 1e-8);
  EXPECT_NEAR(quantiles.second, lognormal.second, 1e-7);
}

}  // namespace
}  // namespace groundhog::theory
