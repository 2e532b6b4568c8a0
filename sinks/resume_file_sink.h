// --resume FILE: any sink, and a file that keeps the position up to which everything is
// acknowledged, so that the next run can continue from there. Delivery is at least once: records
// acknowledged after the position was last saved are sent again.
#ifndef GROUNDHOG_SINKS_RESUME_FILE_SINK_H_
#define GROUNDHOG_SINKS_RESUME_FILE_SINK_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/patience.h"
#include "sinks/saved_position.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"

namespace groundhog::sinks {

// nullopt: there is no such file. FailedPrecondition: it is not one of ours. Unavailable: it cannot
// be read.
absl::StatusOr<std::optional<SavedPosition>> ReadResumeFile(const std::string& path);

// Replaces the file: after a crash at any moment it has either the old or the new content.
absl::Status WriteResumeFile(const std::string& path, const SavedPosition& saved);

// Errors from Open besides the inner sink's: FailedPrecondition: the file is of another replay.
// Unavailable, ResourceExhausted, from any call: the file cannot be written.
class ResumeFileSink : public Sink {
 public:
  // `options` are those of `inner`.
  ResumeFileSink(std::unique_ptr<Sink> inner, const SinkOptions& options);

  absl::Status Open() override;
  absl::Status Write(const Delivery& delivery) override;
  absl::Status Poll() override;
  absl::Status Flush() override;
  absl::Status Checkpoint() override;
  absl::Status Close() override;
  std::optional<SavedPosition> resumed() const override { return resumed_; }
  std::uint64_t AcknowledgedPosition() override { return inner_->AcknowledgedPosition(); }
  Counts counts() const override { return inner_->counts(); }
  const Histogram& acknowledgement_delays() const override {
    return inner_->acknowledgement_delays();
  }
  std::string Describe() const override { return inner_->Describe(); }

 private:
  absl::Status Note();
  absl::Status NoteWhenDue();

  const std::unique_ptr<Sink> inner_;
  const std::string path_;
  const CommitInterval interval_;
  const bool is_reset_;
  SavedPosition saved_;  // as last written to the file
  std::optional<SavedPosition> resumed_;
  std::uint64_t records_since_ = 0;
  Patience age_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_RESUME_FILE_SINK_H_
