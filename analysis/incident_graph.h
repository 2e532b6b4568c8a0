// An incident as a causal graph: which services an occurrence of a fault had an effect on, in what
// way, how the effect went from one to the next, where users noticed, and when it was over. All of
// it is read from the differences between a day and the same day without the fault (signs.h), so
// nothing in it is there without the fault.
//
// What is different by luck is left out by one rule. A sign counts in the periods (a minute, longer
// ones for long times) in which the day has it more than twice as often as the other day; a state
// or an effect is in the graph if at least 3 of its signs count, and at least a hundredth of those
// of the strongest state or effect. Alarms are counted in full. The root is the service that most
// of the first 100 signs point to: a failed call to the callee, an extra request to where it
// entered.
//
// Of a day that is known in part, all of it decides what counts, and the graph shows what is known.
//
// Not thread-safe. Memory is bounded: it follows the number of services, of the ways between them,
// and of their hosts.
#ifndef GROUNDHOG_ANALYSIS_INCIDENT_GRAPH_H_
#define GROUNDHOG_ANALYSIS_INCIDENT_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/alignment.h"
#include "analysis/known_part.h"
#include "analysis/latency_histogram.h"
#include "analysis/signs.h"
#include "analysis/timeline.h"
#include "sim/entity.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::analysis {

// When an occurrence of a fault is, and until when differences are due to it.
struct IncidentWindow {
  sim::VirtualTime first_start;  // of the fault's first occurrence: until then nothing may differ
  sim::VirtualTime start;
  sim::VirtualTime end;
  sim::VirtualTime until = sim::VirtualTime::Max();  // the next occurrence's start
};

// Records that show something.
struct Evidence {
  sim::VirtualTime first;
  sim::VirtualTime last;
  std::uint64_t records = 0;
};

// Hosts, in ascending order, where a proper subset of a service's hosts is meant; empty: all.
using Hosts = std::vector<sim::EntityId>;

struct NodeState {
  State state{};
  Evidence evidence;
  Hosts hosts;
};

struct IncidentNode {
  traces::ServiceId service{};
  Hosts hosts;                    // of any of its states
  std::vector<NodeState> states;  // by first record; the root and a link's end may have none
};

struct IncidentEdge {
  Link link;
  Mechanism mechanism{};
  Evidence evidence;
  Hosts from_hosts;  // of kMovedLoad only
  Hosts to_hosts;    // likewise
};

// Where users notice: requests that enter at a service.
struct Alarm {
  traces::ServiceId service{};
  sim::VirtualTime first;
  std::uint64_t failed = 0;   // failed, and not in the same way without the fault
  std::uint64_t slowed = 0;   // took longer (SignReader::IsLonger)
  std::uint64_t missing = 0;  // only the other day has them: no answer, or never asked
  std::uint64_t total() const { return failed + slowed + missing; }
};

// Users' requests of one day that ended from the incident's start on.
struct UserRequests {
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  sim::Duration p50;
  sim::Duration p99;
};

struct IncidentGraph {
  traces::ServiceId root = traces::ServiceId::kNone;  // kNone: nothing differs
  std::vector<IncidentNode> nodes;                    // the root first, then by first record
  std::vector<IncidentEdge> edges;                    // by first record
  std::vector<Alarm> alarms;                          // likewise
  UserRequests with_fault;
  UserRequests without_fault;
  sim::VirtualTime impact_until;                // what the two count: the period of the last effect
  std::optional<sim::VirtualTime> last_effect;  // nullopt: none
  bool has_records = false;  // the day has some from the incident's start to its end that are known
};

// Signs of one kind at one service or between two.
class Signal {
 public:
  explicit Signal(sim::VirtualTime start) : counts_(start, sim::Minutes(1)) {}

  // `in_day`: of the day with the fault.
  void Add(sim::VirtualTime time, sim::EntityId host, bool in_day, bool is_known = true);

  // How many count, known or not.
  std::uint64_t records() const;
  // Those of them that are known; nullopt: none, or records() is below `records_min`.
  std::optional<Evidence> Counted(std::uint64_t records_min) const;
  // In the day, by host, known or not.
  const std::map<sim::EntityId, std::uint64_t>& hosts() const { return hosts_; }

 private:
  struct Count {
    std::uint32_t with = 0;
    std::uint32_t without = 0;
    std::uint32_t known = 0;                           // with
    sim::VirtualTime first = sim::VirtualTime::Max();  // known
    sim::VirtualTime last;
    bool Counts() const;
    Count& operator+=(const Count& later);
  };

  Timeline<Count, 256> counts_;
  std::map<sim::EntityId, std::uint64_t> hosts_;
};

// Takes what Align gives for a day (A) and the same day without the fault (B). The causes that the
// records name (truth) are not looked at.
class EffectTracker {
 public:
  // `catalogue` is the joint one and must outlive this.
  EffectTracker(const traces::Catalogue& catalogue, const IncidentWindow& window);

  void Take(const AlignedRecord& aligned);

  // What is from `from` until `to`, as for UnknownTimes::Add, is not shown: records of the day,
  // with their partners whenever these are, and what only the other day has. It does help to decide
  // what counts and where it began, so that what is known shows nothing that the whole does not
  // show. To be set before records of this time are taken.
  void SetUnknown(sim::VirtualTime from, sim::VirtualTime to) { unknown_.Add(from, to); }

  // The earliest difference before the fault first began: the two are not the same day.
  std::optional<sim::VirtualTime> foreign() const { return foreign_; }

  IncidentGraph Graph() const;

 private:
  using LinkKey = std::pair<Link, Mechanism>;
  struct Moves {
    std::uint64_t away = 0;
    std::uint64_t here = 0;
    std::uint64_t known_away = 0;
    std::uint64_t known_here = 0;
    sim::VirtualTime first_away = sim::VirtualTime::Max();
    sim::VirtualTime last_away;
  };
  struct DayCount {
    std::uint64_t requests = 0;
    std::uint64_t failed = 0;
    LatencyHistogram latencies;
    DayCount& operator+=(const DayCount& other);
  };
  struct UserCount {
    DayCount with;
    DayCount without;
    UserCount& operator+=(const UserCount& other);
  };
  struct UserSignals {
    explicit UserSignals(sim::VirtualTime start) : signal(start) {}
    Signal signal;
    Alarm alarm;
  };

  void CountUser(const traces::Record& record, bool in_day);
  void TakeSigns(const traces::Record& record, const traces::Record* other, bool in_day);
  void TakeAlarm(const traces::Record& record, const Signs& signs, bool in_day);
  void TakePair(const traces::Record& a, const traces::Record& b);
  void TakeOwn(const traces::Record& record);
  void NoteOrigin(const traces::Record& record, traces::ServiceId origin);
  void NoteWeakOrigin(sim::VirtualTime time, traces::ServiceId origin);
  Signal& StateSignal(traces::ServiceId service, State state);

  Mechanism MeaningOf(const Link& link, Mechanism mechanism) const;
  Hosts AffectedHosts(traces::ServiceId service, const Signal& signal) const;
  Hosts ProperSubset(traces::ServiceId service, Hosts hosts) const;
  traces::ServiceId Root() const;
  // The records of the strongest sign, and of the service's strongest state, one at least.
  std::uint64_t StrongestSign() const;
  std::uint64_t MostRecordsOf(traces::ServiceId service) const;
  void AddStates(std::uint64_t records_min, IncidentGraph* graph) const;
  void AddEdges(std::uint64_t records_min, IncidentGraph* graph) const;
  void AddMoves(std::uint64_t records_min, IncidentGraph* graph) const;
  void AddAlarms(IncidentGraph* graph) const;
  void AddImpact(IncidentGraph* graph) const;

  const traces::Catalogue& catalogue_;
  const IncidentWindow window_;
  SignReader reader_;
  Signs signs_;  // of the record at hand
  UnknownTimes unknown_;
  std::optional<sim::VirtualTime> foreign_;
  bool is_known_ = true;         // the record at hand, or its partner
  bool has_records_ = false;     // that are known
  bool has_known_sign_ = false;  // and point to where it began
  // What the first signs point to.
  std::multimap<std::pair<sim::VirtualTime, sim::EntityId>, traces::ServiceId> origins_;
  // The first sign that says little about where it began, for when there is no other.
  std::optional<std::pair<sim::VirtualTime, traces::ServiceId>> weak_origin_;
  std::map<std::pair<traces::ServiceId, State>, Signal> states_;
  std::map<LinkKey, Signal> links_;
  std::map<LinkKey, std::uint64_t> answers_;  // of the day
  std::map<sim::EntityId, Moves> moves_;
  std::map<traces::ServiceId, UserSignals> users_;
  Timeline<UserCount, 1024> user_counts_;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_INCIDENT_GRAPH_H_
