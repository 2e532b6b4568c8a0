// What a fault did, as a page for people and as JSON.
#ifndef GROUNDHOG_CLI_GROUNDHOG_EXPLAIN_REPORT_H_
#define GROUNDHOG_CLI_GROUNDHOG_EXPLAIN_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/detectors.h"
#include "analysis/incident_graph.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"
#include "traces/summary.h"

namespace groundhog::cli {

// One occurrence of a fault.
struct IncidentReport {
  traces::Occurrence occurrence;
  std::uint32_t occurrences = 1;          // of this fault that begin within the trace
  sim::VirtualTime trace_end;             // up to where the trace is known
  bool is_whole = true;                   // up to there the trace has all records of its day
  std::int64_t start_unix_nanoseconds{};  // of the trace
  traces::Catalogue catalogue;            // joint
  analysis::IncidentGraph graph;
  analysis::Detection detection;

  // Whether the trace has something of the incident's time, or all of it, in which no record is.
  bool is_in_trace() const {
    return graph.has_records || (is_whole && trace_end >= occurrence.end);
  }
  const traces::FaultEntry& fault() const {
    return catalogue.faults[traces::Index(occurrence.fault)];
  }
  // "auth-outage/2", as truth.cause.
  std::string cause() const;
  const std::string& NameOf(traces::ServiceId service) const {
    return catalogue.services[traces::Index(service)].name;
  }
  // "payment-service-1, payment-service-2"; empty for none.
  std::string NamesOf(const analysis::Hosts& hosts) const;
  // In UTC: the time of day with milliseconds, after the date where that is not the incident's.
  std::string ClockText(sim::VirtualTime time) const;
};

struct ExplainReport {
  std::vector<IncidentReport> incidents;
  bool is_complete = true;  // the trace, to its end and without damage
};

// "28.9 ms", "1,327 ms": as the page and its sentences show latencies.
std::string MillisecondsInWords(sim::Duration duration);

// What happened, in plain sentences, in order of time.
std::vector<std::string> IncidentInWords(const IncidentReport& report);

// 80 columns wide, apart from names that are longer.
std::string ExplainAsPage(const ExplainReport& report);

// One JSON object, with a newline at its end. docs/EXPLAIN.md documents its keys.
std::string ExplainAsJson(const ExplainReport& report);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_EXPLAIN_REPORT_H_
