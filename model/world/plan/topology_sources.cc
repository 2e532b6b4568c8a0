#include "model/world/plan/topology_sources.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/world/plan/distribution.h"

namespace groundhog::model {
namespace {

bool IsListed(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

class SourceCompiler {
 public:
  SourceCompiler(const Scenario& scenario, const Topology& topology)
      : scenario_(scenario), topology_(topology) {}

  std::vector<SourceInfo> Compile() {
    for (std::uint32_t i = 0; i < topology_.journeys.size(); ++i) AddJourney(i);
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      if (ActsOn(scenario_.faults[i].kind, FaultPlace::kTraffic)) AddSurge(i);
    }
    for (const Burst& burst : scenario_.bursts) AddBurst(burst);
    for (const UserPopulation& users : scenario_.users) AddUsers(users);
    return std::move(sources_);
  }

 private:
  sim::StreamKey Key(const std::string& name) const { return {scenario_.seed, name}; }

  void AddJourney(std::uint32_t index) {
    const JourneyInfo& journey = topology_.journeys[index];
    sources_.push_back({.kind = traces::EntityKind::kJourney,
                        .name = journey.spec->name,
                        .key = Key("journey/" + journey.spec->name),
                        .journey = index,
                        .rate_per_second = journey.spec->rate_per_second});
  }

  // The requests in addition to the journey's own: a stream that is superposed on the journey's. No
  // name of a surge has a slash, so that the prefix "burst/" is unique.
  void AddMore(const std::string& name, std::uint32_t journey, double factor, SourceInfo source) {
    const JourneyInfo& info = topology_.journeys[journey];
    source.kind = traces::EntityKind::kSurge;
    source.name = absl::StrCat(name, "/", info.spec->name);
    source.key = Key("surge/" + source.name);
    source.journey = journey;
    source.rate_per_second = info.spec->rate_per_second * (factor - 1);
    sources_.push_back(std::move(source));
  }

  void AddSurge(std::size_t index) {
    const Fault& fault = scenario_.faults[index];
    for (std::uint32_t i = 0; i < topology_.journeys.size(); ++i) {
      const JourneyInfo& journey = topology_.journeys[i];
      const std::uint32_t entry = topology_.nodes[journey.root].service;
      if (topology_.services[entry].spec->name != fault.target) continue;
      if (!IsListed(fault.journeys, journey.spec->name)) continue;
      AddMore(fault.name, i, fault.factor,
              {.schedule = ScheduleOf(fault, scenario_),
               .ramp = fault.ramp,
               .fault = traces::FaultId{static_cast<std::uint16_t>(index)}});
    }
  }

  void AddBurst(const Burst& burst) {
    for (std::uint32_t i = 0; i < topology_.journeys.size(); ++i) {
      if (!IsListed(burst.journeys, topology_.journeys[i].spec->name)) continue;
      AddMore("burst/" + burst.name, i, burst.factor,
              {.schedule = OccurrenceSchedule(
                   {.at = burst.at, .duration = burst.duration, .every = burst.every}),
               .ramp = burst.ramp});
    }
  }

  void AddUsers(const UserPopulation& users) {
    const DurationDistribution& pause = users.session_pause;
    SourceInfo source = {.kind = traces::EntityKind::kUsers,
                         .name = users.name,
                         .key = Key("users/" + users.name),
                         .users = static_cast<std::uint32_t>(users.count),
                         .think_time = CompileDistribution(users.think_time, topology_.resolution),
                         .session_pause = CompileDistribution(pause, topology_.resolution),
                         .has_session_pause = pause.kind != DurationDistribution::Kind::kConstant ||
                                              pause.value != sim::Duration()};
    for (const SessionStep& step : users.session) {
      const auto journey = std::ranges::find(
          topology_.journeys, step.journey,
          [](const JourneyInfo& info) -> const std::string& { return info.spec->name; });
      source.session.push_back(
          {.journey = static_cast<std::uint32_t>(journey - topology_.journeys.begin()),
           .taken_threshold = ShareThreshold(step.probability),
           .times = step.times});
    }
    source.journey = source.session.front().journey;
    const sim::DrawBlock draws =
        sim::Draw(source.key, {.purpose = static_cast<std::uint16_t>(Purpose::kUserNumbers)});
    source.user_offset = draws.BelowMultiply(0, kUserNumbers);
    sources_.push_back(std::move(source));
  }

  const Scenario& scenario_;
  const Topology& topology_;
  std::vector<SourceInfo> sources_;
};

}  // namespace

std::vector<SourceInfo> CompileSources(const Scenario& scenario, const Topology& topology) {
  return SourceCompiler(scenario, topology).Compile();
}

}  // namespace groundhog::model
