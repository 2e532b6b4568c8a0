// Warnings about limits that end requests before they are answered, found by trying requests.
#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>

#include "model/review/warning_rules.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;
using text::FormatPercent;

constexpr std::uint64_t kAnswersTried = 2'000;
constexpr std::uint64_t kAttemptsJudged = 100;

using Kind = TrialLimit::Kind;

double Share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string ServiceName(const TriedRequests& tried, std::uint32_t service) {
  return Concat({"'", tried.topology.services[service].spec->name, "'"});
}

std::string DependencyPath(const TriedRequests& tried, const DependencyInfo& dependency) {
  return Concat({"services.", tried.topology.services[dependency.caller].spec->name,
                 ".dependencies.", tried.topology.services[dependency.callee].spec->name});
}

// "an answer takes at least 8ms, 11ms in the median and 41ms at p95; 'timeout: 85ms' lets 99 % of
// them pass"
std::string AnswerText(sim::Duration least, const std::optional<AnswerTimes>& times,
                       std::string_view key) {
  if (!times) {
    return Concat({"an answer takes at least ", RoundedText(least), "; give '", key, "' more"});
  }
  return Concat({"an answer takes at least ", RoundedText(least), ", ", RoundedText(times->p50),
                 " in the median and ", RoundedText(times->p95), " at p95; '", key, ": ",
                 RoundedText(RoundedUp(times->p99)), "' lets 99 % of them pass"});
}

std::string Clause(const std::string& text) { return text.empty() ? "" : Concat({", and ", text}); }

// The node at which a dependency does worst.
struct Worst {
  std::size_t journey = 0;
  std::uint32_t node = 0;
  double share = -1;
  bool is_certain = false;
};

void Note(std::map<std::uint32_t, Worst>& worst, std::uint32_t index, const Worst& found) {
  Worst& known = worst[index];
  const bool is_worse =
      found.is_certain != known.is_certain ? found.is_certain : found.share > known.share;
  if (known.share < 0 || is_worse) known = found;
}

// The share of the journey's requests that failed by this limit, if it is worth a warning.
std::optional<double> FailedShare(const TriedRequests& tried, std::size_t journey,
                                  const TrialLimit& limit) {
  const JourneyTrial& trial = tried.journeys[journey];
  const auto found = trial.failed.find(limit);
  if (found == trial.failed.end() || !tried.IsJudged(journey)) return std::nullopt;
  const double share = Share(found->second, trial.requests);
  return share < kWorthAWarning ? std::nullopt : std::optional(share);
}

// Whether no answer of `node` can come before the dependency's timeout.
bool IsHopeless(const TriedRequests& tried, std::uint32_t node, const DependencyInfo& dependency) {
  const sim::Duration least = tried.trial.LeastAnswerTime(node);
  return least < sim::Duration::Max() && least >= dependency.timeout.delay;
}

void FindHopeless(const TriedRequests& tried, std::size_t journey, std::uint32_t node,
                  std::map<std::uint32_t, Worst>& worst) {
  const CallNode& caller = tried.topology.nodes[node];
  for (std::uint32_t i = 0; i < caller.child_count; ++i) {
    const std::uint32_t child = caller.first_child + i;
    const std::uint32_t index = tried.topology.nodes[child].dependency;
    const DependencyInfo& dependency = tried.topology.dependencies[index];
    if (!dependency.spec->is_async && IsHopeless(tried, child, dependency)) {
      Note(worst, index, {.journey = journey, .node = child, .share = 1, .is_certain = true});
    }
    FindHopeless(tried, journey, child, worst);
  }
}

}  // namespace

void WarnOfTimeouts(const TriedRequests& tried, Warnings& warnings) {
  std::map<std::uint32_t, Worst> worst;  // by dependency
  for (std::size_t i = 0; i < tried.journeys.size(); ++i) {
    FindHopeless(tried, i, tried.topology.journeys[i].root, worst);
    for (const auto& [node, call] : tried.journeys[i].calls) {
      const double share = Share(call.timeouts, call.attempts);
      if (call.attempts < kAttemptsJudged || share < kWorthAWarning) continue;
      Note(worst, tried.topology.nodes[node].dependency,
           {.journey = i, .node = node, .share = share});
    }
  }
  for (const auto& [index, found] : worst) {
    const DependencyInfo& dependency = tried.topology.dependencies[index];
    const std::string who = Concat({" of ", ServiceName(tried, dependency.caller), " to call ",
                                    ServiceName(tried, dependency.callee), " in journey '",
                                    tried.topology.journeys[found.journey].spec->name, "'"});
    const std::string how_many =
        found.is_certain ? Concat({"every attempt", who, " times out"})
                         : Concat({"about ", FormatPercent(found.share, 0), " of the attempts", who,
                                   " time out, although nothing waits"});
    warnings.push_back(
        {DependencyPath(tried, dependency) + ".timeout",
         Concat({how_many, Clause(tried.FailureText(found.journey)), ": 'timeout' is ",
                 FormatDuration(dependency.timeout.delay), ", but ",
                 AnswerText(tried.trial.LeastAnswerTime(found.node),
                            tried.trial.AnswerTimesOf(found.node, kAnswersTried), "timeout")})});
  }
}

void WarnOfDeadlines(const TriedRequests& tried, Warnings& warnings) {
  for (std::size_t i = 0; i < tried.journeys.size(); ++i) {
    const JourneyInfo& journey = tried.topology.journeys[i];
    const sim::Duration least = tried.trial.LeastAnswerTime(journey.root);
    const bool is_certain = least < sim::Duration::Max() && tried.MustFail(i);
    const std::optional<double> share = FailedShare(tried, i, {.kind = Kind::kJourney});
    if (!is_certain && !share) continue;
    const bool has_patience = journey.patience.delay < journey.deadline.delay;
    const std::string_view key = has_patience ? "patience" : "deadline";
    const std::string how_many =
        is_certain ? Concat({"every request of '", journey.spec->name, "' fails"})
                   : Concat({"about ", FormatPercent(*share, 0), " of the requests of '",
                             journey.spec->name, "' fail, although nothing waits"});
    warnings.push_back(
        {Concat({"journeys.", journey.spec->name, has_patience ? ".client." : ".", key}),
         Concat({how_many, " at its '", key, "', ",
                 FormatDuration(std::min(journey.deadline.delay, journey.patience.delay)), ": ",
                 AnswerText(least, tried.trial.AnswerTimesOf(journey, kAnswersTried), key)})});
  }
}

void WarnOfTimeLimits(const TriedRequests& tried, Warnings& warnings) {
  for (std::uint32_t service = 0; service < tried.topology.services.size(); ++service) {
    for (std::size_t i = 0; i < tried.journeys.size(); ++i) {
      const auto share = FailedShare(tried, i, {Kind::kTimeLimit, service});
      if (!share) continue;
      const std::string& name = tried.topology.services[service].spec->name;
      warnings.push_back({Concat({"services.", name, ".time_limit"}),
                          Concat({"about ", FormatPercent(*share, 0), " of the requests of '",
                                  tried.topology.journeys[i].spec->name, "' fail, as a span of '",
                                  name, "' takes longer than its 'time_limit', ",
                                  FormatDuration(tried.topology.services[service].spec->time_limit),
                                  "; allow more than its work and its calls take"})});
      break;
    }
  }
}

void WarnOfConsumerDeadlines(const TriedRequests& tried, Warnings& warnings) {
  std::map<std::uint32_t, Worst> worst;  // by service
  for (std::size_t i = 0; i < tried.journeys.size(); ++i) {
    const JourneyTrial& trial = tried.journeys[i];
    for (const auto& [node, late] : trial.messages_late) {
      const double share = Share(late, trial.messages.at(node));
      if (trial.messages.at(node) < kAttemptsJudged || share < kWorthAWarning) continue;
      Note(worst, tried.topology.nodes[node].service, {.journey = i, .node = node, .share = share});
    }
  }
  for (const auto& [service, found] : worst) {
    const ServiceInfo& info = tried.topology.services[service];
    warnings.push_back(
        {Concat({"services.", info.spec->name, ".consumers.deadline"}),
         Concat({"about ", FormatPercent(found.share, 0), " of the messages to '", info.spec->name,
                 "' in journey '", tried.topology.journeys[found.journey].spec->name,
                 "' fail, although nothing waits: the work on them takes longer than its ",
                 "consumers' 'deadline', ", FormatDuration(info.spec->consumers->deadline),
                 "; allow more"})});
  }
}

void WarnOfOwnSlots(const TriedRequests& tried, Warnings& warnings) {
  for (std::uint32_t service = 0; service < tried.topology.services.size(); ++service) {
    for (std::size_t i = 0; i < tried.journeys.size(); ++i) {
      const auto share = FailedShare(tried, i, {Kind::kOwnSlots, service});
      if (!share) continue;
      const ServiceInfo& info = tried.topology.services[service];
      const std::string how_many =
          tried.MustFail(i) ? "every request of '"
                            : Concat({"about ", FormatPercent(*share, 0), " of the requests of '"});
      warnings.push_back(
          {Concat({"services.", info.spec->name, ".concurrency"}),
           Concat({how_many, tried.topology.journeys[i].spec->name,
                   tried.MustFail(i) ? "' fails" : "' fail", ": '", info.spec->name,
                   "' is called again before it has answered, and the 'concurrency' of a host, ",
                   std::to_string(info.spec->concurrency),
                   ", is too small for both calls: the second waits for the slot of the first; ",
                   "give it more"})});
      break;
    }
  }
}

void WarnOfRetriesThatDoNotFit(const TriedRequests& tried, Warnings& warnings) {
  std::map<std::uint32_t, Worst> worst;  // by dependency
  for (std::size_t i = 0; i < tried.journeys.size(); ++i) {
    for (const auto& [node, call] : tried.journeys[i].calls) {
      const std::uint32_t index = tried.topology.nodes[node].dependency;
      const auto retries_max =
          static_cast<std::uint64_t>(tried.topology.dependencies[index].spec->retries.max);
      if (call.calls < kAttemptsJudged || retries_max == 0) continue;
      const double made = Share(call.retries_after_errors, call.calls * retries_max);
      if (made >= 0.5) continue;
      Note(worst, index, {.journey = i, .node = node, .share = 1 - made});
    }
  }
  for (const auto& [index, found] : worst) {
    const DependencyInfo& dependency = tried.topology.dependencies[index];
    const CallTrial& call = tried.journeys[found.journey].calls.at(found.node);
    const double calls = static_cast<double>(call.calls);
    const auto average = [&](std::uint64_t count) {
      const auto hundredths = static_cast<std::int64_t>(static_cast<double>(count) / calls * 100);
      return FormatNumber(static_cast<double>(hundredths) / 100);
    };
    const sim::Duration left(static_cast<std::int64_t>(call.seconds_left / calls * 1e9));
    warnings.push_back(
        {DependencyPath(tried, dependency) + ".retries",
         Concat({"of the ", std::to_string(dependency.spec->retries.max), " retries that ",
                 ServiceName(tried, dependency.caller), " may make when it calls ",
                 ServiceName(tried, dependency.callee), " only about ",
                 average(call.retries_after_errors), " fit into journey '",
                 tried.topology.journeys[found.journey].spec->name,
                 "' when all attempts fail at once, ", average(call.retries_after_timeouts),
                 " when they time out (", FormatDuration(dependency.timeout.delay),
                 " each): ", RoundedText(left),
                 " are left until the deadline; shorten 'backoff', or allow more time"})});
  }
}

}  // namespace groundhog::model
