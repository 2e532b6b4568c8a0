#include "model/review/offered_load.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "model/world/plan/distribution.h"
#include "model/world/plan/occurrence_schedule.h"
#include "model/world/plan/traffic_curve.h"
#include "sim/time.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/table.h"

namespace groundhog::model {
namespace {

using text::Concat;

// The largest number of moments at which a peak is looked for; of a burst that repeats, the first
// occurrences are among them.
constexpr std::size_t kMomentsMax = 2'000;
constexpr std::uint32_t kOccurrencesMax = 50;
constexpr int kHoursLookedAt = 7 * 24;

double MeanSeconds(const DurationDistribution& distribution) {
  return CompileDistribution(distribution).MeanNanoseconds() / 1e9;
}

// What one request of a journey costs one service: the number of spans and the time that slots are
// held, and the same for messages and consumers.
struct Share {
  std::size_t service = 0;
  double spans = 0;
  double slot_seconds = 0;
  double messages = 0;
  double consumer_seconds = 0;
};

// Adds up costs along call trees.
class CallTreeLoad {
 public:
  // Without times all work takes none: the mean of quantiles costs 75 us a service.
  CallTreeLoad(const Scenario& scenario, bool with_times)
      : hop_seconds_(with_times ? MeanSeconds(scenario.network_latency) : 0) {
    for (const Service& service : scenario.services) {
      indices_[service.name] = own_seconds_.size();
      own_seconds_.push_back(with_times ? MeanSeconds(service.service_time) : 0);
      for (const DependencyPolicy& policy : service.dependencies) {
        if (policy.is_async) async_[{service.name, policy.service}] = true;
      }
    }
  }

  // The costs of one request, by service, and how long the user waits for its answer.
  std::vector<Share> Follow(const Call& root, double* response_seconds) {
    shares_.clear();
    *response_seconds = Add(root, 1, /*is_message=*/false) + 2 * hop_seconds_;
    std::vector<Share> shares;
    for (const auto& [service, share] : shares_) shares.push_back(share);
    return shares;
  }

 private:
  // Returns how long one span of `call`, made `times` times, takes.
  double Add(const Call& call, double times, bool is_message) {
    const std::size_t index = indices_.at(call.service);
    double held_seconds = own_seconds_[index];
    double group_seconds = 0;  // of the calls that are made at the same time
    for (const Call& callee : call.calls) {
      const bool is_async = async_.contains({call.service, callee.service});
      const double callee_seconds = Add(callee, times * callee.probability, is_async);
      const double waited = is_async ? 0 : callee.probability * (callee_seconds + 2 * hop_seconds_);
      if (callee.is_with_previous) {
        group_seconds = std::max(group_seconds, waited);
        continue;
      }
      held_seconds += group_seconds;
      group_seconds = waited;
    }
    held_seconds += group_seconds;
    Share& share = shares_[index];
    share.service = index;
    (is_message ? share.messages : share.spans) += times;
    (is_message ? share.consumer_seconds : share.slot_seconds) += times * held_seconds;
    return held_seconds;
  }

  double hop_seconds_;
  std::map<std::string_view, std::size_t> indices_;
  std::vector<double> own_seconds_;
  std::map<std::pair<std::string_view, std::string_view>, bool> async_;
  std::map<std::size_t, Share> shares_;
};

struct JourneyLoad {
  const Journey* journey = nullptr;
  std::vector<Share> shares;
  double response_seconds = 0;
  double users_per_second = 0;  // requests of closed-loop users
};

// A population repeats a cycle: pause, then the think time and answer of each step.
void AddUsers(const UserPopulation& users, const std::map<std::string_view, std::size_t>& indices,
              std::vector<JourneyLoad>& journeys) {
  const double think_seconds = MeanSeconds(users.think_time);
  double round_seconds = MeanSeconds(users.session_pause);
  for (const SessionStep& step : users.session) {
    const double response_seconds = journeys[indices.at(step.journey)].response_seconds;
    round_seconds += step.probability * step.times * (think_seconds + response_seconds);
  }
  if (round_seconds <= 0) return;
  for (const SessionStep& step : users.session) {
    journeys[indices.at(step.journey)].users_per_second +=
        users.count * step.probability * step.times / round_seconds;
  }
}

// Without times there are only the numbers of spans and messages; users need times.
std::vector<JourneyLoad> JourneyLoads(const Scenario& scenario, bool with_times) {
  CallTreeLoad tree(scenario, with_times);
  std::vector<JourneyLoad> loads;
  std::map<std::string_view, std::size_t> indices;
  for (const Journey& journey : scenario.journeys) {
    indices[journey.name] = loads.size();
    JourneyLoad load{.journey = &journey};
    load.shares = tree.Follow(journey.root, &load.response_seconds);
    loads.push_back(std::move(load));
  }
  for (const UserPopulation& users : scenario.users) AddUsers(users, indices, loads);
  return loads;
}

OccurrenceSchedule ScheduleOf(const Burst& burst) {
  return OccurrenceSchedule({.at = burst.at, .duration = burst.duration, .every = burst.every});
}

bool IsHit(const Burst& burst, const std::string& journey) {
  return burst.journeys.empty() ||
         std::ranges::find(burst.journeys, journey) != burst.journeys.end();
}

// Moments between which each load only rises or only falls, so that they include its peak.
std::vector<sim::Duration> Moments(const Scenario& scenario) {
  std::vector<sim::Duration> moments;
  constexpr sim::Duration kHour = sim::Hours(1);
  const auto add = [&](sim::Duration time) {
    if (time < sim::Duration() || moments.size() >= kMomentsMax) return;
    moments.push_back(std::min(time, scenario.duration - sim::Nanoseconds(1)));
  };
  // Full hours of the clock, and the moment before each: the factor may jump at the end of a day.
  const std::int64_t into_hour = scenario.start_unix_nanoseconds % kHour.nanoseconds();
  const auto add_hours = [&](sim::Duration from, sim::Duration until) {
    sim::Duration hour = from - (from + sim::Duration(into_hour)) % kHour;
    for (int i = 0; i <= kHoursLookedAt && hour <= until; ++i, hour += kHour) {
      add(hour - sim::Nanoseconds(1));
      if (hour <= until) add(hour);
    }
  };
  add(sim::Duration());
  add_hours(sim::Duration(), std::min(scenario.duration, kHour * kHoursLookedAt));
  add(std::min(scenario.duration, kHour * kHoursLookedAt) - sim::Nanoseconds(1));
  for (const Burst& burst : scenario.bursts) {
    const OccurrenceSchedule schedule = ScheduleOf(burst);
    for (std::uint32_t number = 1; number <= kOccurrencesMax; ++number) {
      const OccurrenceTimes occurrence = schedule.Numbered(number);
      if (!occurrence.exists() || occurrence.start.since_start() >= scenario.duration) break;
      const sim::Duration start = occurrence.start.since_start();
      add(start + burst.ramp);
      add(start + burst.duration - std::max(burst.ramp, sim::Nanoseconds(1)));
      add_hours(start, start + std::min(burst.duration, kHour * 24));
    }
  }
  return moments;
}

void Raise(Load& peak, const Load& load) {
  peak.per_second = std::max(peak.per_second, load.per_second);
  peak.utilisation = std::max(peak.utilisation, load.utilisation);
}

// Adds what a journey's `requests_per_second` put on each service: not yet shared among its slots.
void AddJourney(const JourneyLoad& journey, double requests_per_second,
                std::vector<ServiceLoad>& loads) {
  for (const Share& share : journey.shares) {
    ServiceLoad& load = loads[share.service];
    load.slots.per_second += requests_per_second * share.spans;
    load.slots.utilisation += requests_per_second * share.slot_seconds;
    load.consumers.per_second += requests_per_second * share.messages;
    load.consumers.utilisation += requests_per_second * share.consumer_seconds;
  }
}

void ShareAmongSlots(const Scenario& scenario, std::vector<ServiceLoad>& loads) {
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const Service& service = scenario.services[i];
    loads[i].slots.utilisation /= static_cast<double>(service.hosts) * service.concurrency;
    const int consumers = service.consumers ? service.consumers->count : 1;
    loads[i].consumers.utilisation /= static_cast<double>(service.hosts) * consumers;
  }
}

// At most five significant digits.
std::string Decimal(double value) {
  const auto hundredths = static_cast<std::int64_t>(value * 100 + 0.5);
  return hundredths < 100'000 ? text::FixedPoint(hundredths, 2) : std::to_string(hundredths / 100);
}

std::vector<std::string> Row(std::string_view name, const Load& average, const Load& peak) {
  return {Concat({"# ", name}), Decimal(average.per_second),
          text::FormatPercent(average.utilisation, 1), Decimal(peak.per_second),
          text::FormatPercent(peak.utilisation, 1)};
}

}  // namespace

std::vector<ServiceLoad> OfferedLoad(const Scenario& scenario) {
  const std::vector<JourneyLoad> journeys = JourneyLoads(scenario, /*with_times=*/true);
  const std::size_t services = scenario.services.size();
  std::vector<ServiceLoad> loads(services);
  for (const JourneyLoad& journey : journeys) {
    AddJourney(journey, journey.journey->rate_per_second + journey.users_per_second, loads);
  }
  ShareAmongSlots(scenario, loads);
  const TrafficCurve curve(scenario);
  std::vector<OccurrenceSchedule> schedules;
  for (const Burst& burst : scenario.bursts) schedules.push_back(ScheduleOf(burst));
  for (const sim::Duration moment : Moments(scenario)) {
    const sim::VirtualTime instant(moment);
    std::vector<ServiceLoad> now(services);
    for (const JourneyLoad& journey : journeys) {
      double factor = 1;  // bursts add up
      for (std::size_t i = 0; i < schedules.size(); ++i) {
        const Burst& burst = scenario.bursts[i];
        const OccurrenceTimes occurrence = schedules[i].At(instant);
        if (!occurrence.exists() || !IsHit(burst, journey.journey->name)) continue;
        factor += (burst.factor - 1) * StrengthAt(occurrence, burst.ramp, instant);
      }
      const double open = journey.journey->rate_per_second * curve.At(instant) * factor;
      AddJourney(journey, open + journey.users_per_second, now);
    }
    ShareAmongSlots(scenario, now);
    for (std::size_t i = 0; i < services; ++i) {
      Raise(loads[i].slots_peak, now[i].slots);
      Raise(loads[i].consumers_peak, now[i].consumers);
    }
  }
  return loads;
}

OfferedRecords::OfferedRecords(const Scenario& scenario) : curve_(scenario) {
  std::vector<std::pair<std::size_t, const Fault*>> surges;
  for (const Burst& burst : scenario.bursts) {
    more_.push_back({.schedule = ScheduleOf(burst), .ramp = burst.ramp, .factor = burst.factor});
  }
  for (const Fault& fault : scenario.faults) {
    if (!ActsOn(fault.kind, FaultPlace::kTraffic)) continue;
    surges.emplace_back(more_.size(), &fault);
    more_.push_back({.schedule = model::ScheduleOf(fault, scenario),
                     .ramp = fault.ramp,
                     .factor = fault.factor});
  }
  for (const JourneyLoad& load : JourneyLoads(scenario, !scenario.users.empty())) {
    double records = 0;
    for (const Share& share : load.shares) records += share.spans + share.messages;
    steady_per_second_ += load.users_per_second * records;
    Stream stream{.per_second = load.journey->rate_per_second * records, .more = {}};
    for (std::size_t i = 0; i < scenario.bursts.size(); ++i) {
      if (IsHit(scenario.bursts[i], load.journey->name)) stream.more.push_back(i);
    }
    for (const auto& [index, surge] : surges) {
      const bool is_named =
          surge->journeys.empty() ||
          std::ranges::find(surge->journeys, load.journey->name) != surge->journeys.end();
      if (surge->target == load.journey->root.service && is_named) stream.more.push_back(index);
    }
    streams_.push_back(std::move(stream));
  }
  for (const Service& service : scenario.services) {
    if (service.log_interval == sim::Duration()) continue;
    steady_per_second_ +=
        service.hosts / (static_cast<double>(service.log_interval.nanoseconds()) / 1e9);
  }
}

double OfferedRecords::At(sim::VirtualTime time) const {
  std::vector<double> factors;
  for (const More& more : more_) {
    const OccurrenceTimes occurrence = more.schedule.At(time);
    factors.push_back(
        occurrence.exists() ? (more.factor - 1) * StrengthAt(occurrence, more.ramp, time) : 0);
  }
  double per_second = 0;
  for (const Stream& stream : streams_) {
    double factor = 1;  // they add up
    for (const std::size_t index : stream.more) factor += factors[index];
    per_second += stream.per_second * factor;
  }
  return steady_per_second_ + per_second * curve_.At(time);
}

double OfferedRecords::Until(sim::Duration time) const {
  constexpr int kSteps = 500;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    sum += At(sim::VirtualTime(time / kSteps * i + time / (2 * kSteps)));
  }
  return sum / kSteps * (static_cast<double>(time.nanoseconds()) / 1e9);
}

std::string LoadText(const Scenario& scenario) {
  constexpr std::string_view kHeading =
      "# Load when nothing fails: spans a second, and the share of all hosts' slots that is busy\n"
      "# with them, waiting for callees included; retries, queues and faults are not counted.\n";
  const std::vector<ServiceLoad> loads = OfferedLoad(scenario);
  // The blanks leave room for large figures.
  std::vector<std::vector<std::string>> rows = {
      {"#", "   spans/s", "   slots", "   spans/s", "   slots"}};
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const std::string& name = scenario.services[i].name;
    rows.push_back(Row(name, loads[i].slots, loads[i].slots_peak));
    if (loads[i].consumers.per_second == 0) continue;
    rows.push_back(
        Row(Concat({name, " (consumers)"}), loads[i].consumers, loads[i].consumers_peak));
  }
  const std::string table = text::Table(rows, 1);
  const std::string margin(table.find("spans/s") - 1, ' ');
  return Concat({kHeading, "#", margin, "on average            at the peak\n", table});
}

}  // namespace groundhog::model
