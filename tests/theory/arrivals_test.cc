// Traffic against the Poisson process that it is. Kingman, Poisson Processes (1993): counts of
// disjoint intervals are independent and Poisson (2.1), gaps are independent and exponential (4.1),
// and a process of varying rate is one of rate 1 once time is counted in expected arrivals (4.5).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/theory/claims.h"
#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

constexpr double kHop = 1e-3;  // seconds; the scenario's
constexpr double kRate = 10;
constexpr double kHour = 3'600;
constexpr std::array<double, 24> kDaily = {1, 1, 0, 0, 2, 3, 4, 5, 6, 7, 8,  9,
                                           9, 8, 7, 6, 5, 4, 3, 2, 9, 1, 12, 1};
constexpr std::array<double, 7> kWeekly = {1, 1, 2, 1, 1, 0.5, 0.25};

template <class Values>
std::string List(const Values& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "[" : ", ") + std::to_string(value);
  return text + "]";
}

template <class Values>
double Mean(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Expected arrivals in the first `seconds` after the start, which is Monday at midnight: the
// integral of docs/SCENARIO.md's curve, linear between the hours' weights, scaled to a mean of 1.
double ExpectedUntil(double seconds) {
  double sum = 0;
  for (std::size_t hour = 0; static_cast<double>(hour) * kHour < seconds; ++hour) {
    const double from = kDaily[hour % 24] * kWeekly[hour / 24 % 7];
    const double to = kDaily[(hour + 1) % 24] * kWeekly[hour / 24 % 7];
    const double part = std::min(1.0, seconds / kHour - static_cast<double>(hour));
    sum += (from + (to - from) * part / 2) * part;
  }
  return sum * kHour * kRate / (Mean(kDaily) * Mean(kWeekly));
}

// When requests were made, in seconds, in order.
std::vector<double> Made(const Recording& recording) {
  return Each(recording.Arrivals("door"),
              [](const Span& span) { return InSeconds(span.arrival) - kHop; });
}

// The number of `times` in each unit of time.
std::vector<double> Counts(const std::vector<double>& times) {
  std::vector<double> counts(static_cast<std::size_t>(times.back()));
  for (const double time : times) {
    const auto unit = static_cast<std::size_t>(time);
    if (unit < counts.size()) ++counts[unit];
  }
  return counts;
}

// How well the gaps of a process fit one of rate 1.
Estimate GapsFit(const std::vector<double>& times) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  return ExponentialFit(gaps, 1);
}

// How well counts of units that expect `mean` arrivals fit Poisson's distribution.
Estimate CountsFit(const std::vector<double>& counts, double mean) {
  std::vector<double> observed = {0};
  std::vector<double> expected = {0};
  const auto units = static_cast<double>(counts.size());
  double left = 1;
  for (int value = 0; left * units > 5; ++value) {
    const double share = std::exp(value * std::log(mean) - mean - std::lgamma(value + 1));
    // Cells that expect less than five are joined with the next.
    if (expected.back() >= 5) {
      observed.push_back(0);
      expected.push_back(0);
    }
    expected.back() += share * units;
    observed.back() += static_cast<double>(std::count(counts.begin(), counts.end(), value));
    left -= share;
  }
  double beyond = units;
  for (const double count : observed) beyond -= count;
  observed.back() += beyond;
  expected.back() += left * units;
  return GoodnessOfFit(observed, expected, 1);
}

std::vector<double> Scaled(std::vector<double> times, double factor) {
  for (double& time : times) time *= factor;
  return times;
}

void ExpectPoisson(const std::vector<double>& times, double rate) {
  const std::vector<double> counts = Counts(times);
  ExpectAgreement("arrivals a second", BatchMeans(counts), rate);
  ExpectDisagreement("arrivals a second", BatchMeans(counts), rate * 1.01);
  ExpectAgreement("index of dispersion, seconds", IndexOfDispersion(counts), 1);
  const std::vector<double> minutes = Counts(Scaled(times, 1.0 / 60));
  ExpectAgreement("index of dispersion, minutes", IndexOfDispersion(minutes), 1);
  ExpectAgreement("chi-squared of counts", CountsFit(counts, rate), 1);
  ExpectDisagreement("chi-squared of counts", CountsFit(counts, rate * 1.03), 1);
  ExpectAgreement("chi-squared of gaps", GapsFit(Scaled(times, rate)), 1);
  ExpectDisagreement("chi-squared of gaps", GapsFit(Scaled(times, rate * 1.03)), 1);
}

TEST(Arrivals, AreAPoissonProcess) { ExpectPoisson(Made(Recording("arrivals.yaml")), kRate); }

TEST(Arrivals, OfTwoJourneysAreOnePoissonProcess) {
  const Recording recording(
      "arrivals.yaml",
      {"--set", "journeys.other={rate: 5/s, deadline: 1m, entry: door}", "--duration", "8h"});
  ExpectPoisson(Made(recording), kRate + 5);
}

TEST(Arrivals, FollowTheDailyAndTheWeeklyCurve) {
  std::vector<double> made = Made(Recording(
      "arrivals.yaml", {"--duration", "7d", "--set", "traffic.daily=" + List(kDaily), "--set",
                        "traffic.weekly=" + List(kWeekly), "--set", "journeys.visitor.rate=2/s"}));
  std::vector<double> observed;
  std::vector<double> expected;
  for (int hour = 0; hour < 7 * 24; ++hour) {
    const double from = hour * kHour;
    const double to = std::min(from + kHour, made.back());
    const double hoped = (ExpectedUntil(to) - ExpectedUntil(from)) / 5;
    const auto first = std::lower_bound(made.begin(), made.end(), from);
    const auto last = std::lower_bound(made.begin(), made.end(), from + kHour);
    if (hoped < 5) {
      EXPECT_EQ(hoped == 0, first == last) << "hour " << hour;
      continue;
    }
    expected.push_back(hoped);
    observed.push_back(static_cast<double>(last - first));
  }
  ExpectAgreement("chi-squared of hours", GoodnessOfFit(observed, expected, 0), 1);
  for (double& time : made) time = ExpectedUntil(time) / 5;
  ExpectAgreement("chi-squared of gaps in rescaled time", GapsFit(made), 1);
  const std::vector<double> counts = Counts(Scaled(made, 0.1));
  ExpectAgreement("arrivals in rescaled time", BatchMeans(counts), 10);
  ExpectAgreement("index of dispersion in rescaled time", IndexOfDispersion(counts), 1);
  // The flat curve would not do.
  const std::vector<double> flat(observed.size(), Mean(observed));
  ExpectDisagreement("chi-squared of hours", GoodnessOfFit(observed, flat, 1), 1);
}

// The rate during a disturbance of this factor: it rises and falls evenly over `ramp`.
struct Swell {
  double from_minute = 0;
  double minutes = 0;
  double ramp = 0;
  double factor = 1;

  double At(double minute) const {
    const double until_edge = std::min(minute - from_minute, from_minute + minutes - minute);
    return 1 + (factor - 1) * std::clamp(until_edge / ramp, 0.0, 1.0);
  }
};

constexpr Swell kBurst = {.from_minute = 60, .minutes = 60, .ramp = 20, .factor = 3};
constexpr Swell kSurge = {.from_minute = 90, .minutes = 60, .ramp = 10, .factor = 2};

// How well the counts of minutes fit a rate to which both add, each its factor minus one.
Estimate MinutesFit(const std::vector<double>& counts, const Swell& burst, const Swell& surge) {
  std::vector<double> expected;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto rate = [&](double part) {
      const double minute = static_cast<double>(i) + part;
      return 60 * kRate * (burst.At(minute) + surge.At(minute) - 1);
    };
    expected.push_back((rate(0) + 4 * rate(0.5) + rate(1)) / 6);  // Simpson's rule
  }
  return GoodnessOfFit(counts, expected, 0);
}

TEST(Arrivals, OfABurstAndASurgeAddUp) {
  const Recording recording(
      "arrivals.yaml",
      {"--duration", "4h", "--set",
       "traffic.bursts={sale: {at: 1h, for: 1h, ramp: 20m, factor: 3}}", "--set",
       "faults={rush: {kind: surge, target: door, at: 90m, for: 1h, ramp: 10m, factor: 2}}"});
  const std::vector<double> minutes = Counts(Scaled(Made(recording), 1.0 / 60));
  ExpectAgreement("chi-squared of minutes", MinutesFit(minutes, kBurst, kSurge), 1);
  Swell sudden = kBurst;
  sudden.ramp = 1;
  ExpectDisagreement("chi-squared of minutes", MinutesFit(minutes, sudden, kSurge), 1);
}

}  // namespace
}  // namespace groundhog::theory
