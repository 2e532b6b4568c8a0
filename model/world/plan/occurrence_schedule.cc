#include "model/world/plan/occurrence_schedule.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "model/world/plan/grid.h"
#include "model/world/plan/purpose.h"
#include "sim/distributions.h"

namespace groundhog::model {
namespace {

constexpr sim::Duration kLeast = sim::Milliseconds(1);

}  // namespace

OccurrenceSchedule::OccurrenceSchedule(sim::StreamKey key, const RandomOptions& options)
    : is_random_(true) {
  sim::VirtualTime end(options.at);
  while (list_.size() < kRandomMax) {
    const auto number = static_cast<std::uint32_t>(list_.size() + 1);
    const sim::DrawBlock draws = sim::Draw(
        key, {.ordinal = number, .purpose = static_cast<std::uint16_t>(Purpose::kFaultTimes)});
    const auto draw = [&](sim::Duration mean, int word) {
      const sim::Duration exact = sim::ExponentialDuration(mean, draws.Uniform64(word));
      return std::max(kLeast, exact.RoundedTo(options.resolution));
    };
    const sim::Duration wait = draw(options.mtbf, 0);
    const sim::Duration length = draw(options.mttr, 1);
    const sim::VirtualTime start = traces::AddSaturating(end, wait);
    if (start.since_start() >= options.until || start == sim::VirtualTime::Max()) return;
    end = traces::AddSaturating(start, length);
    list_.push_back({.number = number, .start = start, .end = end});
  }
}

OccurrenceTimes OccurrenceSchedule::Numbered(std::uint32_t number) const {
  if (is_random_) {
    return number >= 1 && number <= list_.size() ? list_[number - 1] : OccurrenceTimes();
  }
  const std::optional<traces::FaultTime> time = periodic_.Numbered(number);
  if (!time) return {};
  return {.number = number, .start = time->start, .end = time->end};
}

OccurrenceTimes OccurrenceSchedule::LastStarted(sim::VirtualTime time) const {
  if (is_random_) {
    const auto after = std::ranges::upper_bound(list_, time, {}, &OccurrenceTimes::start);
    return after == list_.begin() ? OccurrenceTimes() : *(after - 1);
  }
  if (time < periodic_.first_start) return {};
  const std::int64_t before =
      periodic_.period == sim::Duration() ? 0 : (time - periodic_.first_start) / periodic_.period;
  const std::int64_t most = std::numeric_limits<std::uint32_t>::max() - std::int64_t{1};
  return Numbered(static_cast<std::uint32_t>(std::min(before, most) + 1));
}

OccurrenceTimes OccurrenceSchedule::FirstAfter(sim::VirtualTime time) const {
  const OccurrenceTimes last = LastStarted(time);
  if (last.number == std::numeric_limits<std::uint32_t>::max()) return {};
  return Numbered(last.number + 1);
}

OccurrenceSchedule ScheduleOf(const Fault& as_written, const Scenario& scenario) {
  if (as_written.is_absent) return OccurrenceSchedule();
  const Fault fault = OnGrid(as_written, UnitOf(scenario.resolution));
  if (fault.mtbf == sim::Duration()) {
    return OccurrenceSchedule({.at = fault.at, .duration = fault.duration, .every = fault.every});
  }
  return OccurrenceSchedule(sim::StreamKey(scenario.seed, absl::StrCat("fault/", fault.name)),
                            {.at = fault.at,
                             .mtbf = fault.mtbf,
                             .mttr = fault.mttr,
                             .until = scenario.duration,
                             .resolution = UnitOf(scenario.resolution)});
}

double StrengthAt(const OccurrenceTimes& occurrence, sim::Duration ramp, sim::VirtualTime time) {
  if (ramp == sim::Duration()) return 1;
  const sim::Duration from_an_end = std::min(time - occurrence.start, occurrence.end - time);
  if (from_an_end >= ramp) return 1;
  return static_cast<double>(from_an_end.nanoseconds()) / static_cast<double>(ramp.nanoseconds());
}

}  // namespace groundhog::model
