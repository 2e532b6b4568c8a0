#include "replay/playlist.h"

#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "traces/byte_order.h"

namespace groundhog::replay {

std::uint64_t LoopTraceKey(std::uint64_t trace_key, std::uint64_t loop) {
  if (loop == 0) return trace_key;
  char number[8];
  traces::StoreLittleEndian64(loop, number);
  return XXH3_64bits_withSeed(number, sizeof number, trace_key);
}

absl::StatusOr<std::unique_ptr<Playlist>> Playlist::Make(traces::Reader& reader,
                                                         const PlaylistOptions& options) {
  std::unique_ptr<Playlist> playlist(new Playlist(reader, options));
  if (absl::Status s = playlist->PrepareLoops(options); !s.ok()) return s;
  if (absl::Status s = playlist->SkipTo(options.start_position); !s.ok()) return s;
  return playlist;
}

Playlist::Playlist(traces::Reader& reader, const PlaylistOptions& options)
    : reader_(reader),
      selection_(options.selection),
      filter_(options.selection, reader.info(), reader.catalogue()),
      renderer_(reader.info(), reader.catalogue()),
      shard_(options.shard),
      shard_hash_(options.shard, reader.catalogue()),
      last_matched_time_(options.selection.from) {}

// The end of one loop.
sim::VirtualTime Playlist::RangeEnd() const {
  if (reader_.summary() != nullptr) {
    return selection_.until.value_or(reader_.summary()->end_time);
  }
  const sim::VirtualTime trace_end(reader_.info().duration);
  return std::min(selection_.until.value_or(trace_end), trace_end);
}

absl::Status Playlist::PrepareLoops(const PlaylistOptions& options) {
  if (options.loops == 1) return absl::OkStatus();
  if (!reader_.can_seek()) {
    return absl::InvalidArgumentError("a pipe can be played once only; --loop needs a file");
  }
  if (reader_.summary() == nullptr) {
    return absl::InvalidArgumentError(
        "--loop needs a complete trace; the end of this one is missing");
  }
  if (RangeEnd() <= selection_.from) {
    return absl::InvalidArgumentError(
        "--loop needs a range that is not empty: --until must be after --from");
  }
  trace_records_ = reader_.summary()->records;
  loop_length_ = RangeEnd() - selection_.from;
  // Dates end with the year 2261, as nanoseconds since 1970 have them.
  const std::int64_t room = std::numeric_limits<std::int64_t>::max() -
                            std::max<std::int64_t>(reader_.info().start_unix_nanoseconds, 0) -
                            RangeEnd().nanoseconds();
  const std::uint64_t loops_max =
      1 + static_cast<std::uint64_t>(std::max<std::int64_t>(room, 0) / loop_length_->nanoseconds());
  if (options.loops && *options.loops > loops_max) {
    return absl::InvalidArgumentError(absl::StrCat("--loop ", *options.loops,
                                                   " would go on beyond the year 2261; at most ",
                                                   loops_max, " loops of this length do not"));
  }
  loops_ = options.loops.value_or(loops_max);
  is_endless_ = !options.loops.has_value();
  return absl::OkStatus();
}

// Moves to the first record at or after `position` of those asked for.
absl::Status Playlist::SkipTo(std::uint64_t position) {
  std::uint64_t loop = 0;
  first_index_ = position;
  if (trace_records_ != 0) {
    loop = position / trace_records_;
    first_index_ = position % trace_records_;
  }
  if (loop == loops_ && first_index_ == 0) {  // all of it has been played
    has_ended_ = true;
    return absl::OkStatus();
  }
  if (loop >= loops_) {
    return absl::InvalidArgumentError(
        absl::StrCat("position ", position, " is beyond the last loop"));
  }
  return BeginLoop(loop, selection_.from);
}

sim::Duration Playlist::LoopShift(std::uint64_t loop) const {
  return loop == 0 ? sim::Duration() : *loop_length_ * static_cast<std::int64_t>(loop);
}

std::uint64_t Playlist::LoopAt(sim::VirtualTime time) const {
  if (!loop_length_ || time <= selection_.from) return 0;
  return std::min(static_cast<std::uint64_t>((time - selection_.from) / *loop_length_), loops_ - 1);
}

sim::VirtualTime Playlist::end() const { return RangeEnd() + LoopShift(loops_ - 1); }

absl::Status Playlist::BeginLoop(std::uint64_t loop, sim::VirtualTime recorded_time) {
  loop_ = loop;
  chunk_.clear();
  next_in_chunk_ = 0;
  is_loop_over_ = has_ended_ = has_ended_with_file_ = has_loop_given_ = false;
  is_whole_loop_ = recorded_time == selection_.from && first_index_ == 0;
  // At the start of a loop a pipe need not seek.
  if (recorded_time <= sim::VirtualTime() && loop == 0 && !reader_.can_seek()) {
    return absl::OkStatus();
  }
  return reader_.SeekTo(recorded_time);
}

absl::Status Playlist::SeekTo(sim::VirtualTime time) {
  const std::uint64_t loop = LoopAt(time);
  first_index_ = 0;
  last_matched_time_ = std::max(time, selection_.from);
  squeezed_ = sim::Duration();
  return BeginLoop(loop, std::max(time - LoopShift(loop), selection_.from));
}

absl::StatusOr<bool> Playlist::ReadMore() {
  if (has_ended_) return false;
  if (is_loop_over_) return EndLoop(/*is_end_of_file=*/false);
  next_in_chunk_ = 0;
  const absl::StatusOr<bool> has_chunk = reader_.NextChunk(&chunk_);
  if (!has_chunk.ok()) return has_chunk.status();
  if (!*has_chunk) return EndLoop(/*is_end_of_file=*/true);
  if (reader_.position() + chunk_.size() <= first_index_) {  // far from the start position
    chunk_.clear();
    if (absl::Status s = reader_.SeekToPosition(first_index_); !s.ok()) return s;
    return true;
  }
  chunk_position_ = reader_.position();
  filter_.set_trace_key(reader_.trace_key());
  renderer_.set_trace_key(LoopTraceKey(reader_.trace_key(), loop_));
  return true;
}

// A loop without a record will have none again, except that other trace ids may be in this shard.
absl::StatusOr<bool> Playlist::EndLoop(bool is_end_of_file) {
  const bool is_futile = is_whole_loop_ && !has_loop_given_;
  if (loop_ + 1 < loops_ && !is_futile) {
    first_index_ = 0;
    if (absl::Status s = BeginLoop(loop_ + 1, selection_.from); !s.ok()) return s;
    return true;
  }
  has_ended_ = true;
  has_ended_with_file_ = is_end_of_file;
  return false;
}

bool Playlist::Take(PlaylistItem* item) {
  while (next_in_chunk_ < chunk_.size()) {
    const std::uint64_t index = chunk_position_ + next_in_chunk_;
    const traces::Record& record = chunk_[next_in_chunk_];
    if (filter_.IsOverAt(record.time)) {
      is_loop_over_ = true;
      chunk_.clear();
      return false;
    }
    ++next_in_chunk_;
    if (record.time < selection_.from || index < first_index_) continue;
    ++records_read_;
    if (!filter_.Matches(record)) continue;
    const std::uint64_t number = records_matched_++;
    const sim::VirtualTime time = record.time + LoopShift(loop_);
    const sim::Duration gap = Squeeze(time);
    if (shard_.key == sinks::MessageKey::kTraceId) has_loop_given_ = true;
    const std::uint64_t position = loop_ * trace_records_ + index;
    if (!IsInShard(record, position)) continue;
    has_loop_given_ = true;
    item->position = position;
    item->loop = loop_;
    item->number = number;
    item->record = &record;
    item->time = time;
    item->squeezed = squeezed_;
    item->gap = gap;
    return true;
  }
  return false;
}

// Returns what is left of the gap before `time`.
sim::Duration Playlist::Squeeze(sim::VirtualTime time) {
  sim::Duration gap = time - last_matched_time_;
  if (gap_max_ && gap > *gap_max_) {
    squeezed_ += gap - *gap_max_;
    gap = *gap_max_;
  }
  last_matched_time_ = time;
  return gap;
}

bool Playlist::IsInShard(const traces::Record& record, std::uint64_t position) {
  if (shard_.count == 1) return true;
  switch (shard_.key) {
    case sinks::MessageKey::kService:
      return shard_hash_.HasService(record.service);
    case sinks::MessageKey::kTraceId:
      return ShardOf(renderer_.DeriveTraceIdHex(record.request), shard_.count) == shard_.number;
    case sinks::MessageKey::kNone:
      break;
  }
  return position % shard_.count + 1 == shard_.number;
}

std::string_view Playlist::Render(const PlaylistItem& item,
                                  std::int64_t timestamp_unix_milliseconds) {
  return renderer_.Render(*item.record, timestamp_unix_milliseconds);
}

}  // namespace groundhog::replay
