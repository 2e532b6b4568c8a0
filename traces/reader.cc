#include "traces/reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/chunk_codec.h"
#include "traces/entry.h"
#include "traces/entry_cursor.h"
#include "traces/file_ends.h"
#include "traces/file_input.h"
#include "traces/footer_reader.h"
#include "traces/header_codec.h"
#include "traces/recovery.h"
#include "traces/rollup_codec.h"

namespace groundhog::traces {
class Reader::Impl {
 public:
  Impl(std::unique_ptr<FileInput> input, const ReaderOptions& options)
      : input_(std::move(input)), column_costs_(options.column_costs) {
    if (options.is_thorough && input_->can_seek()) recovery_.emplace(*input_);
  }

  absl::Status ReadStart();

  absl::StatusOr<bool> NextChunk(std::vector<Record>* records);
  absl::Status SeekTo(sim::VirtualTime time);
  absl::Status SeekToPosition(std::uint64_t position);
  absl::StatusOr<std::optional<Rollup>> ReadRollup() const;

  const HeaderContents& header() const { return header_.contents; }
  const absl::Status& header_damage() const { return header_damage_; }
  const ChunkHead& head() const { return head_; }
  std::uint64_t position() const { return position_; }
  bool complete() const { return complete_; }
  const Summary* summary() const { return complete_ ? &summary_ : nullptr; }
  const Summary* footer() const { return has_footer_ ? &summary_ : nullptr; }
  std::uint64_t chunk_offset() const { return chunk_offset_; }
  std::uint64_t next_offset() const { return cursor_.offset(); }
  std::uint64_t footer_offset() const { return footer_offset_; }
  const FileInput& input() const { return *input_; }
  const absl::Status& incompleteness() const { return incompleteness_; }
  bool has_given_up() const { return recovery_ && recovery_->has_given_up(); }

 private:
  // What to do after looking at an entry.
  enum class Next { kGiveChunk, kGoOn, kEnd };

  absl::Status At(std::uint64_t offset, const absl::Status& status) const;
  absl::Status NotATrace(const std::string& why) const;
  void LookForEnd();
  absl::Status ReadHeaderFromEnd(const absl::Status& damage);
  bool SearchHeader(const absl::Status& failure);
  absl::Status NoHeader(const absl::Status& failure) const;
  void TakeEnd(FileEnd end);
  absl::StatusOr<Next> ReadNext(std::vector<Record>* records);
  absl::StatusOr<Next> TakeChunk(schema::Chunk::Reader chunk, std::vector<Record>* records);
  absl::Status TakeAppendix(schema::Entry::Reader entry);
  absl::Status TakeFooter();
  absl::Status TakeFooterUnlessEarly();
  bool HasAppendix() const { return header().format_version >= kAppendixFormatVersion; }
  void EndIncomplete(const std::string& why);
  absl::Status PassGap(const absl::Status& gap);
  void RecoverAfter(std::uint64_t offset, std::uint64_t entry_bytes);
  void TrimToTarget(std::vector<Record>* records);
  void MoveBefore(ChunkIndex::const_iterator after);

  std::unique_ptr<FileInput> input_;
  ColumnCosts* column_costs_;
  std::optional<Recovery> recovery_;  // when the reader is thorough
  EntryBuffer buffer_;
  FileHeader header_;
  absl::Status header_damage_;
  bool is_header_damage_told_ = false;
  std::unique_ptr<ChunkReader> chunks_;

  std::uint64_t first_chunk_offset_ = 0;
  EntryCursor cursor_;

  // Records before these are dropped: the targets of SeekTo and SeekToPosition.
  sim::VirtualTime wanted_time_;
  std::uint64_t wanted_position_ = 0;

  // Of the chunk given last.
  ChunkHead head_;
  std::uint64_t position_ = 0;
  std::uint64_t chunk_offset_ = 0;

  Summary summary_;  // when has_footer_
  bool has_footer_ = false;
  std::uint64_t footer_offset_ = 0;    // when complete_
  std::uint64_t appendix_offset_ = 0;  // when complete_
  // For the rollup, which is decoded when asked for, where it cannot be read then: the appendix of
  // a pipe, the footer of an older version.
  EntryBuffer kept_;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> appendix_;  // begin, end; if it was passed
  bool complete_ = false;
  absl::Status incompleteness_;
};

// Adds file and byte offset.
absl::Status Reader::Impl::At(std::uint64_t offset, const absl::Status& status) const {
  if (status.ok() || status.code() != absl::StatusCode::kDataLoss) return status;
  return absl::DataLossError(absl::StrCat(input_->name(), ": damaged in the entry at byte ", offset,
                                          ": ", status.message()));
}

absl::Status Reader::Impl::NotATrace(const std::string& why) const {
  if (input_->can_seek() && IsGitLfsPointer(*input_)) {
    return absl::InvalidArgumentError(absl::StrCat(
        input_->name(), ": a pointer of Git LFS, not the trace itself; 'git lfs pull' gets it"));
  }
  return absl::InvalidArgumentError(absl::StrCat(input_->name(), ": not a Groundhog trace: ", why));
}

absl::Status Reader::Impl::ReadStart() {
  absl::StatusOr<FileBeginning> beginning = ReadFileBeginning(*input_, &buffer_);
  if (beginning.ok()) {
    header_ = std::move(beginning->header);
    first_chunk_offset_ = beginning->bytes;
    if (input_->can_seek()) LookForEnd();
  } else if (absl::Status s = ReadHeaderFromEnd(beginning.status()); !s.ok()) {
    if (!absl::IsInvalidArgument(s) || !SearchHeader(beginning.status())) return s;
  }
  cursor_.MoveTo({.offset = first_chunk_offset_});
  chunks_ =
      std::make_unique<ChunkReader>(header().catalogue, header().info.resolution, column_costs_);
  return absl::OkStatus();
}

// A missing footer is no error here: reading in order will find the damage and report it. When the
// footer repeats another header, the header at the file's beginning is used.
void Reader::Impl::LookForEnd() {
  absl::StatusOr<FileEnd> end = ReadFileEnd(*input_, header_, &buffer_);
  if (end.ok() && end->appendix_offset >= first_chunk_offset_) TakeEnd(*std::move(end));
}

// The footer's entry is in `buffer_`.
void Reader::Impl::TakeEnd(FileEnd end) {
  if (!HasAppendix()) std::swap(kept_, buffer_);
  summary_ = std::move(end.summary);
  has_footer_ = true;
  footer_offset_ = end.footer_offset;
  appendix_offset_ = end.appendix_offset;
  complete_ = true;
  if (recovery_) recovery_->KnowFooter(footer_offset_);
}

// Called when the header could not be read. Uses the copy at the end only when the first entry is
// not sound in itself, never in place of an undamaged header.
absl::Status Reader::Impl::ReadHeaderFromEnd(const absl::Status& failure) {
  const std::string why(failure.message());
  const bool is_cut_short = absl::IsOutOfRange(failure);
  if (!absl::IsDataLoss(failure) && !is_cut_short) return NoHeader(failure);
  if (!input_->can_seek()) {
    if (!HasMarker(buffer_.bytes())) return NotATrace(why);
    return absl::InvalidArgumentError(
        absl::StrCat(input_->name(), ": its header, the entry at byte 0, is damaged: ", why,
                     "; a pipe's header cannot be read from the footer, as a file's can"));
  }
  absl::StatusOr<FileHeader> repeated = ReadRepeatedHeader(*input_, &buffer_);
  absl::StatusOr<FileEnd> end =
      repeated.ok() ? ReadFileEnd(*input_, *repeated, &buffer_) : repeated.status();
  if (absl::IsDataLoss(end.status())) {
    if (is_cut_short || !HasMarkerAtAnEnd(*input_)) return NotATrace(why);
    return absl::InvalidArgumentError(
        absl::StrCat(input_->name(), ": its header, the entry at byte 0, is damaged: ", why,
                     "; it cannot be read from the footer either: ", end.status().message()));
  }
  if (!end.ok()) return NoHeader(end.status());
  header_ = *std::move(repeated);
  // The damaged frame of the header's entry no longer gives its length.
  const ChunkIndex& index = end->summary.index;
  first_chunk_offset_ = end->appendix_offset;
  if (!index.empty()) first_chunk_offset_ = std::min(first_chunk_offset_, index.front().offset);
  TakeEnd(*std::move(end));
  header_damage_ = absl::DataLossError(
      absl::StrCat(input_->name(), ": damaged in the header, the entry at byte 0: ", why,
                   "; the footer, which repeats it, is used instead"));
  return absl::OkStatus();
}

// Called when neither end of the file has a header. False: there is none anywhere, or it is not
// searched for.
bool Reader::Impl::SearchHeader(const absl::Status& failure) {
  std::optional<FoundHeader> found;
  if (recovery_) found = recovery_->FindHeader();
  if (!found) return false;
  header_ = std::move(found->header);
  first_chunk_offset_ = found->first_chunk_offset;
  header_damage_ = absl::DataLossError(absl::StrCat(
      input_->name(), ": damaged in the header, the entry at byte 0: ", failure.message(),
      "; the one in the entry at byte ", found->offset, " is used instead"));
  return true;
}

// Why a file has no usable header, for reasons other than damage.
absl::Status Reader::Impl::NoHeader(const absl::Status& failure) const {
  if (absl::IsInvalidArgument(failure)) return NotATrace(std::string(failure.message()));
  if (!absl::IsUnimplemented(failure)) return failure;
  return absl::UnimplementedError(absl::StrCat(input_->name(), ": ", failure.message()));
}

absl::StatusOr<bool> Reader::Impl::NextChunk(std::vector<Record>* records) {
  if (!header_damage_.ok() && !std::exchange(is_header_damage_told_, true)) {
    records->clear();
    return header_damage_;
  }
  while (!cursor_.has_ended()) {
    const std::uint64_t offset = cursor_.offset();
    const absl::StatusOr<Next> next = ReadNext(records);
    if (!next.ok()) {
      records->clear();
      return At(offset, next.status());
    }
    if (*next == Next::kEnd) break;
    if (*next == Next::kGoOn) continue;
    TrimToTarget(records);
    if (!records->empty()) return true;
  }
  cursor_.End(cursor_.offset());
  records->clear();
  return false;
}

// Reads the entry at the cursor and moves past it, or, when it is damaged, to where reading can go
// on.
absl::StatusOr<Reader::Impl::Next> Reader::Impl::ReadNext(std::vector<Record>* records) {
  const std::uint64_t offset = cursor_.offset();
  const bool is_gap_reported = cursor_.state() == EntryCursor::State::kAtGap;  // and it is read
  const absl::StatusOr<EntryRead> read =
      is_gap_reported ? EntryRead::kWhole : ReadEntry(*input_, offset, &buffer_);
  if (!read.ok()) {
    if (read.status().code() == absl::StatusCode::kDataLoss) {
      RecoverAfter(offset, 0);
    } else if (read.status().code() != absl::StatusCode::kCancelled) {
      cursor_.End(offset);
    }
    return read.status();
  }
  if (*read != EntryRead::kWhole) {
    // If more comes, what is cut short is an entry's stated length.
    if (complete_ ||
        (*read == EntryRead::kCutShort && recovery_ && recovery_->PassDamage(&cursor_))) {
      if (complete_) RecoverAfter(offset, 0);
      return absl::DataLossError("no entry begins here");
    }
    EndIncomplete(*read == EntryRead::kEndOfInput
                      ? absl::StrCat("it ends at byte ", offset, " without a footer")
                      : absl::StrCat("it is cut short in the entry at byte ", offset));
    return Next::kEnd;
  }
  Next next = Next::kGoOn;
  absl::Status s = WithEntry(buffer_, [&](schema::Entry::Reader entry) -> absl::Status {
    if (entry.isChunk()) {
      chunk_offset_ = offset;
      const absl::StatusOr<Next> taken = TakeChunk(entry.getChunk(), records);
      if (taken.ok()) next = *taken;
      return taken.status();
    }
    if (entry.isAppendix()) return TakeAppendix(entry);
    if (!entry.isFooter()) return absl::DataLossError("a chunk or the footer should be here");
    if (complete_ && offset != footer_offset_) {
      return absl::DataLossError(absl::StrCat("a footer before the one at byte ", footer_offset_));
    }
    next = Next::kEnd;
    return absl::OkStatus();
  });
  if (s.ok() && appendix_ && appendix_->first == offset) std::swap(kept_, buffer_);
  if (s.ok() && next == Next::kEnd) {
    s = TakeFooterUnlessEarly();
    if (s.ok() && !cursor_.has_ended()) next = Next::kGoOn;
  } else if (!s.ok()) {
    const bool is_gap_new = cursor_.state() == EntryCursor::State::kAtGap && !is_gap_reported;
    if (is_gap_new) {
      s = PassGap(s);
    } else {
      RecoverAfter(offset, buffer_.bytes().size());
    }
  }
  if (!s.ok()) return s;
  return next;
}

absl::StatusOr<Reader::Impl::Next> Reader::Impl::TakeChunk(schema::Chunk::Reader chunk,
                                                           std::vector<Record>* records) {
  if (absl::Status s = ChunkReader::ReadHead(chunk, &head_); !s.ok()) return s;
  if (absl::Status s = cursor_.CheckHead(head_); !s.ok()) return s;
  const std::uint64_t entry_bytes = buffer_.bytes().size();
  if (head_.extent.last_time < wanted_time_ ||
      head_.place.first_position + head_.extent.count <= wanted_position_) {
    records->clear();
    cursor_.PassChunk(head_, entry_bytes, nullptr);
  } else {
    if (absl::Status s = chunks_->Decode(chunk, head_, records); !s.ok()) return s;
    if (absl::Status s = cursor_.CheckFirst(records->front()); !s.ok()) return s;
    cursor_.PassChunk(head_, entry_bytes, &records->back());
  }
  position_ = head_.place.first_position;
  if (recovery_) recovery_->PassChunk(chunk_offset_, &cursor_);
  return records->empty() ? Next::kGoOn : Next::kGiveChunk;
}

// At a footer. To a thorough reader it is no end when chunks come after it that should be before
// it.
absl::Status Reader::Impl::TakeFooterUnlessEarly() {
  const std::uint64_t offset = cursor_.offset();
  absl::Status s = TakeFooter();
  if (complete_) return s;
  if (recovery_ && recovery_->PassToChunk(&cursor_)) {
    incompleteness_ = absl::OkStatus();
    return s.ok() ? absl::DataLossError("a footer before the last chunk") : s;
  }
  if (!s.ok()) EndIncomplete(absl::StrCat("its end, from byte ", offset, " on, is damaged"));
  return s;
}

absl::Status Reader::Impl::TakeAppendix(schema::Entry::Reader entry) {
  if (!HasAppendix() || appendix_) {
    return absl::DataLossError("a chunk or the footer should be here");
  }
  if (absl::Status s = CheckAppendix(entry, header()); !s.ok()) return s;
  appendix_ = {cursor_.offset(), cursor_.offset() + buffer_.bytes().size()};
  cursor_.GoTo(appendix_->second);
  return absl::OkStatus();
}

// At the footer. Sets complete_, or ends as incomplete.
absl::Status Reader::Impl::TakeFooter() {
  const std::uint64_t offset = cursor_.offset();
  std::optional<std::uint64_t> records;
  if (cursor_.state() == EntryCursor::State::kInOrder) records = cursor_.position();
  FooterReader footer(*input_, buffer_, offset);
  absl::Status s = footer.Read(header_, records, appendix_);
  cursor_.End(footer.next_offset());
  if (footer.has_summary()) {
    has_footer_ = true;
    summary_ = footer.end().summary;
    if (recovery_) recovery_->PassFooter();
  }
  if (s.ok() && HasAppendix() && records &&
      appendix_ != std::pair(footer.end().appendix_offset, offset)) {
    s = absl::DataLossError("the footer does not point to the appendix before it");
  }
  if (!s.ok()) {
    complete_ = false;
    return s;
  }
  if (footer.is_cut_short()) {
    EndIncomplete(
        absl::StrCat("its trailer, at byte ", footer.next_offset(), ", is missing or cut short"));
  } else {
    TakeEnd(std::move(footer.end()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Rollup>> Reader::Impl::ReadRollup() const {
  if (!complete_) return std::nullopt;
  EntryBuffer read;
  const bool is_kept = !HasAppendix() || !input_->can_seek();
  absl::Status s;
  if (!is_kept) s = ReadAppendix(*input_, appendix_offset_, header(), &read);
  if (s.ok() && !is_kept && appendix_offset_ + read.bytes().size() != footer_offset_) {
    s = absl::DataLossError("the appendix does not end where the footer begins");
  }
  if (!s.ok()) return At(appendix_offset_, s);
  absl::StatusOr<std::optional<Rollup>> rollup = ReadRollupIn(is_kept ? kept_ : read, summary_);
  return rollup.ok() ? rollup : At(appendix_offset_, rollup.status());
}

void Reader::Impl::EndIncomplete(const std::string& why) {
  cursor_.End(cursor_.offset());
  complete_ = false;
  incompleteness_ = absl::DataLossError(absl::StrCat(input_->name(), ": incomplete: ", why));
}

// A thorough reader takes the records that do come next, wherever they are.
absl::Status Reader::Impl::PassGap(const absl::Status& gap) {
  const std::uint64_t offset = cursor_.offset();
  if (!recovery_ || !recovery_->PassGap(&cursor_) || cursor_.offset() == offset) return gap;
  return absl::DataLossError(
      absl::StrCat("its records come after those of the chunk at byte ", cursor_.offset()));
}

// Continues after damage at `offset`: at the next sound entry, if that is searched for; at the next
// chunk of the index; otherwise after the entry, if its length is known and no damage came right
// before; otherwise at the end.
void Reader::Impl::RecoverAfter(std::uint64_t offset, std::uint64_t entry_bytes) {
  if (recovery_ && recovery_->PassDamage(&cursor_)) return;
  if (complete_ && offset < footer_offset_) {
    std::uint64_t next = footer_offset_;
    const auto later = std::upper_bound(
        summary_.index.begin(), summary_.index.end(), offset,
        [](std::uint64_t value, const IndexEntry& entry) { return value < entry.offset; });
    if (later != summary_.index.end()) next = std::min(next, later->offset);
    cursor_.PassDamage(next);
    return;
  }
  if (entry_bytes == 0 || cursor_.state() == EntryCursor::State::kAfterDamage) {
    cursor_.End(offset + entry_bytes);
    EndIncomplete(absl::StrCat("nothing after the damage at byte ", offset, " can be found"));
    return;
  }
  cursor_.PassDamage(offset + entry_bytes);
}

// Drops the records before the target of SeekTo or SeekToPosition.
void Reader::Impl::TrimToTarget(std::vector<Record>* records) {
  std::size_t drop = 0;
  if (wanted_position_ > position_) drop = static_cast<std::size_t>(wanted_position_ - position_);
  while (drop < records->size() && (*records)[drop].time < wanted_time_) ++drop;
  drop = std::min(drop, records->size());
  records->erase(records->begin(), records->begin() + static_cast<std::ptrdiff_t>(drop));
  position_ += drop;
}

// To the chunk before `after`, an entry of the index; to the first chunk where there is none.
void Reader::Impl::MoveBefore(ChunkIndex::const_iterator after) {
  appendix_.reset();
  if (recovery_) recovery_->Restart();
  const bool is_known = complete_ && after != summary_.index.begin();
  cursor_.MoveTo(is_known ? *(after - 1) : IndexEntry{.offset = first_chunk_offset_});
}

absl::Status Reader::Impl::SeekTo(sim::VirtualTime time) {
  if (!input_->can_seek() && cursor_.position() > 0 && time <= cursor_.last_time()) {
    return absl::FailedPreconditionError("a pipe cannot be read backwards");
  }
  wanted_time_ = time;
  wanted_position_ = 0;
  if (!input_->can_seek()) return absl::OkStatus();
  // The last entry that begins before `time`: the one after it may begin with a record of the same
  // time as this one's last.
  const ChunkIndex& index = summary_.index;
  const auto after = std::lower_bound(
      index.begin(), index.end(), time,
      [](const IndexEntry& entry, sim::VirtualTime wanted) { return entry.first_time < wanted; });
  const bool is_before_over = after != index.begin() && (after - 1)->last_time < time;
  MoveBefore(is_before_over && after != index.end() ? after + 1 : after);
  return absl::OkStatus();
}

absl::Status Reader::Impl::SeekToPosition(std::uint64_t position) {
  if (!input_->can_seek() && position < cursor_.position()) {
    return absl::FailedPreconditionError("a pipe cannot be read backwards");
  }
  wanted_time_ = sim::VirtualTime();
  wanted_position_ = position;
  if (!input_->can_seek()) return absl::OkStatus();
  const ChunkIndex& index = summary_.index;
  const auto after = std::upper_bound(
      index.begin(), index.end(), position,
      [](std::uint64_t wanted, const IndexEntry& entry) { return wanted < entry.first_position; });
  MoveBefore(after);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Reader>> Reader::Open(const std::string& path,
                                                     ReaderOptions options) {
  absl::StatusOr<std::unique_ptr<FileInput>> input =
      FileInput::Open(path, std::move(options.stop_requested));
  if (!input.ok()) return input.status();
  auto impl = std::make_unique<Impl>(*std::move(input), options);
  if (absl::Status s = impl->ReadStart(); !s.ok()) return s;
  return std::unique_ptr<Reader>(new Reader(std::move(impl)));
}

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;

const TraceInfo& Reader::info() const { return impl_->header().info; }
const Catalogue& Reader::catalogue() const { return impl_->header().catalogue; }
std::uint32_t Reader::format_version() const { return impl_->header().format_version; }
absl::Status Reader::header_damage() const { return impl_->header_damage(); }
absl::StatusOr<bool> Reader::NextChunk(std::vector<Record>* records) {
  return impl_->NextChunk(records);
}
std::uint64_t Reader::position() const { return impl_->position(); }
std::uint64_t Reader::trace_key() const { return impl_->head().place.trace_key; }
absl::Status Reader::SeekTo(sim::VirtualTime time) { return impl_->SeekTo(time); }
absl::Status Reader::SeekToPosition(std::uint64_t position) {
  return impl_->SeekToPosition(position);
}
bool Reader::can_seek() const { return impl_->input().can_seek(); }
bool Reader::complete() const { return impl_->complete(); }
const Summary* Reader::summary() const { return impl_->summary(); }
absl::StatusOr<std::optional<Rollup>> Reader::ReadRollup() const { return impl_->ReadRollup(); }
const Summary* Reader::footer() const { return impl_->footer(); }
bool Reader::has_given_up() const { return impl_->has_given_up(); }
Compression Reader::compression() const { return impl_->head().compression; }
std::uint64_t Reader::chunk_offset() const { return impl_->chunk_offset(); }
std::uint64_t Reader::next_offset() const { return impl_->next_offset(); }
std::uint64_t Reader::footer_offset() const { return impl_->footer_offset(); }
std::optional<std::uint64_t> Reader::size_bytes() const { return impl_->input().size_bytes(); }
absl::Status Reader::incompleteness() const { return impl_->incompleteness(); }

}  // namespace groundhog::traces
