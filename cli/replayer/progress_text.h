// How a replay looks on stderr: the line that runs along, and the report at the end.
#ifndef GROUNDHOG_CLI_REPLAYER_PROGRESS_TEXT_H_
#define GROUNDHOG_CLI_REPLAYER_PROGRESS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replay/dry_run.h"
#include "replay/pace.h"
#include "replay/progress.h"
#include "replay/run_report.h"
#include "sim/time.h"

namespace groundhog::cli {

// What a progress line needs to know of the whole.
struct ReplayFrame {
  std::int64_t start_unix_nanoseconds = 0;  // the trace's
  sim::VirtualTime from;
  std::optional<sim::VirtualTime> until;  // nullopt: nobody knows
  std::uint64_t loops = 1;                // more than one: the line tells which
};

// "14:03:27  58 %  1440x of 1440x  16,604/s  late 0.4 ms  0 failed  25 s left  auth-outage"; at
// most `columns` wide. What matters least goes first where there is no room for all: the speed
// asked where it is reached, per cent, that nothing failed, the rate, the time left, the lateness;
// only then is the incident's name cut.
std::string ProgressText(const ReplayFrame& frame, const replay::Progress& progress,
                         std::size_t columns);

// Several lines, none wider than `columns` if that is 80 or thereabouts. `destination`: the sink's
// name.
std::string ReportText(std::string_view destination, const replay::Pace& pace,
                       const replay::RunReport& report, std::size_t columns);

// Likewise, for a replay that was none.
std::string DryRunText(const replay::DryRunReport& report, const replay::Pace& pace,
                       std::int64_t start_unix_nanoseconds, std::size_t columns);

// The record that a step sent, of which `line` is the JSON line: its time, level, service, message.
std::string StepText(const ReplayFrame& frame, sim::VirtualTime time, std::string_view line,
                     std::size_t columns);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_PROGRESS_TEXT_H_
