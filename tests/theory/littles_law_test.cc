// Little's law: the average number on a host is the arrival rate times the time spent there.
// Little, "A Proof for the Queuing Formula L = lambda W", Operations Research 9 (1961);
// Harchol-Balter, Performance Modeling and Design of Computer Systems, chapter 6. It holds for
// every sample path, so here it is no estimate: the loads that hosts report in interval logs, from
// their own state, equal the sums of their spans' durations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

std::vector<std::string> ShippedScenarios() {
  std::vector<std::string> names;
  std::istringstream lines(RunGroundhog({"scenario", "list"}));
  std::string name;
  std::string rest;
  while (lines >> name && std::getline(lines, rest)) names.push_back(name);
  return names;
}

// How a host's interval logs compare with its spans.
struct Comparison {
  int compared = 0;
  int different = 0;
  int less = 0;     // intervals that report less than the spans add up to
  double load = 0;  // summed over the intervals, as reported
};

// The spans' nanoseconds within (from, until].
std::int64_t Overlap(const Span& span, sim::VirtualTime from, sim::VirtualTime until) {
  const sim::Duration part = std::min(span.end, until) - std::max(span.arrival, from);
  return std::max<std::int64_t>(0, part.nanoseconds());
}

// The time between logs; none come while a host is down.
sim::Duration IntervalOf(const std::vector<IntervalLoad>& logs) {
  sim::Duration interval = sim::Duration::Max();
  for (std::size_t i = 1; i < logs.size(); ++i) {
    interval = std::min(interval, logs[i].time - logs[i - 1].time);
  }
  return interval;
}

// `logs` in order of time, all of one host. `spans` are the host's, in any order; logs later than
// `last` may cover spans that had not ended yet.
Comparison Compare(const std::vector<IntervalLoad>& logs, const std::vector<Span>& spans,
                   sim::VirtualTime last) {
  const sim::Duration interval = IntervalOf(logs);
  std::vector<std::int64_t> work(logs.size());  // span-nanoseconds
  for (const Span& span : spans) {
    auto log = std::upper_bound(
        logs.begin(), logs.end(), span.arrival,
        [](sim::VirtualTime time, const IntervalLoad& one) { return time < one.time; });
    for (; log != logs.end() && log->time - interval < span.end; ++log) {
      work[static_cast<std::size_t>(log - logs.begin())] +=
          Overlap(span, log->time - interval, log->time);
    }
  }
  Comparison comparison;
  const std::int64_t length = interval.nanoseconds();
  for (std::size_t i = 1; i < logs.size() && logs[i].time <= last; ++i) {
    const std::int64_t expected = (work[i] * 100 + length / 2) / length;
    ++comparison.compared;
    if (logs[i].load_hundredths != expected) ++comparison.different;
    if (logs[i].load_hundredths < expected) ++comparison.less;
    comparison.load += static_cast<double>(logs[i].load_hundredths) / 100;
  }
  return comparison;
}

class Hosts {
 public:
  explicit Hosts(const Recording& recording)
      : spans_(recording.catalogue().entities.size()), logs_(spans_.size()) {
    sim::Duration longest;
    for (const Span& span : recording.spans()) {
      spans_[sim::Index(span.host)].push_back(span);
      longest = std::max(longest, span.duration());
    }
    for (const IntervalLoad& log : recording.intervals()) {
      logs_[sim::Index(log.host)].push_back(log);
    }
    last_ = sim::VirtualTime(recording.info().duration) - longest;
  }

  Comparison CompareHost(std::uint32_t host) const {
    return Compare(logs_[host], spans_[host], last_);
  }

  // The host's longest span.
  Span& Longest(std::uint32_t host) {
    return *std::max_element(
        spans_[host].begin(), spans_[host].end(),
        [](const Span& a, const Span& b) { return a.duration() < b.duration(); });
  }

 private:
  std::vector<std::vector<Span>> spans_;         // by host
  std::vector<std::vector<IntervalLoad>> logs_;  // by host
  sim::VirtualTime last_;
};

// Hosts that go down lose work without a record of it: the load that they report is sometimes more
// than the sum of their spans.
bool LosesWork(const traces::Catalogue& catalogue, const std::string& service) {
  return std::any_of(catalogue.faults.begin(), catalogue.faults.end(),
                     [&service](const traces::FaultEntry& fault) {
                       return fault.target == service &&
                              (fault.kind == "crash" || fault.kind == "deploy");
                     });
}

void ExpectLittlesLaw(const Recording& recording) {
  const Hosts hosts(recording);
  double load = 0;
  for (const traces::ServiceEntry& service : recording.catalogue().services) {
    const bool loses_work = LosesWork(recording.catalogue(), service.name);
    const Recording::Hosts own = recording.HostsOf(recording.Service(service.name));
    for (std::uint32_t host = own.first; host < own.first + own.count; ++host) {
      SCOPED_TRACE(recording.info().scenario_name + ", " +
                   recording.catalogue().entities[host].name);
      const Comparison comparison = hosts.CompareHost(host);
      EXPECT_GT(comparison.compared, 0);
      load += comparison.load;
      EXPECT_EQ(comparison.less, 0);
      EXPECT_LE(comparison.different, loses_work ? comparison.compared / 20 : 0)
          << "of " << comparison.compared << " intervals";
    }
  }
  EXPECT_GT(load, 0);
}

TEST(LittlesLaw, HoldsOnEveryServiceOfEveryShippedScenario) {
  for (const std::string& scenario : ShippedScenarios()) ExpectLittlesLaw(Recording(scenario));
}

TEST(LittlesLaw, HoldsForMessagesAndTheirConsumers) {
  ExpectLittlesLaw(Recording("tandem.yaml", {"--set", "log_interval=10s"}));
}

TEST(LittlesLaw, HoldsWhileHostsComeAndGo) {
  ExpectLittlesLaw(Recording("breaker.yaml", {"--set", "log_interval=10s"}));
}

TEST(LittlesLaw, NoticesASpanThatStayedLonger) {
  Hosts hosts(Recording("shop", {"--duration", "2h"}));
  EXPECT_EQ(hosts.CompareHost(0).different, 0);
  hosts.Longest(0).end = hosts.Longest(0).end + sim::Milliseconds(500);
  EXPECT_GT(hosts.CompareHost(0).different, 0);
}

}  // namespace
}  // namespace groundhog::theory
