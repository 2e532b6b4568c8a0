// Reads a trace, from a file or, forwards only, from a pipe. Takes the file to be hostile: nothing
// in it makes the reader crash, hang or allocate without bound (at most 64 MiB for header or
// footer, a few MiB for a chunk), and every record it gives satisfies CheckRecord.
//
// A trace without footer and trailer (a crash, a cut file) is incomplete: it can be read to its
// last whole chunk, and complete() says so. Of a file whose header is damaged the header is read
// from its end, which repeats it; header_damage() says so.
#ifndef GROUNDHOG_TRACES_READER_H_
#define GROUNDHOG_TRACES_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/catalogue.h"
#include "traces/compression.h"
#include "traces/record.h"
#include "traces/rollup.h"
#include "traces/summary.h"

namespace groundhog::traces {

class ColumnCosts;  // column_costs.h

struct ReaderOptions {
  // Called about ten times a second while the reader waits for a pipe; true ends the wait, and the
  // reader's call returns Cancelled. Empty: waits without limit.
  std::function<bool()> stop_requested;
  // Collects what each column costs in the chunks that are read; must outlive the reader. Null:
  // not.
  ColumnCosts* column_costs = nullptr;
  // After damage, go on at the next sound entry, found by its bytes, so that every undamaged chunk
  // is given, with or without an index. Where neither end of the file has a header, the first sound
  // entry that has one is sought in the same way, which reads the file once more. Without effect on
  // pipes.
  bool is_thorough = false;
};

// Not thread-safe.
//
// Errors: InvalidArgument: not a trace (empty, foreign, or without a sound header). Unimplemented:
// a format newer than this program. NotFound, PermissionDenied, Unavailable: the file can't be
// opened or read. DataLoss: a trace, but damaged; the message has the byte offset. Cancelled: see
// ReaderOptions.
class Reader {
 public:
  // `path` may be "-", standard input. Reads header and, where it can seek, trailer and footer.
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path,
                                                      ReaderOptions options = {});

  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const TraceInfo& info() const;
  const Catalogue& catalogue() const;
  std::uint32_t format_version() const;

  // A DataLoss for a person when the header is damaged, and info() and catalogue() are those that
  // the end repeats; OK otherwise. The first NextChunk returns it too.
  absl::Status header_damage() const;

  // Replaces `records` by those of the next chunk. False at the end, with `records` empty; then
  // complete() is final. A damaged chunk gives DataLoss once; the next call continues after it if
  // its length is sound or the index has the next chunk (see also ReaderOptions::is_thorough), and
  // otherwise ends. The same for a gap.
  absl::StatusOr<bool> NextChunk(std::vector<Record>* records);

  // The position in the trace of the last chunk's first record, and the key of that chunk's trace
  // ids.
  std::uint64_t position() const;
  std::uint64_t trace_key() const;

  // Makes the next chunk begin with the first record at or after `time`, or with the record at
  // `position`; beyond the last one, reading ends at once. By the index where there is one, else by
  // passing over chunks. Backwards only where can_seek().
  absl::Status SeekTo(sim::VirtualTime time);
  absl::Status SeekToPosition(std::uint64_t position);
  bool can_seek() const;

  // Whether footer and trailer are there and sound. Known at once where can_seek(), at the end
  // otherwise (false before).
  bool complete() const;

  // The footer, once it is known; nullptr before, and for an incomplete trace.
  const Summary* summary() const;

  // The trace's rollup, read and decoded by this call, with all that is in its entry. nullopt:
  // there is none, as of an incomplete trace and of one that an older program wrote. DataLoss: it
  // is not sound, which nothing else shows.
  absl::StatusOr<std::optional<Rollup>> ReadRollup() const;

  // At the end, the same also for a trace that is incomplete though its footer is sound: chunks are
  // missing, or something is wrong with the trailer or after it.
  const Summary* footer() const;

  // Of a thorough reader: whether it searched the damaged file for only as long as a search may
  // take, so that undamaged chunks may be missing among what it gave. Final at the end.
  bool has_given_up() const;

  // The compression of the chunk given last.
  Compression compression() const;

  // Offset in the file of the chunk given last, and of the first byte not yet read in order.
  std::uint64_t chunk_offset() const;
  std::uint64_t next_offset() const;
  // When complete().
  std::uint64_t footer_offset() const;

  // The file's length; nullopt for a pipe.
  std::optional<std::uint64_t> size_bytes() const;

  // A DataLoss about why an incomplete trace ended where reading did, for a person; OK
  // when complete() or not yet known.
  absl::Status incompleteness() const;

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_READER_H_
