#include "replay/timestamps.h"

#include "text/time_text.h"

namespace groundhog::replay {

std::int64_t Timestamps::UnixMilliseconds(const Moment& moment) const {
  std::int64_t origin = anchor_unix_nanoseconds_;
  sim::VirtualTime time = moment.time;
  switch (options_.mode) {
    case TimestampMode::kOriginal:
      origin = options_.start_unix_nanoseconds;
      break;
    case TimestampMode::kShift:
      time = sim::VirtualTime(moment.time - options_.t0);
      break;
    case TimestampMode::kWall:
      time = sim::VirtualTime((moment.due - anchor_).count());
      break;
  }
  return text::UnixMilliseconds(origin, text::TimeOnClock(time, moment.clock_skew));
}

}  // namespace groundhog::replay
