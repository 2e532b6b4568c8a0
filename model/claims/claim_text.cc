#include "model/claims/claim_text.h"

#include <algorithm>
#include <string_view>

#include "text/concat.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatRounded;

std::string BoundText(double share) { return Concat({FormatRounded(share * 100, 6), " %"}); }
std::string BoundText(sim::Duration duration) { return FormatDuration(duration); }
std::string BoundText(std::uint64_t count) { return text::WithCommas(count); }

// Empty: the figure, which is from `least` to `most`, may be within the bounds.
template <class Value>
std::string BoundProblem(const Bounds<Value>& bounds, Value least, Value most) {
  if (bounds.at_least && most < *bounds.at_least) {
    return Concat({", not at least ", BoundText(*bounds.at_least)});
  }
  if (bounds.at_most && least > *bounds.at_most) {
    return Concat({", not at most ", BoundText(*bounds.at_most)});
  }
  return "";
}

// To four digits: "231.4ms", "1.502s".
std::string MeasuredText(sim::Duration duration) {
  const auto nanoseconds = static_cast<double>(duration.nanoseconds());
  if (duration >= sim::Seconds(1)) return Concat({FormatRounded(nanoseconds / 1e9, 4), "s"});
  return Concat({FormatRounded(nanoseconds / 1e6, 4), "ms"});
}

std::string PercentileProblem(const Bounds<sim::Duration>& bounds, int percent,
                              const ClaimCounts& counts) {
  const DurationRange figure = counts.durations.Percentile(percent);
  const std::string problem = BoundProblem(bounds, figure.least, figure.most);
  return problem.empty() ? "" : Concat({MeasuredText(figure.Middle()), problem});
}

std::string_view FigureKind(const Claim& claim) {
  if (claim.error_rate) return "error rate";
  if (claim.p50) return "p50";
  if (claim.p95) return "p95";
  return claim.p99 ? "p99" : "number of records";
}

// "during auth-down/2, ".
std::string FaultText(const Claim& claim, const ClaimTime& time, const Scenario& scenario) {
  const std::string& name = claim.during.empty() ? claim.after : claim.during;
  if (name.empty()) return "";
  const auto fault = std::ranges::find(scenario.faults, name, &Fault::name);
  const bool comes_once = fault != scenario.faults.end() && fault->every == sim::Duration() &&
                          fault->mtbf == sim::Duration();
  return Concat({claim.during.empty() ? "after " : "during ", name,
                 comes_once ? "" : Concat({"/", std::to_string(time.occurrence)}), ", "});
}

}  // namespace

std::string FigureProblem(const Claim& claim, const ClaimCounts& counts) {
  if (claim.records) {
    const std::string problem = BoundProblem(*claim.records, counts.records, counts.records);
    return problem.empty() ? "" : Concat({BoundText(counts.records), problem});
  }
  if (claim.error_rate) {
    const double figure = static_cast<double>(counts.errors) / static_cast<double>(counts.records);
    const std::string problem = BoundProblem(*claim.error_rate, figure, figure);
    if (problem.empty()) return "";
    return Concat({FormatRounded(figure * 100, 4), " % (", std::to_string(counts.errors), " of ",
                   std::to_string(counts.records), ")", problem});
  }
  if (claim.p50) return PercentileProblem(*claim.p50, 50, counts);
  if (claim.p95) return PercentileProblem(*claim.p95, 95, counts);
  return PercentileProblem(*claim.p99, 99, counts);
}

std::string FigureName(const Claim& claim, const ClaimTime& time, const Scenario& scenario) {
  std::string whose = claim.service.empty() ? "" : Concat({" of ", claim.service});
  if (claim.service.empty() && !claim.records) whose = " of users' requests";
  return Concat({FaultText(claim, time, scenario), "from ",
                 FormatDuration(time.start.since_start()), " to ",
                 FormatDuration(time.end.since_start()), ", the ", FigureKind(claim), whose});
}

}  // namespace groundhog::model
