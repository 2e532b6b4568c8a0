#include "model/truth/exact_world.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/world/plan/occurrence_schedule.h"

namespace groundhog::model {
namespace {

// The worlds live this far in turn, so that little has to be kept. Always the same steps: what is
// given up because there is too much of it must not depend on how the run is cut.
constexpr sim::Duration kStep = sim::Seconds(10);

// Not after every step: to forget takes time for each record that is kept.
constexpr sim::Duration kForgetAfter = Comparison::kHorizon + sim::Minutes(1);

// Calls between each service and `target`, whichever of them calls; 255 if none leads there.
std::vector<std::uint8_t> HopsFrom(std::size_t target, const traces::Catalogue& catalogue) {
  const std::size_t count = catalogue.services.size();
  std::vector<std::vector<std::size_t>> neighbours(count);
  for (std::size_t caller = 0; caller < count; ++caller) {
    for (const traces::ServiceId id : catalogue.services[caller].dependencies) {
      const std::size_t callee = traces::Index(id);
      neighbours[caller].push_back(callee);
      neighbours[callee].push_back(caller);
    }
  }
  std::vector<std::uint8_t> hops(count, UINT8_MAX);
  std::vector<std::size_t> reached = {target};
  hops[target] = 0;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const std::uint8_t next =
        static_cast<std::uint8_t>(std::min<int>(hops[reached[i]] + 1, UINT8_MAX));
    for (const std::size_t service : neighbours[reached[i]]) {
      if (hops[service] <= next) continue;
      hops[service] = next;
      reached.push_back(service);
    }
  }
  return hops;
}

}  // namespace

ExactWorld::ExactWorld(const Scenario& scenario, World world)
    : scenario_(scenario), world_(std::move(world)) {
  for (const Fault& fault : scenario.faults) {
    const auto found = std::ranges::find(scenario.services, fault.target, &Service::name);
    const auto service = static_cast<std::size_t>(found - scenario.services.begin());
    schedules_.push_back(ScheduleOf(fault, scenario));
    targets_.push_back({.service = traces::ServiceId{static_cast<std::uint16_t>(service)},
                        .hops = HopsFrom(service, world_.catalogue())});
  }
}

absl::StatusOr<ExactWorld> ExactWorld::Create(const Scenario& scenario) {
  const std::size_t faults = scenario.faults.size();
  if (faults > kFaultsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "exact truth can separate at most ", kFaultsMax, " faults, and the scenario has ", faults,
        ": leave some out (--without) or use --truth local"));
  }
  absl::StatusOr<World> world = World::Create(scenario);
  if (!world.ok()) return world.status();
  ExactWorld exact(scenario, *std::move(world));
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < faults; ++i) {
    all.push_back(i);
    if (absl::Status s = exact.AddOther({i}); !s.ok()) return s;
  }
  if (faults > 1) {
    if (absl::Status s = exact.AddOther(all); !s.ok()) return s;
  }
  return exact;
}

absl::Status ExactWorld::AddOther(const std::vector<std::size_t>& absent_faults) {
  auto scenario = std::make_unique<Scenario>(scenario_);
  for (const std::size_t fault : absent_faults) scenario->faults[fault].is_absent = true;
  absl::StatusOr<World> world = World::Create(*scenario);
  if (!world.ok()) return world.status();
  others_.push_back({.scenario = std::move(scenario), .world = *std::move(world)});
  return absl::OkStatus();
}

absl::StatusOr<sim::VirtualTime> ExactWorld::Run(sim::VirtualTime until, std::size_t enough,
                                                 std::vector<traces::Record>* records) {
  while (true) {
    while (!pending_.empty() && pending_.front().record.time < until && IsReady(pending_.front())) {
      if (records->size() >= enough) return pending_.front().record.time;
      records->push_back(Label(pending_.front()));
      pending_.pop_front();
      ++first_pending_;
    }
    const bool is_done =
        pending_.empty() ? reached_ >= until : pending_.front().record.time >= until;
    if (is_done) return until;
    if (absl::Status s = LiveOn(); !s.ok()) return s;
  }
}

// It was found in every other world, or is not looked for any longer.
bool ExactWorld::IsReady(const Pending& pending) const {
  return pending.absent_in == 0 || reached_.since_start() >= scenario_.duration ||
         reached_ - pending.record.time > Comparison::kHorizon || pending_.size() > kPendingMax;
}

// All worlds live for a step.
absl::Status ExactWorld::LiveOn() {
  const sim::VirtualTime end(scenario_.duration);
  const sim::VirtualTime until = end - reached_ > kStep ? reached_ + kStep : end;
  std::vector<traces::Record> records;
  const absl::StatusOr<sim::VirtualTime> real = world_.Run(until, SIZE_MAX, &records);
  if (!real.ok()) return real.status();
  const Others all = others_.size() == 64 ? ~Others{0} : (Others{1} << others_.size()) - 1;
  const std::uint64_t first = first_pending_ + pending_.size();
  for (const traces::Record& record : records) pending_.push_back({record, all, 0});
  std::vector<traces::Record> other_records;
  std::vector<Comparison::Verdict> verdicts;
  for (std::size_t i = 0; i < others_.size(); ++i) {
    other_records.clear();
    verdicts.clear();
    const absl::StatusOr<sim::VirtualTime> also =
        others_[i].world.Run(until, SIZE_MAX, &other_records);
    if (!also.ok()) {
      const std::string what = i < scenario_.faults.size() ? "'" + scenario_.faults[i].name + "'"
                                                           : std::string("all faults");
      return absl::Status(also.status().code(), absl::StrCat("in the world without ", what, ": ",
                                                             also.status().message()));
    }
    others_[i].comparison.Add(records, first, other_records, &verdicts);
    for (const Comparison::Verdict& verdict : verdicts) {
      if (verdict.number < first_pending_) continue;  // given up
      Pending& pending = pending_[static_cast<std::size_t>(verdict.number - first_pending_)];
      pending.absent_in &= ~(Others{1} << i);
      if (verdict.has_other_latency) pending.other_in |= Others{1} << i;
    }
  }
  reached_ = until;
  if (reached_ - forgotten_ > kForgetAfter) {
    forgotten_ = reached_ - Comparison::kHorizon;
    for (Other& other : others_) other.comparison.ForgetBefore(forgotten_);
  }
  return absl::OkStatus();
}

// Of a set of faults the one that the rule of blame has found, otherwise the one that began last:
// until then the others had not been enough.
traces::Truth ExactWorld::CauseAmong(Others faults, const traces::Record& record) const {
  const bool has_rule = record.truth.fault != traces::FaultId::kNone;
  if (has_rule && (faults >> traces::Index(record.truth.fault) & 1U) != 0) return record.truth;
  return LatestOf(faults, record);
}

traces::Truth ExactWorld::LatestOf(Others faults, const traces::Record& record) const {
  traces::Truth truth;
  sim::VirtualTime start;
  for (std::size_t fault = 0; fault < schedules_.size(); ++fault) {
    if ((faults >> fault & 1U) == 0) continue;
    const OccurrenceTimes occurrence = schedules_[fault].LastStarted(record.time);
    if (!occurrence.exists()) continue;
    if (truth.fault != traces::FaultId::kNone && occurrence.start <= start) continue;
    start = occurrence.start;
    truth = {.fault = traces::FaultId{static_cast<std::uint16_t>(fault)},
             .root = targets_[fault].service,
             .occurrence = occurrence.number,
             .hops = targets_[fault].hops[traces::Index(record.service)]};
  }
  return truth;
}

// A fault without which the record would not be there is preferred to one that only made it slower
// or faster, as the cause and as the second one. If it is missing only in the world without all
// faults, each of several is enough: then the one that the rule of blame has found stays.
traces::Record ExactWorld::Label(const Pending& pending) const {
  traces::Record record = pending.record;
  traces::Truth truth = CauseAmong(pending.absent_in, record);
  // An error that is there without the fault is not the fault's, also if it comes later or earlier.
  const Others slower_in = record.level == traces::Level::kInfo ? pending.other_in : 0;
  if (truth.fault == traces::FaultId::kNone) truth = CauseAmong(slower_in, record);
  const std::size_t faults = schedules_.size();
  const bool has_any = truth.fault != traces::FaultId::kNone;
  if (has_any) {
    const Others others = ~(Others{1} << traces::Index(truth.fault));
    truth.also = LatestOf(pending.absent_in & others, record).fault;
    if (truth.also == traces::FaultId::kNone) {
      truth.also = LatestOf(slower_in & others, record).fault;
    }
  }
  const bool has_several = faults > 1 && ((pending.absent_in | slower_in) >> faults & 1U) != 0;
  if (has_any || !has_several) record.truth = truth;
  return record;
}

}  // namespace groundhog::model
