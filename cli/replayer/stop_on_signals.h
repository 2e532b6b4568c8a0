// Ctrl-C, SIGTERM and a closed terminal (SIGHUP) as a wish to end cleanly.
#ifndef GROUNDHOG_CLI_REPLAYER_STOP_ON_SIGNALS_H_
#define GROUNDHOG_CLI_REPLAYER_STOP_ON_SIGNALS_H_

#include "replay/stop_signal.h"

namespace groundhog::cli {

// While it lives, the first SIGINT, SIGTERM or SIGHUP raises `stop`; a SIGINT or SIGTERM after it
// ends the program. One object at a time; `stop` outlives it.
class StopOnSignals {
 public:
  explicit StopOnSignals(replay::StopSignal& stop);
  ~StopOnSignals();
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_STOP_ON_SIGNALS_H_
