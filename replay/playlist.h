// The records that a replay plays, in order: the selected records of a trace, once or several
// times, or one machine's part of them. It knows nothing about clocks and sinks, so that playing
// and checking use the same list.
//
// Loop 0 is the trace as recorded. In loop k every record is k loop lengths later and requests have
// trace ids and order numbers of their own (LoopTraceKey); nothing else changes.
#ifndef GROUNDHOG_REPLAY_PLAYLIST_H_
#define GROUNDHOG_REPLAY_PLAYLIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "replay/shard.h"
#include "sim/time.h"
#include "traces/json_renderer.h"
#include "traces/reader.h"
#include "traces/record.h"
#include "traces/record_filter.h"

namespace groundhog::replay {

struct PlaylistOptions {
  // Which records; `from` is t0.
  traces::RecordSelection selection;
  std::optional<std::uint64_t> loops = 1;  // at least 1; nullopt: without end
  Shard shard;
  // The first position to consider: loop x records in the trace + index, before filters.
  std::uint64_t start_position = 0;
};

struct PlaylistItem {
  std::uint64_t position = 0;
  std::uint64_t loop = 0;
  // Of the records that passed the filters, whichever shard they are of, from 0.
  std::uint64_t number = 0;
  const traces::Record* record = nullptr;  // as recorded; valid until the next ReadMore
  sim::VirtualTime time;                   // of the record, its loop's shift included
  // How much idle time before it was squeezed out since the start, or since the last seek.
  sim::Duration squeezed;
  // How much played time lies between it and what comes before it, in whichever shard: what is left
  // of the gap.
  sim::Duration gap;
};

// The key of the trace ids of a loop: the trace's own in loop 0, otherwise XXH3-64, seeded with
// that key, of the loop's number as 8 little-endian bytes. This is the key of chunks, to which the
// key deltas of a merged trace are added in every loop.
std::uint64_t LoopTraceKey(std::uint64_t trace_key, std::uint64_t loop);

// Not thread-safe.
class Playlist {
 public:
  // `reader` must be at its beginning and must outlive this. InvalidArgument: more than one loop of
  // a trace that cannot be looped (a pipe, a trace without its end, an empty range), or more loops
  // than virtual time has room for; a start position beyond the last loop.
  static absl::StatusOr<std::unique_ptr<Playlist>> Make(traces::Reader& reader,
                                                        const PlaylistOptions& options);

  // The next of what has been read. False: ReadMore.
  bool Take(PlaylistItem* item);

  // Reads on; may give nothing to take. False: the end. Errors are Reader::NextChunk's: after a
  // DataLoss reading may go on.
  absl::StatusOr<bool> ReadMore();

  // The line of an item taken since the last ReadMore. Valid until the next call.
  std::string_view Render(const PlaylistItem& item, std::int64_t timestamp_unix_milliseconds);

  // Goes on with the first record at or after `time`, forwards or backwards; times of later loops
  // count on. Only where can_seek().
  absl::Status SeekTo(sim::VirtualTime time);
  bool can_seek() const { return reader_.can_seek(); }

  // Squeezes idle time from here on: no two records, and not t0 (or a time sought) and the first,
  // are further apart than this in played time, which is virtual time less what was squeezed out.
  // nullopt, as at first: nothing is squeezed.
  void set_gap_max(std::optional<sim::Duration> gap_max) { gap_max_ = gap_max; }

  // Shortens the gap before the last item further, for this item and all later ones.
  void SqueezeMore(sim::Duration more) { squeezed_ += more; }

  // t0, and the end of the last loop as far as it is known: VirtualTime::Max() if it is not. What
  // is without end ends with the dates.
  sim::VirtualTime begin() const { return selection_.from; }
  sim::VirtualTime end() const;
  // The end of the first loop.
  sim::VirtualTime RangeEnd() const;
  // From a loop's start to the next one's; nullopt: there is one loop.
  std::optional<sim::Duration> loop_length() const { return loop_length_; }

  // Records of the range looked at, before filters; those of a loop or a stretch played again count
  // again.
  std::uint64_t records_read() const { return records_read_; }
  // Those of them that passed the filters, whichever shard they are of: the next one's number.
  std::uint64_t records_matched() const { return records_matched_; }
  // The loop that is being played, and the one that a time belongs to.
  std::uint64_t loop() const { return loop_; }
  std::uint64_t LoopAt(sim::VirtualTime time) const;
  // How much later than recorded things are in a loop.
  sim::Duration LoopShift(std::uint64_t loop) const;
  std::uint64_t loops() const { return loops_; }
  bool is_endless() const { return is_endless_; }

  // Whether the end was reached, and so by the end of the file rather than that of the range.
  bool has_ended() const { return has_ended_; }
  bool has_ended_with_file() const { return has_ended_with_file_; }

 private:
  Playlist(traces::Reader& reader, const PlaylistOptions& options);

  absl::Status PrepareLoops(const PlaylistOptions& options);
  absl::Status SkipTo(std::uint64_t position);
  absl::Status BeginLoop(std::uint64_t loop, sim::VirtualTime recorded_time);
  absl::StatusOr<bool> EndLoop(bool is_end_of_file);
  sim::Duration Squeeze(sim::VirtualTime time);
  bool IsInShard(const traces::Record& record, std::uint64_t position);

  traces::Reader& reader_;
  const traces::RecordSelection selection_;
  traces::RecordFilter filter_;
  traces::JsonRenderer renderer_;
  const Shard shard_;
  const ShardHash shard_hash_;
  std::optional<sim::Duration> gap_max_;
  std::uint64_t loops_ = 1;
  bool is_endless_ = false;
  std::uint64_t trace_records_ = 0;  // where there are several loops
  std::optional<sim::Duration> loop_length_;
  std::uint64_t first_index_ = 0;  // in the start position's loop

  std::uint64_t loop_ = 0;
  std::vector<traces::Record> chunk_;
  std::uint64_t chunk_position_ = 0;  // of its first record
  std::size_t next_in_chunk_ = 0;
  bool is_loop_over_ = false;  // a record after the range was seen
  bool is_whole_loop_ = true;  // it is played from its start
  bool has_loop_given_ = false;
  bool has_ended_ = false;
  bool has_ended_with_file_ = false;
  std::uint64_t records_read_ = 0;
  std::uint64_t records_matched_ = 0;
  sim::VirtualTime last_matched_time_;
  sim::Duration squeezed_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PLAYLIST_H_
