// How a replay looks on stderr: the line that runs along, and the report at the end.
#ifndef GROUNDHOG_CLI_REPLAY_TEXT_H_
#define GROUNDHOG_CLI_REPLAY_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replay/pace.h"
#include "replay/player.h"
#include "replay/run_report.h"
#include "sim/time.h"

namespace groundhog::cli {

// What a progress line needs to know of the whole.
struct ReplayFrame {
  replay::Pace pace;
  std::int64_t start_unix_nanoseconds = 0;  // the trace's
  sim::VirtualTime from;
  std::optional<sim::VirtualTime> until;  // nullopt: nobody knows
};

// "14:03:27  58 %  1440x (asked 1440x)  16,604/s  late p99 0.4 ms  acked 583,211"; at most 79
// columns.
std::string ProgressText(const ReplayFrame& frame, const replay::Progress& progress);

// Several lines. `destination`: the sink's name.
std::string ReportText(std::string_view destination, const replay::Pace& pace,
                       const replay::RunReport& report);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAY_TEXT_H_
