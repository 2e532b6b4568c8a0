#include "model/world/windowed_run.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::model {
namespace {

// After this many windows it is checked whether there are enough records and whether the world has
// run away. Long windows are checked after fewer: they could give far more records than enough.
int WindowsBetweenChecks(const Topology& topology) {
  constexpr sim::Duration kTogether = sim::Milliseconds(10);
  constexpr std::int64_t kWindowsMax = 64;
  return static_cast<int>(
      std::clamp<std::int64_t>(kTogether / topology.network_latency_min, 1, kWindowsMax));
}

std::uint64_t SpansAt(const Host& host) {
  return std::uint64_t{host.requests.in_use} + host.requests.waiting + host.messages.in_use +
         host.messages.waiting;
}

// The next record of a partition, for the merge.
struct Head {
  const traces::Record* record;
  const traces::Record* end;

  // For a heap whose top is the earliest. Records of one host come from one partition.
  bool operator<(const Head& other) const {
    return record->time != other.record->time ? record->time > other.record->time
                                              : record->host > other.record->host;
  }
};

// Appends the partitions' records, each in order, in the order of all.
void Merge(const std::vector<std::vector<traces::Record>>& parts,
           std::vector<traces::Record>* records) {
  std::vector<Head> heads;
  for (const std::vector<traces::Record>& part : parts) {
    if (!part.empty()) heads.push_back({part.data(), part.data() + part.size()});
  }
  std::make_heap(heads.begin(), heads.end());
  while (!heads.empty()) {
    std::pop_heap(heads.begin(), heads.end());
    records->push_back(*heads.back().record);
    if (++heads.back().record == heads.back().end) {
      heads.pop_back();
    } else {
      std::push_heap(heads.begin(), heads.end());
    }
  }
}

// The journey with the most timers pending: every request sets one for its deadline.
const JourneyInfo& JourneyOfMostTimers(const std::vector<JourneyInfo>& journeys) {
  const auto timers = [](const JourneyInfo& journey) {
    return journey.spec->rate_per_second *
           static_cast<double>(journey.deadline.delay.nanoseconds());
  };
  return *std::ranges::max_element(journeys, {}, timers);
}

}  // namespace

WindowedRun::WindowedRun(Topology topology, const World::Options& options)
    : spans_in_flight_max_(options.spans_in_flight_max),
      events_pending_max_(options.events_pending_max),
      plan_(std::move(topology), static_cast<std::uint32_t>(std::max(1, options.partitions))) {
  for (std::uint32_t i = 0; i < plan_.partitions; ++i) {
    partitions_.push_back(std::make_unique<Partition>(plan_, i));
  }
  records_.resize(partitions_.size());
  exchange_ = options.make_exchange ? options.make_exchange(partitions_)
                                    : std::make_unique<InTurn>(partitions_);
  next_ = NextTime(partitions_);
}

std::uint64_t WindowedRun::events() const {
  std::uint64_t events = 0;
  for (const auto& partition : partitions_) events += partition->events_handled();
  return events;
}

std::size_t WindowedRun::SpansInFlight() const {
  std::size_t spans = 0;
  for (const auto& partition : partitions_) spans += partition->spans.in_use();
  return spans;
}

std::uint64_t WindowedRun::EventsPending() const {
  std::uint64_t posted = 0;
  for (const auto& partition : partitions_) posted += partition->events_posted();
  return posted - events();
}

EventCounts WindowedRun::events_by_kind() const {
  EventCounts counts{};
  for (const std::unique_ptr<Partition>& partition : partitions_) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += partition->events_by_kind()[i];
  }
  return counts;
}

absl::StatusOr<sim::VirtualTime> WindowedRun::Run(sim::VirtualTime until, std::size_t enough,
                                                  std::vector<traces::Record>* records) {
  LendRecords(records);
  const Stretch stretch = {.until = until,
                           .lookahead = plan_.topology.network_latency_min,
                           .windows_max = WindowsBetweenChecks(plan_.topology)};
  while (next_ < until && RecordsHeld(*records) < enough && !HasRunAway()) {
    next_ = exchange_->Run(stretch);
  }
  TakeRecordsBack(records);
  if (HasRunAway()) return RunawayError();
  return std::min(until, next_);
}

// Includes those that partitions have not handed over yet.
std::size_t WindowedRun::RecordsHeld(const std::vector<traces::Record>& records) const {
  std::size_t held = records.size();
  for (const auto& part : records_) held += part.size();
  return held;
}

// One partition's records are in order as they are; those of several are merged when they end.
void WindowedRun::LendRecords(std::vector<traces::Record>* records) {
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    partitions_[i]->records = partitions_.size() == 1 ? records : &records_[i];
  }
}

void WindowedRun::TakeRecordsBack(std::vector<traces::Record>* records) {
  for (const std::unique_ptr<Partition>& partition : partitions_) partition->records = nullptr;
  Merge(records_, records);
  for (std::vector<traces::Record>& part : records_) part.clear();
}

const Host& WindowedRun::BusiestHost() const {
  const Host* busiest = nullptr;
  for (const std::unique_ptr<Partition>& partition : partitions_) {
    for (const Host& host : partition->hosts()) {
      const auto place = [](const Host& each) { return std::pair(each.service, each.number); };
      const bool is_busier = busiest == nullptr || SpansAt(host) > SpansAt(*busiest) ||
                             (SpansAt(host) == SpansAt(*busiest) && place(host) < place(*busiest));
      if (is_busier) busiest = &host;
    }
  }
  return *busiest;
}

absl::Status WindowedRun::RunawayError() const {
  const Topology& topology = plan_.topology;
  const std::int64_t seconds = next_.nanoseconds() / 1'000'000'000;
  if (SpansInFlight() > spans_in_flight_max_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the world ran away: more than ", spans_in_flight_max_, " spans in flight at ",
                     seconds, " s of virtual time, more at a host of ",
                     topology.services[BusiestHost().service].spec->name,
                     " than elsewhere; bound its queue, shorten deadlines, or lower the traffic"));
  }
  const std::string pending = absl::StrCat("the world ran away: more than ", events_pending_max_,
                                           " events pending at ", seconds, " s of virtual time, ");
  if (topology.journeys.empty()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(pending, "all of them of its hosts; use fewer hosts or faults"));
  }
  const JourneyInfo& most = JourneyOfMostTimers(topology.journeys);
  return absl::ResourceExhaustedError(absl::StrCat(
      pending, "most of them timers of journey ", most.spec->name, ", which enters at ",
      topology.services[topology.nodes[most.root].service].spec->name,
      "; shorten its deadline, or lower its rate"));
}

}  // namespace groundhog::model
