#include "sinks/resume_file_sink.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/file_output.h"

namespace groundhog::sinks {
namespace {

constexpr std::string_view kPosition = "position ";
constexpr std::uint64_t kCheckEvery = 64;  // records between two looks at the clock

}  // namespace

absl::StatusOr<std::optional<SavedPosition>> ReadResumeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT) return std::nullopt;
    return absl::UnavailableError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  constexpr std::size_t kBytesMax = 1 << 16;
  std::string text(kBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) {  // a folder opens, but does not read
    return absl::UnavailableError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  const absl::Status not_ours = absl::FailedPreconditionError(absl::StrCat(
      path, " is no file that --resume has written: name another, or begin anew with --reset"));
  const std::size_t line_end = text.find('\n');
  if (!text.starts_with(kPosition) || line_end == std::string::npos || !text.ends_with('\n')) {
    return not_ours;
  }
  std::uint64_t position = 0;
  const char* const end = text.data() + line_end;
  const auto [rest, error] = std::from_chars(text.data() + kPosition.size(), end, position);
  if (rest != end || error != std::errc()) return not_ours;
  absl::StatusOr<SavedPosition> saved = DecodeIdentity(
      std::string_view(text).substr(line_end + 1, text.size() - line_end - 2), position);
  if (!saved.ok()) return not_ours;
  return *std::move(saved);
}

absl::Status WriteResumeFile(const std::string& path, const SavedPosition& saved) {
  absl::StatusOr<std::unique_ptr<traces::FileOutput>> output = traces::FileOutput::Open(path);
  if (!output.ok()) return output.status();
  const std::string text =
      absl::StrCat(std::string(kPosition), saved.position, "\n", EncodeIdentity(saved), "\n");
  if (absl::Status s = (*output)->Write(text); !s.ok()) return s;
  return (*output)->Commit();
}

ResumeFileSink::ResumeFileSink(std::unique_ptr<Sink> inner, const SinkOptions& options)
    : inner_(std::move(inner)),
      path_(options.resume_file),
      interval_(options.commit),
      is_reset_(options.is_reset),
      saved_({.anchor_unix_nanoseconds = options.anchor_unix_nanoseconds,
              .identity = options.identity}),
      age_(options.commit.time, nullptr) {}

absl::Status ResumeFileSink::Open() {
  if (!is_reset_) {
    absl::StatusOr<std::optional<SavedPosition>> found = ReadResumeFile(path_);
    if (!found.ok()) return found.status();
    if (*found) {
      if (absl::Status s = saved_.identity.CheckContinues((*found)->identity); !s.ok()) {
        return absl::FailedPreconditionError(absl::StrCat(
            "--resume ", path_, " cannot go on: ", s.message(),
            ": use the same options and trace, another file, or --reset to begin anew"));
      }
      saved_ = **found;
      resumed_ = *std::move(found);
    }
  }
  // Find out before topics are made whether the file can be written.
  if (const auto trial = traces::FileOutput::Open(path_); !trial.ok()) return trial.status();
  if (absl::Status s = inner_->Open(); !s.ok()) return s;
  age_.Restart();
  return WriteResumeFile(path_, saved_);
}

absl::Status ResumeFileSink::Note() {
  records_since_ = 0;
  age_.Restart();
  const std::uint64_t position = inner_->AcknowledgedPosition();
  if (position <= saved_.position) return absl::OkStatus();
  saved_.position = position;
  return WriteResumeFile(path_, saved_);
}

absl::Status ResumeFileSink::NoteWhenDue() {
  return age_.IsExhausted() ? Note() : absl::OkStatus();
}

absl::Status ResumeFileSink::Write(const Delivery& delivery) {
  if (absl::Status s = inner_->Write(delivery); !s.ok()) return s;
  ++records_since_;
  if (interval_.records && records_since_ >= *interval_.records) return Note();
  return records_since_ % kCheckEvery == 0 ? NoteWhenDue() : absl::OkStatus();
}

absl::Status ResumeFileSink::Poll() {
  if (absl::Status s = inner_->Poll(); !s.ok()) return s;
  return NoteWhenDue();
}

absl::Status ResumeFileSink::Flush() {
  const absl::Status flushed = inner_->Flush();
  const absl::Status noted = Note();  // also the position reached before a failure
  return flushed.ok() ? noted : flushed;
}

absl::Status ResumeFileSink::Checkpoint() {
  const absl::Status done = inner_->Checkpoint();
  const absl::Status noted = Note();
  return done.ok() ? noted : done;
}

absl::Status ResumeFileSink::Close() { return inner_->Close(); }

}  // namespace groundhog::sinks
