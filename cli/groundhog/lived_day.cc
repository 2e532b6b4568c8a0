#include "cli/groundhog/lived_day.h"

#include <cstdint>

namespace groundhog::cli {
namespace {

constexpr sim::Duration kStepMax = sim::Minutes(10);

traces::TraceInfo InfoOf(const model::ParsedScenario& parsed, traces::TruthMethod truth) {
  const model::Scenario& scenario = parsed.scenario;
  return {.program_version = GROUNDHOG_VERSION,
          .scenario_name = scenario.name,
          .scenario_text = parsed.text,
          .overrides = parsed.overrides,
          .seed = scenario.seed,
          .trace_key = model::World::TraceKey(scenario.seed),
          .start_unix_nanoseconds = scenario.start_unix_nanoseconds,
          .duration = scenario.duration,
          .resolution = model::UnitOf(scenario.resolution),
          .truth_method = truth};
}

}  // namespace

absl::StatusOr<LivedDay> LivedDay::Begin(const model::ParsedScenario& parsed,
                                         traces::TruthMethod truth) {
  if (truth == traces::TruthMethod::kExact) {
    absl::StatusOr<model::ExactWorld> world = model::ExactWorld::Create(parsed.scenario);
    if (!world.ok()) return world.status();
    return LivedDay(InfoOf(parsed, truth), *std::move(world));
  }
  absl::StatusOr<model::World> world = model::World::Create(parsed.scenario);
  if (!world.ok()) return world.status();
  return LivedDay(InfoOf(parsed, truth), *std::move(world));
}

const traces::Catalogue& LivedDay::catalogue() const {
  return std::visit([](const auto& world) -> const traces::Catalogue& { return world.catalogue(); },
                    world_);
}

absl::Status LivedDay::LiveOn(std::size_t enough, std::vector<traces::Record>* records) {
  const sim::VirtualTime end{info_.duration};
  return LiveUntil(end - reached_ > kStepMax ? reached_ + kStepMax : end, enough, records);
}

absl::Status LivedDay::FinishInstant(std::vector<traces::Record>* records) {
  return LiveUntil(reached_ + sim::Nanoseconds(1), SIZE_MAX, records);
}

absl::Status LivedDay::LiveUntil(sim::VirtualTime until, std::size_t enough,
                                 std::vector<traces::Record>* records) {
  records->clear();
  const absl::StatusOr<sim::VirtualTime> reached =
      std::visit([&](auto& world) { return world.Run(until, enough, records); }, world_);
  // Aborted, not ResourceExhausted: exit 1, not 2, as for a full disk. A world that runs away is
  // an answer about the scenario.
  if (!reached.ok()) return absl::AbortedError(reached.status().message());
  reached_ = *reached;
  return absl::OkStatus();
}

bool LivedChunks::Next(std::vector<traces::Record>* records, std::uint64_t* trace_key) {
  *trace_key = day_.info().trace_key;
  while (status_.ok() && !day_.is_over() &&
         !(options_.stop_requested != nullptr && options_.stop_requested())) {
    status_ = day_.LiveOn(options_.chunk_records, records);
    if (status_.ok() && !records->empty()) return true;
  }
  return false;
}

}  // namespace groundhog::cli
