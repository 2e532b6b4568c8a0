// Random faults, against the theory of the alternating renewal process. Trivedi and Bobbio,
// Reliability and Availability Engineering (2017), chapter 9: the lost share of time is MTTR /
// (MTBF + MTTR), where MTBF counts from the end of one fault to the start of the next.
#include <gtest/gtest.h>

#include <vector>

#include "tests/theory/claims.h"
#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

constexpr double kBetween = 600;  // random_faults.yaml's mtbf and mttr, in seconds
constexpr double kLength = 120;

TEST(RandomFaults, AlternateWithExponentialTimes) {
  const Recording recording("random_faults.yaml");
  std::vector<double> between;
  std::vector<double> lengths;
  sim::VirtualTime end;
  for (const traces::FaultTime& time : recording.catalogue().faults.at(0).times) {
    between.push_back(InSeconds(time.start - end));
    lengths.push_back(InSeconds(time.end - time.start));
    end = time.end;
  }
  ExpectAgreement("mean time between, s", BatchMeans(between), kBetween);
  ExpectAgreement("mean length, s", BatchMeans(lengths), kLength);
  ExpectAgreement("chi-squared of times between", ExponentialFit(between, kBetween), 1);
  ExpectAgreement("chi-squared of lengths", ExponentialFit(lengths, kLength), 1);
  ExpectDisagreement("chi-squared of lengths", ExponentialFit(lengths, 1.2 * kLength), 1);
  const Estimate lost = BatchMeans(
      Each(recording.Arrivals("door"), [](const Span& span) { return span.failed() ? 1.0 : 0.0; }));
  ExpectAgreement("share of requests refused", lost, kLength / (kBetween + kLength));
  ExpectDisagreement("share of requests refused", lost, kLength / kBetween);
}

}  // namespace
}  // namespace groundhog::theory
