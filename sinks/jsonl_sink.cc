#include "sinks/jsonl_sink.h"

#include <limits.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

// The size of a Linux pipe: lines in a larger buffer could be late for the reader.
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

}  // namespace

JsonlSink::JsonlSink(JsonlSinkOptions options)
    : options_(std::move(options)), patience_(options_.timeout, options_.stop_requested) {}

// Without Close the replay did not end well: PATH.partial stays, and PATH is not changed.
JsonlSink::~JsonlSink() {
  if (output_ != nullptr) (void)output_->Keep();
}

absl::Status JsonlSink::Open() {
  absl::StatusOr<std::unique_ptr<traces::FileOutput>> output =
      traces::FileOutput::Open(options_.path);
  if (!output.ok()) return output.status();
  output_ = *std::move(output);
  return absl::OkStatus();
}

absl::Status JsonlSink::Write(const Delivery& delivery) {
  if (!failure_.ok()) return failure_;
  if (buffer_.size() >= kBufferBytes) {
    if (absl::Status s = WriteOut(Stop::kAtOnce); !s.ok()) return s;
  }
  buffer_.append(delivery.line);
  buffer_.push_back('\n');
  next_position_ = delivery.position + 1;
  ++counts_.messages_sent;
  counts_.bytes += delivery.line.size();
  return absl::OkStatus();
}

absl::Status JsonlSink::Poll() { return WriteOut(Stop::kAtOnce); }

absl::Status JsonlSink::Flush() { return WriteOut(Stop::kAfterGrace); }

absl::Status JsonlSink::WriteOut(Stop stop) {
  if (!failure_.ok()) return failure_;
  if (output_ == nullptr) return absl::FailedPreconditionError("the sink is not open");
  patience_.Restart();
  while (written_bytes_ < buffer_.size()) {
    std::string_view some = std::string_view(buffer_).substr(written_bytes_);
    if (output_->is_direct()) {
      if (absl::Status s = WaitForRoom(stop); !s.ok()) return s;
      some = some.substr(0, PIPE_BUF);
    }
    const std::uint64_t before = output_->bytes_written();
    const absl::Status status = output_->Write(some);
    written_bytes_ += static_cast<std::size_t>(output_->bytes_written() - before);
    if (!status.ok()) return Fail(status);
    patience_.Restart();
  }
  buffer_.clear();
  written_bytes_ = counted_bytes_ = 0;
  counts_.messages_acknowledged = counts_.messages_sent;
  acknowledged_position_ = next_position_;
  return absl::OkStatus();
}

// poll(2) reports files as always ready; only pipes, sockets and terminals wait.
absl::Status JsonlSink::WaitForRoom(Stop stop) {
  while (true) {
    struct pollfd wanted = {.fd = output_->descriptor(), .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(Patience::kSlice.count()));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) {
      return Fail(absl::UnavailableError(
          absl::StrCat("cannot wait for ", Describe(), ": ", std::strerror(errno))));
    }
    if (patience_.IsStopRequested() && (stop == Stop::kAtOnce || patience_.IsGraceOver())) {
      CountWritten();
      return absl::CancelledError(
          absl::StrCat("stopped while waiting for the reader of ", Describe()));
    }
    if (patience_.IsExhausted()) {
      return Fail(absl::UnavailableError(
          absl::StrCat("the reader of ", Describe(), " has read nothing for ",
                       text::FormatDuration(options_.timeout),
                       ": is it still alive? --timeout sets how long it may pause")));
    }
  }
}

// Where only a part of the buffer was written.
void JsonlSink::CountWritten() {
  const auto begin = buffer_.begin();
  counts_.messages_acknowledged += static_cast<std::uint64_t>(
      std::count(begin + static_cast<std::ptrdiff_t>(counted_bytes_),
                 begin + static_cast<std::ptrdiff_t>(written_bytes_), '\n'));
  counted_bytes_ = written_bytes_;
}

absl::Status JsonlSink::Fail(absl::Status status) {
  CountWritten();
  failure_ = std::move(status);
  counts_.messages_failed = counts_.messages_sent - counts_.messages_acknowledged;
  return failure_;
}

absl::Status JsonlSink::Close() {
  if (output_ == nullptr) return absl::OkStatus();
  const std::unique_ptr<traces::FileOutput> output = std::move(output_);
  counts_.messages_failed = counts_.messages_sent - counts_.messages_acknowledged;
  if (failure_.ok() && counts_.messages_failed == 0) {
    failure_ = output->Commit();
    if (failure_.ok()) return absl::OkStatus();
  }
  const std::string kept = output->Keep();
  if (!kept.empty() && options_.notice) {
    options_.notice(absl::StrCat("what was written is kept as ", kept));
  }
  return failure_;
}

}  // namespace groundhog::sinks
