#include "analysis/incident_graph.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace groundhog::analysis {
namespace {

using traces::Record;
using traces::ServiceId;

constexpr std::uint64_t kRecordsMin = 3;
// And of the records of the strongest sign a state or an effect needs this fraction.
constexpr std::uint64_t kRecordsFraction = 100;
// In the day a sign must be more than so many times as frequent as in the other.
constexpr std::uint64_t kTimesMore = 2;
// The root is what so many first signs point to most.
constexpr std::size_t kOriginsMax = 100;
// A host is affected if it shows a state at least this fraction as often as the one that shows it
// most.
constexpr std::uint64_t kHostFraction = 10;

bool IsOfRequest(const Record& record) { return record.call_path != traces::CallPathId::kNone; }

// A pair that differs in no more than the causes that its records name.
bool SaysTheSame(const AlignedRecord& aligned) {
  FieldSet truth;
  truth.Add(Field::kTruth);
  return aligned.a.record != nullptr && aligned.b.record != nullptr &&
         (aligned.differences.is_empty() || aligned.differences == truth);
}

// Finds or makes.
template <class Map, class Key>
typename Map::mapped_type& At(Map* map, const Key& key, sim::VirtualTime start) {
  return map->try_emplace(key, start).first->second;
}

bool IsEarlier(const Evidence& one, const Evidence& other) { return one.first < other.first; }

}  // namespace

bool Signal::Count::Counts() const { return with > kTimesMore * without; }

Signal::Count& Signal::Count::operator+=(const Count& later) {
  with += later.with;
  without += later.without;
  known += later.known;
  first = std::min(first, later.first);
  last = std::max(last, later.last);
  return *this;
}

void Signal::Add(sim::VirtualTime time, sim::EntityId host, bool in_day, bool is_known) {
  Count& count = counts_.At(time);
  if (!in_day) {
    ++count.without;
    return;
  }
  ++count.with;
  ++hosts_[host];
  if (!is_known) return;
  ++count.known;
  count.first = std::min(count.first, time);
  count.last = std::max(count.last, time);
}

std::uint64_t Signal::records() const {
  std::uint64_t records = 0;
  for (const Count& count : counts_.slots()) {
    if (count.Counts()) records += count.with;
  }
  return records;
}

std::optional<Evidence> Signal::Counted(std::uint64_t records_min) const {
  Evidence evidence = {.first = sim::VirtualTime::Max(), .last = {}, .records = 0};
  for (const Count& count : counts_.slots()) {
    if (!count.Counts()) continue;
    evidence.first = std::min(evidence.first, count.first);
    evidence.last = std::max(evidence.last, count.last);
    evidence.records += count.known;
  }
  if (evidence.records == 0 || records() < records_min) return std::nullopt;
  return evidence;
}

EffectTracker::DayCount& EffectTracker::DayCount::operator+=(const DayCount& other) {
  requests += other.requests;
  failed += other.failed;
  latencies += other.latencies;
  return *this;
}

EffectTracker::UserCount& EffectTracker::UserCount::operator+=(const UserCount& other) {
  with += other.with;
  without += other.without;
  return *this;
}

EffectTracker::EffectTracker(const traces::Catalogue& catalogue, const IncidentWindow& window)
    : catalogue_(catalogue), window_(window), reader_(catalogue), user_counts_(window.start) {}

void EffectTracker::Take(const AlignedRecord& aligned) {
  const Record* const a = aligned.a.record;
  const Record* const b = aligned.b.record;
  const sim::VirtualTime time = a == nullptr ? b->time : a->time;
  const bool is_same = SaysTheSame(aligned);
  if (time < window_.first_start) {
    if (!is_same) foreign_ = std::min(time, foreign_.value_or(time));
    return;
  }
  if (time < window_.start || time >= window_.until) return;
  is_known_ = !unknown_.Has(time);
  has_records_ = has_records_ || (is_known_ && a != nullptr && time <= window_.end);
  if (is_known_ && a != nullptr) CountUser(*a, /*in_day=*/true);
  if (is_known_ && b != nullptr) CountUser(*b, /*in_day=*/false);
  if (is_same) return;
  for (const Record* record : {a, b}) {
    if (record != nullptr && !IsOfRequest(*record)) {
      if (a == nullptr || b == nullptr) TakeOwn(*record);
    } else if (record != nullptr) {
      TakeSigns(*record, record == a ? b : a, /*in_day=*/record == a);
    }
  }
  if (a != nullptr && b != nullptr) TakePair(*a, *b);
}

void EffectTracker::CountUser(const Record& record, bool in_day) {
  if (!SignReader::IsOfUser(record) || reader_.IsRetry(record)) return;
  // The partner of a record after the incident's start may have come before.
  UserCount& count = user_counts_.At(std::max(record.time, window_.start));
  DayCount& day = in_day ? count.with : count.without;
  ++day.requests;
  day.failed += record.level == traces::Level::kError;
  day.latencies.Add(record.duration);
}

Signal& EffectTracker::StateSignal(ServiceId service, State state) {
  return At(&states_, std::pair(service, state), window_.start);
}

// What the first signs point to most, the earliest of equals.
ServiceId EffectTracker::Root() const {
  std::map<ServiceId, std::size_t> votes;
  for (const auto& [seen, origin] : origins_) ++votes[origin];
  ServiceId root = weak_origin_ ? weak_origin_->second : ServiceId::kNone;
  std::size_t most = 0;
  for (const auto& [seen, origin] : origins_) {
    if (votes[origin] <= most) continue;
    most = votes[origin];
    root = origin;
  }
  return root;
}

void EffectTracker::NoteOrigin(const Record& record, ServiceId origin) {
  has_known_sign_ = has_known_sign_ || is_known_;
  origins_.emplace(std::pair(record.time, record.host), origin);
  if (origins_.size() > kOriginsMax) origins_.erase(std::prev(origins_.end()));
}

void EffectTracker::NoteWeakOrigin(sim::VirtualTime time, ServiceId origin) {
  has_known_sign_ = has_known_sign_ || is_known_;
  if (!weak_origin_ || time < weak_origin_->first) weak_origin_ = {time, origin};
}

void EffectTracker::TakeSigns(const Record& record, const Record* other, bool in_day) {
  reader_.Read(record, other, &signs_);
  const sim::VirtualTime time = std::max(record.time, window_.start);
  for (const State state : signs_.states) {
    StateSignal(record.service, state).Add(time, record.host, in_day, is_known_);
  }
  for (const LinkSign& sign : signs_.links) {
    At(&links_, LinkKey(sign.link, sign.mechanism), window_.start)
        .Add(time, record.host, in_day, is_known_);
  }
  TakeAlarm(record, signs_, in_day);
  if (!in_day) return;
  for (const LinkSign& sign : signs_.answers) ++answers_[{sign.link, sign.mechanism}];
  if (signs_.is_empty()) return;
  if (signs_.origin != ServiceId::kNone) {
    NoteOrigin(record, signs_.origin);
  } else {
    NoteWeakOrigin(record.time, reader_.EntryOf(record));
  }
}

void EffectTracker::TakeAlarm(const Record& record, const Signs& signs, bool in_day) {
  // Of the other day: missing, if the day has no record in its place.
  const bool is_missing = !in_day && SignReader::IsOfUser(record) && !reader_.IsRetry(record) &&
                          std::ranges::find(signs.states, State::kExtraLoad) != signs.states.end();
  if (!signs.has_failed_for_user && !signs.is_late_for_user && !is_missing) return;
  UserSignals& users = At(&users_, record.service, window_.start);
  const sim::VirtualTime time = std::max(record.time, window_.start);
  // What is missing counts in the day's disfavour, as what fails there.
  users.signal.Add(time, record.host, in_day || is_missing, is_known_);
  if (!in_day && !is_missing) return;
  if (is_missing) NoteWeakOrigin(record.time, record.service);
  if (!is_known_) return;
  Alarm& alarm = users.alarm;
  alarm.first = alarm.total() == 0 ? time : std::min(alarm.first, time);
  if (is_missing) {
    ++alarm.missing;
  } else if (signs.has_failed_for_user) {
    ++alarm.failed;
  } else {
    ++alarm.slowed;
  }
}

void EffectTracker::TakePair(const Record& a, const Record& b) {
  if (a.clock_skew != b.clock_skew) {
    StateSignal(a.service, State::kSkewed).Add(a.time, a.host, /*in_day=*/true, is_known_);
    NoteOrigin(a, a.service);
  }
  if (!IsOfRequest(a) || a.host == b.host) return;
  Moves& from = moves_[b.host];
  Moves& to = moves_[a.host];
  ++from.away;
  ++to.here;
  if (is_known_) {
    ++from.known_away;
    ++to.known_here;
    from.first_away = std::min(from.first_away, a.time);
    from.last_away = std::max(from.last_away, a.time);
  }
  // A caller that waits for one host chooses others, whatever that waits for.
  NoteWeakOrigin(a.time, a.service);
}

// What a host logs of itself is the same in both days, unless it was down: then its intervals are
// missing, and it reports when it is up again.
void EffectTracker::TakeOwn(const Record& record) {
  StateSignal(record.service, State::kSilent)
      .Add(record.time, record.host, /*in_day=*/true, is_known_);
  NoteOrigin(record, record.service);
}

// The caller's records say that a call was answered with an error; the callee's say with which.
Mechanism EffectTracker::MeaningOf(const Link& link, Mechanism mechanism) const {
  if (mechanism != Mechanism::kErrorAnswer) return mechanism;
  Mechanism meaning = mechanism;
  std::uint64_t most = 0;
  for (const Mechanism each :
       {Mechanism::kErrorAnswer, Mechanism::kRefused, Mechanism::kRejected}) {
    const auto found = answers_.find({link, each});
    if (found == answers_.end() || found->second <= most) continue;
    most = found->second;
    meaning = each;
  }
  return meaning;
}

std::uint64_t EffectTracker::MostRecordsOf(ServiceId service) const {
  std::uint64_t most = 1;
  for (const auto& [key, signal] : states_) {
    if (key.first == service) most = std::max(most, signal.records());
  }
  return most;
}

std::uint64_t EffectTracker::StrongestSign() const {
  std::uint64_t most = 0;
  const auto add = [&](const auto& signals) {
    for (const auto& [key, signal] : signals) most = std::max(most, signal.records());
  };
  add(states_);
  add(links_);
  return most;
}

Hosts EffectTracker::ProperSubset(ServiceId service, Hosts hosts) const {
  std::size_t all = 0;
  for (const traces::EntityEntry& entity : catalogue_.entities) {
    all += entity.kind == traces::EntityKind::kHost && entity.service == service;
  }
  if (hosts.size() >= all) hosts.clear();
  return hosts;
}

Hosts EffectTracker::AffectedHosts(ServiceId service, const Signal& signal) const {
  std::uint64_t most = 0;
  for (const auto& [host, records] : signal.hosts()) most = std::max(most, records);
  Hosts hosts;
  for (const auto& [host, records] : signal.hosts()) {
    if (records * kHostFraction >= most) hosts.push_back(host);
  }
  return ProperSubset(service, std::move(hosts));
}

void EffectTracker::AddStates(std::uint64_t records_min, IncidentGraph* graph) const {
  std::map<ServiceId, IncidentNode> nodes;
  const auto node = [&](ServiceId service) -> IncidentNode& {
    IncidentNode& found = nodes[service];
    found.service = service;
    return found;
  };
  node(graph->root);
  for (const IncidentEdge& edge : graph->edges) {
    node(edge.link.from);
    node(edge.link.to);
  }
  for (const Alarm& alarm : graph->alarms) node(alarm.service);
  for (const auto& [key, signal] : states_) {
    const auto& [service, state] = key;
    // Of the root the strongest state is there, however weak.
    const std::uint64_t least =
        service == graph->root ? std::min(records_min, MostRecordsOf(graph->root)) : records_min;
    const std::optional<Evidence> evidence = signal.Counted(least);
    if (!evidence) continue;
    node(service).states.push_back(
        {.state = state, .evidence = *evidence, .hosts = AffectedHosts(service, signal)});
  }
  for (auto& [service, each] : nodes) {
    std::stable_sort(
        each.states.begin(), each.states.end(),
        [](const auto& one, const auto& other) { return IsEarlier(one.evidence, other.evidence); });
    const bool is_some = std::ranges::none_of(
        each.states, [](const NodeState& state) { return state.hosts.empty(); });
    for (const NodeState& state : each.states) {
      if (is_some) each.hosts.insert(each.hosts.end(), state.hosts.begin(), state.hosts.end());
    }
    std::ranges::sort(each.hosts);
    each.hosts.erase(std::unique(each.hosts.begin(), each.hosts.end()), each.hosts.end());
    each.hosts = ProperSubset(service, std::move(each.hosts));
    graph->nodes.push_back(std::move(each));
  }
  const auto order = [graph](const IncidentNode& one) {
    return std::tuple(one.service != graph->root, one.states.empty(),
                      one.states.empty() ? sim::VirtualTime() : one.states[0].evidence.first);
  };
  std::stable_sort(graph->nodes.begin(), graph->nodes.end(),
                   [&](const auto& one, const auto& other) { return order(one) < order(other); });
}

void EffectTracker::AddEdges(std::uint64_t records_min, IncidentGraph* graph) const {
  for (const auto& [key, signal] : links_) {
    const auto& [link, mechanism] = key;
    const std::optional<Evidence> evidence = signal.Counted(records_min);
    if (!evidence) continue;
    if (mechanism == Mechanism::kSlowAnswer) {
      // The caller may be late for another reason: the callee must be later on this way, too.
      const auto found = answers_.find(key);
      if (found == answers_.end() || found->second < kRecordsMin) continue;
    }
    graph->edges.push_back({.link = link,
                            .mechanism = MeaningOf(link, mechanism),
                            .evidence = *evidence,
                            .from_hosts = {},
                            .to_hosts = {}});
  }
  AddMoves(records_min, graph);
  std::stable_sort(graph->edges.begin(), graph->edges.end(),
                   [](const IncidentEdge& one, const IncidentEdge& other) {
                     return std::pair(one.evidence.first, one.mechanism) <
                            std::pair(other.evidence.first, other.mechanism);
                   });
}

// From the hosts that lose calls to those that get them.
void EffectTracker::AddMoves(std::uint64_t records_min, IncidentGraph* graph) const {
  std::map<ServiceId, IncidentEdge> edges;
  std::map<ServiceId, std::uint64_t> moved;  // known or not
  for (const auto& [host, moves] : moves_) {
    const ServiceId service = catalogue_.entities[sim::Index(host)].service;
    IncidentEdge& edge = edges[service];
    if (moves.here > kTimesMore * moves.away) edge.to_hosts.push_back(host);
    if (moves.away <= kTimesMore * moves.here) continue;
    Evidence& evidence = edge.evidence;
    evidence.first =
        edge.from_hosts.empty() ? moves.first_away : std::min(evidence.first, moves.first_away);
    evidence.last = std::max(evidence.last, moves.last_away);
    evidence.records += moves.known_away - std::min(moves.known_away, moves.known_here);
    moved[service] += moves.away - moves.here;
    edge.from_hosts.push_back(host);
  }
  for (auto& [service, edge] : edges) {
    edge.evidence.records = std::min(edge.evidence.records, moved[service]);
    if (edge.evidence.records == 0 || moved[service] < records_min) continue;
    edge.link = {service, service};
    edge.mechanism = Mechanism::kMovedLoad;
    graph->edges.push_back(std::move(edge));
  }
}

void EffectTracker::AddAlarms(IncidentGraph* graph) const {
  for (const auto& [service, users] : users_) {
    if (users.alarm.total() == 0) continue;
    graph->alarms.push_back(users.alarm);
    graph->alarms.back().service = service;
  }
  std::stable_sort(graph->alarms.begin(), graph->alarms.end(),
                   [](const Alarm& one, const Alarm& other) { return one.first < other.first; });
}

void EffectTracker::AddImpact(IncidentGraph* graph) const {
  std::optional<sim::VirtualTime>& last = graph->last_effect;
  const auto add = [&](const Evidence& evidence) {
    last = std::max(evidence.last, last.value_or(evidence.last));
  };
  for (const IncidentNode& node : graph->nodes) {
    for (const NodeState& state : node.states) add(state.evidence);
  }
  for (const IncidentEdge& edge : graph->edges) {
    if (edge.mechanism != Mechanism::kMovedLoad) add(edge.evidence);
  }
  for (const auto& [service, users] : users_) {
    const std::optional<Evidence> evidence = users.signal.Counted(1);
    if (evidence) add(*evidence);
  }
  if (!last) return;
  UserCount all;
  for (std::size_t i = 0; i < user_counts_.slots().size(); ++i) {
    if (graph->impact_until > *last) break;
    all += user_counts_.slots()[i];
    graph->impact_until = std::min(user_counts_.EndOf(i), window_.until);
  }
  const auto requests = [](const DayCount& day) {
    return UserRequests{.requests = day.requests,
                        .failed = day.failed,
                        .p50 = day.latencies.Quantile(0.5),
                        .p99 = day.latencies.Quantile(0.99)};
  };
  graph->with_fault = requests(all.with);
  graph->without_fault = requests(all.without);
}

IncidentGraph EffectTracker::Graph() const {
  IncidentGraph graph;
  graph.impact_until = window_.start;
  graph.has_records = has_records_;
  if (!has_known_sign_) return graph;
  graph.root = Root();
  const std::uint64_t records_min = std::max(kRecordsMin, StrongestSign() / kRecordsFraction);
  AddAlarms(&graph);
  AddEdges(records_min, &graph);
  AddStates(records_min, &graph);
  AddImpact(&graph);
  return graph;
}

}  // namespace groundhog::analysis
