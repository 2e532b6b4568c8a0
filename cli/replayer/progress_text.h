// What a replay shows on stderr: the line of progress, and the report at the end.
#ifndef GROUNDHOG_CLI_REPLAYER_PROGRESS_TEXT_H_
#define GROUNDHOG_CLI_REPLAYER_PROGRESS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/replayer/sink_kind.h"
#include "replay/dry_run.h"
#include "replay/pace.h"
#include "replay/progress.h"
#include "replay/run_report.h"
#include "sim/time.h"

namespace groundhog::cli {

// What a progress line needs to know of the whole replay.
struct ReplayFrame {
  std::int64_t start_unix_nanoseconds = 0;  // the trace's
  sim::VirtualTime from;
  std::optional<sim::VirtualTime> until;  // nullopt: not known
  std::uint64_t loops = 1;                // more than one: the line has the loop's number
};

// "14:03:27  58 %  1440x of 1440x  16,604/s  late 0.4 ms  0 failed  25 s left  auth-outage"; at
// most `columns` wide. Where there is no room for all, it leaves out in this order: the speed asked
// for where it is reached, per cent, "0 failed", the rate, the time left, the lateness. After that
// it cuts the incident's name.
std::string ProgressText(const ReplayFrame& frame, const replay::Progress& progress,
                         std::size_t columns);

// Several lines, none wider than `columns` if that is about 80 or more. `destination`: the sink's
// name; `words`: its kind's.
std::string ReportText(std::string_view destination, const SinkWords& words,
                       const replay::Pace& pace, const replay::RunReport& report,
                       std::size_t columns);

// The same for a dry run.
std::string DryRunText(const replay::DryRunReport& report, const replay::Pace& pace,
                       std::int64_t start_unix_nanoseconds, std::size_t columns);

// The time, level, service and message of a record that a step sent; `line` is its JSON line.
std::string StepText(const ReplayFrame& frame, sim::VirtualTime time, std::string_view line,
                     std::size_t columns);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_PROGRESS_TEXT_H_
