#include "replay/sender.h"

namespace groundhog::replay {

const absl::Status& Sender::Send(const PlaylistItem& item, SteadyTime due) {
  const std::int64_t timestamp = timestamps_.UnixMilliseconds(
      {.time = item.time, .clock_skew = item.record->clock_skew, .due = due});
  const std::string_view line = playlist_.Render(item, timestamp);
  status_ = sink_.Write({.position = item.position,
                         .record = *item.record,
                         .line = line,
                         .timestamp_unix_milliseconds = timestamp});
  line_ = line;
  if (status_.ok()) ++records_sent_;
  return status_;
}

}  // namespace groundhog::replay
