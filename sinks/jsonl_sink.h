// jsonl:PATH and jsonl:- : each record as one JSON line, the bytes of `groundhog cat`.
//
// Lines are gathered in a buffer of 64 KiB and written when it is full, and by Poll and Flush; so a
// paced replay, which polls before it sleeps, shows each line at once, and one at full speed makes
// few system calls. A line is acknowledged when write(2) has taken its last byte.
//
// A new or regular PATH grows as PATH.partial and gets its name in Close, when all lines that were
// taken are written and durable; also after an interrupted replay, whose last line is complete.
// After an error PATH.partial stays, with the lines that were written, and a notice reports it.
// Devices, FIFOs and "-" are written directly.
//
// While a pipe's reader does not read, Write, Poll and Flush wait, at most `timeout` without a byte
// taken. The pipe is not made non-blocking, because that would change it for all processes that
// share it: at most PIPE_BUF bytes are written when poll(2) reports room.
#ifndef GROUNDHOG_SINKS_JSONL_SINK_H_
#define GROUNDHOG_SINKS_JSONL_SINK_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sinks/patience.h"
#include "sinks/sink.h"
#include "traces/file_output.h"

namespace groundhog::sinks {

struct JsonlSinkOptions {
  std::string path;  // "-": standard output
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  std::function<void(std::string_view)> notice;
  std::function<bool()> stop_requested;
};

// SIGPIPE and SIGXFSZ must be ignored for closed pipes and size limits to come back as errors.
//
// Errors: InvalidArgument from Open: PATH cannot be written. ResourceExhausted: the disk is full.
// Cancelled: the reader of the pipe is gone, or a stop was requested. Unavailable: the reader did
// not read in time, or any other error.
class JsonlSink : public Sink {
 public:
  explicit JsonlSink(JsonlSinkOptions options);
  ~JsonlSink() override;

  absl::Status Open() override;
  absl::Status Write(const Delivery& delivery) override;
  absl::Status Poll() override;
  absl::Status Flush() override;
  absl::Status Close() override;
  std::uint64_t AcknowledgedPosition() override { return acknowledged_position_; }
  Counts counts() const override { return counts_; }
  const Histogram& acknowledgement_delays() const override { return delays_; }
  std::string Describe() const override { return "jsonl:" + options_.path; }

 private:
  // The effect of a stop request on a wait: it ends it, or shortens it to
  // Patience::kGraceAfterStop.
  enum class Stop { kAtOnce, kAfterGrace };

  absl::Status WriteOut(Stop stop);
  absl::Status WaitForRoom(Stop stop);
  void CountWritten();
  absl::Status Fail(absl::Status status);

  JsonlSinkOptions options_;
  Patience patience_;
  std::unique_ptr<traces::FileOutput> output_;  // null: not open, or closed
  std::string buffer_;                          // whole lines
  std::size_t written_bytes_ = 0;               // of the buffer, from its start
  std::size_t counted_bytes_ = 0;               // of those, by CountWritten
  std::uint64_t next_position_ = 0;             // after the last record in the buffer
  std::uint64_t acknowledged_position_ = 0;
  absl::Status failure_;  // the first error; the sink takes no more
  Counts counts_;
  Histogram delays_;  // stays empty: lines are acknowledged as they are written
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_JSONL_SINK_H_
