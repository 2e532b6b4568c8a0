// What a replayed record's `timestamp` says: the same value in the payload and in a Kafka record.
#ifndef GROUNDHOG_REPLAY_TIMESTAMPS_H_
#define GROUNDHOG_REPLAY_TIMESTAMPS_H_

#include <array>
#include <chrono>
#include <cstdint>

#include "replay/clock.h"
#include "sim/time.h"
#include "text/enum_names.h"

namespace groundhog::replay {

enum class TimestampMode {
  kOriginal,  // as recorded
  kShift,     // moved so that t0 is the date of the anchor; distances stay as recorded
  kWall       // the date at which the record is due (at max: goes)
};
inline constexpr text::EnumNames kTimestampModeNames(
    std::to_array<text::EnumName<TimestampMode>>({{TimestampMode::kOriginal, "original"},
                                                  {TimestampMode::kShift, "shift"},
                                                  {TimestampMode::kWall, "wall"}}));

// Not thread-safe; a plain value.
class Timestamps {
 public:
  struct Options {
    TimestampMode mode = TimestampMode::kOriginal;
    std::int64_t start_unix_nanoseconds = 0;  // the trace's
    sim::VirtualTime t0;
  };
  explicit Timestamps(const Options& options) : options_(options) {}

  // The date is read once: a clock that is set later moves no timestamp.
  void AnchorAt(SteadyTime now, std::int64_t wall_unix_nanoseconds) {
    anchor_ = now;
    anchor_unix_nanoseconds_ = wall_unix_nanoseconds;
  }

  struct Moment {
    sim::VirtualTime time;     // of a record, in its loop
    sim::Duration clock_skew;  // its host's
    SteadyTime due;
  };
  // Of a record, by its host's clock: off by its clock skew in every mode. Whole milliseconds since
  // 1970, rounded down.
  std::int64_t UnixMilliseconds(const Moment& moment) const;

 private:
  Options options_;
  SteadyTime anchor_;
  std::int64_t anchor_unix_nanoseconds_ = 0;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_TIMESTAMPS_H_
