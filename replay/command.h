// The commands for a running replay, and their words: the same for a control socket and for the
// keys of a terminal.
#ifndef GROUNDHOG_REPLAY_COMMAND_H_
#define GROUNDHOG_REPLAY_COMMAND_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "replay/pace.h"

namespace groundhog::replay {

enum class CommandKind {
  kPause,             // pause
  kResume,            // resume
  kTogglePause,       // no word: the space key
  kStep,              // step [N]: send N records now; only while paused
  kSpeed,             // speed 60x|max
  kFaster,            // faster: twice the speed
  kSlower,            // slower: half the speed
  kNextIncident,      // next
  kPreviousIncident,  // previous
  kGoTo,              // goto TIME: RFC 3339, an offset from the scenario's start, a time of day
  kStatus,            // status
  kQuit               // quit
};

struct Command {
  CommandKind kind = CommandKind::kStatus;
  std::uint64_t count = 1;  // kStep: 1 to kStepMax
  Pace pace;                // kSpeed
  std::string time;         // kGoTo: as it was written, since only the trace gives it a meaning
};

inline constexpr std::uint64_t kStepMax = 1'000'000;

// One line without its newline; blanks around words do not matter. InvalidArgument says what is
// wrong.
absl::StatusOr<Command> ParseCommand(std::string_view line);

// Whether a command begins with this word; and all such words, blanks between them, for people.
bool IsCommandWord(std::string_view word);
std::string CommandWords();

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_COMMAND_H_
