#include "replay/timestamps.h"

#include "traces/time_text.h"

namespace groundhog::replay {

std::int64_t Timestamps::UnixMilliseconds(sim::VirtualTime time, SteadyTime due) const {
  switch (options_.mode) {
    case TimestampMode::kOriginal:
      break;
    case TimestampMode::kShift:
      return traces::UnixMilliseconds(anchor_unix_nanoseconds_,
                                      sim::VirtualTime(time - options_.t0));
    case TimestampMode::kWall:
      return traces::UnixMilliseconds(anchor_unix_nanoseconds_,
                                      sim::VirtualTime((due - anchor_).count()));
  }
  return traces::UnixMilliseconds(options_.start_unix_nanoseconds, time);
}

}  // namespace groundhog::replay
