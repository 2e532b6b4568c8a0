// The scenario inside a trace: what it was recorded from, so that it can be shown, changed and
// recorded again.
#ifndef GROUNDHOG_CLI_GROUNDHOG_TRACE_SCENARIO_H_
#define GROUNDHOG_CLI_GROUNDHOG_TRACE_SCENARIO_H_

#include <string>

#include "absl/status/statusor.h"
#include "model/scenario/overrides.h"
#include "traces/catalogue.h"
#include "traces/reader.h"

namespace groundhog::cli {

struct TraceScenario {
  std::string text;            // the YAML as it was given
  model::Overrides overrides;  // with which recording it gives the trace's records again
  traces::TruthMethod truth_method = traces::TruthMethod::kLocal;
  bool covers_no_time = false;  // see below; then it needs another duration to be recorded
};

// Whether the trace is complete but of no length, as what `recover` makes of a file without any
// sound chunk.
bool CoversNoTime(const traces::Reader& reader);

// Whether `path` is a regular file that is a trace by its content.
bool IsTraceFile(const std::string& path);

// Reads a trace's scenario. The overrides are those of its header, in their order, and after them
// only what the header says otherwise than they and the text do: its seed, its start, and as the
// duration what a complete trace covers, or what an incomplete one was asked for. Tells a damaged
// header on stderr. Errors: those of traces::Reader; InvalidArgument: the trace has no scenario.
absl::StatusOr<TraceScenario> ReadTraceScenario(const std::string& path);

// The same of a trace that is open; `path` is its name.
absl::StatusOr<TraceScenario> ReadTraceScenario(const traces::Reader& reader,
                                                const std::string& path);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_TRACE_SCENARIO_H_
