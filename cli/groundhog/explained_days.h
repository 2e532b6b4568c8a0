// The two days that 'groundhog explain' compares: the one that a trace has, and the same day
// without a fault.
#ifndef GROUNDHOG_CLI_GROUNDHOG_EXPLAINED_DAYS_H_
#define GROUNDHOG_CLI_GROUNDHOG_EXPLAINED_DAYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/incident_graph.h"
#include "cli/groundhog/explain_report.h"
#include "cli/shared/exit_codes.h"
#include "model/scenario/parse/parser.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/reader.h"
#include "traces/summary.h"

namespace groundhog::cli {

// A trace's day: its scenario, and up to when it goes.
struct RecordedDay {
  std::string file;
  model::ParsedScenario parsed = {};
  sim::VirtualTime end = {};
};

// One occurrence of a fault, and when differences are due to it.
struct ChosenIncident {
  traces::Occurrence occurrence;
  std::uint32_t count = 0;  // occurrences of the fault within the trace
  analysis::IncidentWindow window;
};

// The longest that something of a request is in flight, as far as it matters here: how long before
// a trace's end nothing may differ that may have its partner later, and how long a day is lived on
// after it. Where queues hold requests for longer, some are in flight until the end.
inline constexpr sim::Duration kInFlightMax = sim::Minutes(10);
sim::VirtualTime AfterInFlight(sim::VirtualTime time);

// Occurrences of the fault that begin before `end`; at most as many as a trace's footer lists.
std::vector<traces::Occurrence> OccurrencesOf(const traces::Catalogue& catalogue, std::size_t fault,
                                              sim::VirtualTime end);

// What the incident did. `reader` has read nothing yet.
//
// A trace that has the whole day is read beside the day without the fault. Otherwise, when the
// trace is cut, torn or damaged, or when something is still going on at its end, the day is lived
// again with the fault, too: a difference then is one of the two lived days, and it counts where
// the trace has it. So a record that is missing is never taken for an effect.
//
// Unless quiet, what is damaged or missing is reported on standard error; `exit_code` says it, too.
// FailedPrecondition: the trace's records are not those of its scenario, as this program lives it.
// Other errors: those of reading and of living.
absl::StatusOr<IncidentReport> ExplainIncident(const RecordedDay& day, const ChosenIncident& chosen,
                                               bool is_quiet, traces::Reader& reader,
                                               ExitCode* exit_code);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_EXPLAINED_DAYS_H_
