// Where commands come from: a terminal's keys, a control socket.
#ifndef GROUNDHOG_REPLAY_CONTROLS_H_
#define GROUNDHOG_REPLAY_CONTROLS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "replay/command.h"

namespace groundhog::replay {

// One thread.
class Controls {
 public:
  virtual ~Controls() = default;

  // The next command, if there is one. Never waits; cheap.
  virtual std::optional<Command> Next() = 0;

  // Gets the result of the last command: once for each, before the next Next. The text is one line
  // of NAME=VALUE.
  virtual void Answer(const absl::StatusOr<std::string>& answer) = 0;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_CONTROLS_H_
