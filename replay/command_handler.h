// Carries out the commands of a running replay, and answers them.
#ifndef GROUNDHOG_REPLAY_COMMAND_HANDLER_H_
#define GROUNDHOG_REPLAY_COMMAND_HANDLER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "replay/command.h"
#include "replay/controls.h"
#include "replay/incidents.h"
#include "replay/pace.h"
#include "replay/playhead.h"
#include "replay/playlist.h"
#include "replay/progress_meter.h"
#include "replay/sender.h"
#include "replay/step_request.h"
#include "sim/time.h"

namespace groundhog::replay {

// Not thread-safe.
class CommandHandler {
 public:
  // What the commands act on. All must outlive the handler.
  struct Parts {
    const Playlist& playlist;
    const Incidents& incidents;
    Playhead& playhead;
    Sender& sender;
    ProgressMeter& meter;
  };
  // `start_unix_nanoseconds`: the trace's. `forwards_only`: as in PlayerOptions.
  CommandHandler(const Parts& parts, std::int64_t start_unix_nanoseconds,
                 std::string forwards_only);

  // Carries out the next command of `controls`, if there is one, and answers it; a step is answered
  // when its records have gone. False: there was none. Not to be called while is_stepping().
  bool TakeFrom(Controls& controls);

  // A pause, as the command makes it, but without a checkpoint of the sink.
  void Halt();
  bool has_quit() const { return has_quit_; }

  // A step has this many records left to send.
  std::uint64_t steps_left() const { return step_.left(); }
  bool is_stepping() const { return step_.left() != 0; }
  // One of its records went.
  void AdvanceStep() {
    if (step_.Advance()) EndStep();
  }
  // No more records will go: answers the step, if there is one.
  void EndStep();

 private:
  using Answer = absl::StatusOr<std::string>;

  Answer Obey(const Command& command);
  Answer Pause();
  Answer Resume();
  Answer Step(std::uint64_t count);
  Answer ChangePace(const Pace& pace);
  Answer ChangeSpeedBy(const Ratio& factor);
  Answer GoTo(sim::VirtualTime time);
  Answer GoToNextIncident();
  Answer GoToPreviousIncident();
  absl::StatusOr<sim::VirtualTime> TimeOf(const std::string& text) const;
  sim::VirtualTime TimeOfDay(sim::Duration since_midnight) const;
  std::string TimeText() const;
  const Timeline& timeline() const { return playhead_.timeline(); }

  const Playlist& playlist_;
  const Incidents& incidents_;
  Playhead& playhead_;
  Sender& sender_;
  ProgressMeter& meter_;
  const std::int64_t start_unix_nanoseconds_;
  const std::string forwards_only_;

  StepRequest step_;
  std::optional<Ratio> speed_before_;  // the speed that "max" replaced
  bool has_quit_ = false;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_COMMAND_HANDLER_H_
