// Hands records to the sink, each with its timestamp and rendered line, and keeps count and the
// sink's first error.
#ifndef GROUNDHOG_REPLAY_SENDER_H_
#define GROUNDHOG_REPLAY_SENDER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "replay/clock.h"
#include "replay/playlist.h"
#include "replay/timestamps.h"
#include "sinks/sink.h"

namespace groundhog::replay {

// Not thread-safe. After an error of the sink, status() keeps it and nothing more may be sent.
class Sender {
 public:
  // `sink` is open. Both must outlive it.
  Sender(Playlist& playlist, sinks::Sink& sink, const Timestamps& timestamps)
      : playlist_(playlist), sink_(sink), timestamps_(timestamps) {}

  // The date of t0 at `anchor`, as Timestamps::AnchorAt; before the first record.
  void AnchorAt(SteadyTime anchor, std::int64_t unix_nanoseconds) {
    timestamps_.AnchorAt(anchor, unix_nanoseconds);
  }

  // Each returns status(). `item` was taken from the playlist since it was last read on; `due` is
  // its deadline, or now without one.
  const absl::Status& Send(const PlaylistItem& item, SteadyTime due);
  const absl::Status& Poll() { return status_ = sink_.Poll(); }
  const absl::Status& Checkpoint() { return status_ = sink_.Checkpoint(); }
  const absl::Status& Flush() { return status_ = sink_.Flush(); }
  const absl::Status& status() const { return status_; }

  // The line sent last; valid until the playlist is read on.
  std::string_view line() const { return line_; }
  std::uint64_t records_sent() const { return records_sent_; }
  // What became of them.
  sinks::Counts counts() const { return sink_.counts(); }
  const sinks::Histogram& acknowledgement_delays() const { return sink_.acknowledgement_delays(); }

 private:
  Playlist& playlist_;
  sinks::Sink& sink_;
  Timestamps timestamps_;
  absl::Status status_;
  std::string_view line_;
  std::uint64_t records_sent_ = 0;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_SENDER_H_
