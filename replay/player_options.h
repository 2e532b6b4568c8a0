// How a playlist is played, who gives commands meanwhile, and who hears of its progress.
#ifndef GROUNDHOG_REPLAY_PLAYER_OPTIONS_H_
#define GROUNDHOG_REPLAY_PLAYER_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/controls.h"
#include "replay/pace.h"
#include "replay/progress.h"
#include "replay/timestamps.h"
#include "sim/time.h"

namespace groundhog::replay {

// What becomes of deadlines when the replay was held back.
enum class CatchUp {
  kBurst,  // they stay as they are: late records are sent at once
  kSlip    // a record that is more than kSlipMin late delays all after it by its lateness
};
inline constexpr std::chrono::nanoseconds kSlipMin = std::chrono::milliseconds(100);

struct PlayerOptions {
  Pace pace;
  std::optional<Ratio> rate_max;  // records a second
  CatchUp catch_up = CatchUp::kBurst;
  // With a speed: no two records are due further apart than this; longer idle time is squeezed.
  std::optional<std::chrono::nanoseconds> gap_max;
  // The date at which t0 is due, in nanoseconds since 1970; nullopt: when the player is ready.
  std::optional<std::int64_t> start_unix_nanoseconds;
  bool starts_paused = false;
  TimestampMode timestamps = TimestampMode::kOriginal;
  // With TimestampMode::kShift the date of t0; nullopt: the date of the anchor.
  std::optional<std::int64_t> shift_unix_nanoseconds;
  // This replay goes on with an earlier one, so the playlist starts after its beginning: its first
  // record is due at the anchor, unless a start date says when t0 is due.
  bool is_resumed = false;

  // Whether the report has the hash of what was sent.
  bool hashes_payload = true;

  // Asked for commands at least every 50 ms. They must outlive the player.
  std::vector<Controls*> controls;
  // Not empty: nothing may be played a second time; this text says why.
  std::string forwards_only;

  // Called at this interval, by the thread that plays, and after each command but `status`. May be
  // empty.
  std::function<void(const Progress&)> on_progress;
  std::chrono::nanoseconds progress_interval = std::chrono::seconds(1);
  // Called before a step is answered, with the virtual time and the line of the last record that
  // it sent.
  std::function<void(sim::VirtualTime, std::string_view)> on_step;
  // One line for a person, about damage that was passed over.
  std::function<void(std::string_view)> on_notice;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PLAYER_OPTIONS_H_
