// Writes a trace: header, chunks, appendix, footer, trailer, as traces/FORMAT.md has them.
//
// Memory does not grow with the trace's length: one open chunk of at most 2 MiB, an index of at
// most 65,536 entries, a rollup of bounded size and fixed buffers. The same records and options
// give the same bytes, however they are cut into calls of Append.
//
// How long a record waits: it reaches the file when its chunk is closed, which happens with the
// chunk_records-th record, before the record that would make the chunk larger than 2 MiB, before a
// record of another minute if it has 13/16 of chunk_records, and as soon as Append or AdvanceTo
// shows that ten minutes of virtual time have passed since the minute of the chunk's first record.
// Closed chunks are handed to the operating system before the call returns.
#ifndef GROUNDHOG_TRACES_WRITER_H_
#define GROUNDHOG_TRACES_WRITER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/catalogue.h"
#include "traces/compression.h"
#include "traces/format.h"
#include "traces/record.h"
#include "traces/summary.h"

namespace groundhog::traces {

struct WriterOptions {
  Compression compression = Compression::kZstd;
  // zstd's level, from 1 (fast) to 19 (small). Other compressions ignore it.
  int level = kZstdLevelDefault;
  // At most this many records a chunk, 1 to 65,536. Fewer: finer seeking, a larger file.
  std::uint32_t chunk_records = kChunkRecordsDefault;
};

// Not thread-safe.
class Writer {
 public:
  // Opens `path` and writes the header. A new or regular target is written as PATH.partial and
  // renamed by Finish; devices, FIFOs and "-" (standard output) are written directly.
  // InvalidArgument: options, catalogue or info are not valid, or `path` can't be written to.
  static absl::StatusOr<std::unique_ptr<Writer>> Open(const std::string& path,
                                                      const TraceInfo& info,
                                                      const Catalogue& catalogue,
                                                      const WriterOptions& options = {});

  // Without Finish before: does what Abandon does.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Appends records. Their order by (time, host) must continue that of the records before: a wrong
  // order, a record that does not fit the catalogue (CheckRecord), a time that is no multiple of
  // the resolution, or another value of a request's field than in a record of the chunk before, is
  // a bug and stops the program. For records from a file see AppendForeign.
  // ResourceExhausted: no space left, file size limit. Cancelled: the pipe's reader has gone.
  // Unavailable: any other error of the device. After an error all further calls return it too.
  // The .partial file then stays, if it has a chunk, and the message says so.
  absl::Status Append(std::span<const Record> records);

  // The same for records from a file, which may be hostile, with the key of their trace ids.
  // InvalidArgument, and nothing more is written: what would be a bug in Append. A record with
  // another key, or with another value of its request's field, begins a new chunk.
  absl::Status AppendForeign(std::span<const Record> records, std::uint64_t trace_key);

  // States that no record before `time` will come: closes a chunk that is old enough, and extends
  // the time that the trace covers. Call it with the run's end before Finish. The bytes do not
  // depend on how often it is called.
  absl::Status AdvanceTo(sim::VirtualTime time);

  // Closes the last chunk, writes footer and trailer, makes the file durable and gives it its name.
  // Once.
  absl::Status Finish();

  // Removes the .partial file. Nothing can be written afterwards.
  void Abandon();

  // Summarises the records appended so far; complete, with its digest, after Finish.
  const Summary& summary() const;

  // Bytes handed to the operating system so far.
  std::uint64_t bytes_written() const;

 private:
  class Impl;
  explicit Writer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_WRITER_H_
