#include "cli/replayer/audit.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/audit/audit_report.h"
#include "cli/audit/audit_run.h"
#include "cli/replayer/played_records.h"
#include "cli/replayer/playlist_of_options.h"
#include "cli/replayer/report_file.h"
#include "cli/replayer/stop_on_signals.h"
#include "cli/replayer/topic_rows.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/reading_progress.h"
#include "replay/pace.h"
#include "replay/stop_signal.h"
#include "sinks/kafka/kafka_address.h"
#include "sinks/kafka/kafka_reader.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

// What the timestamps in a pipeline's output say, if it leaves them as they were sent.
RowTimestamps TimestampsOf(const ReplayPlayOptions& play) {
  switch (play.timestamps) {
    case replay::TimestampMode::kOriginal:
      return RowTimestamps::kKnown;
    case replay::TimestampMode::kShift:
      return play.start_unix_nanoseconds ? RowTimestamps::kKnown : RowTimestamps::kUnknown;
    case replay::TimestampMode::kWall:
      break;
  }
  return RowTimestamps::kDue;
}

// nullopt: it is not known when a record was due.
std::optional<analysis::ArrivalOptions> ArrivalsOf(const ReplayOptions& options) {
  const ReplayPlayOptions& play = options.play;
  analysis::ArrivalOptions arrivals = {.late_after = options.late_after_milliseconds};
  if (play.timestamps == replay::TimestampMode::kWall) {
    arrivals.origin = 0;
    return arrivals;
  }
  // A replay at another speed than this would look late beyond all bounds.
  if (!options.is_pace_given || play.pace.kind != replay::PaceKind::kSpeed) return std::nullopt;
  if (play.start_unix_nanoseconds) arrivals.origin = *play.start_unix_nanoseconds / 1'000'000;
  return arrivals;
}

class TopicAudit {
 public:
  TopicAudit(const ReplayOptions& options, const sinks::KafkaOptions& kafka)
      : options_(options),
        kafka_options_(kafka),
        signals_(stop_),
        progress_(kProgram, {.mode = options.is_quiet ? ProgressMode::kNever : options.progress}),
        notice_([this](std::string_view line) { progress_.Notice(line); }),
        stop_requested_([this] { return stop_.is_raised(); }) {}

  int Run() {
    absl::StatusOr<AuditOutcome> outcome = Audit();
    progress_.Clear();
    if (stop_.is_raised()) {
      progress_.Notice("interrupted");
      return kExitInterrupted;
    }
    if (!outcome.ok()) {
      if (!is_topic_missing_) progress_.Notice(std::string(outcome.status().message()));
      return kExitUsage;
    }
    if (!outcome->has_report) return outcome->exit_code;
    const std::string json = AuditAsJson(outcome->report);
    if (options_.report != "-" && !report_file_.Write(json, progress_.printer())) return kExitUsage;
    const bool is_json = options_.audit.is_json || options_.report == "-";
    return PrintData(kProgram, is_json ? json : AuditAsPage(outcome->report), outcome->exit_code);
  }

 private:
  absl::StatusOr<AuditOutcome> Audit() {
    absl::StatusOr<std::unique_ptr<traces::Reader>> reader =
        traces::Reader::Open(options_.file, {.stop_requested = stop_requested_});
    if (!reader.ok()) return reader.status();
    if (absl::Status s = CheckCanReadTwice(**reader); !s.ok()) return s;
    if (options_.report != "-") {
      if (absl::Status s = report_file_.Open(options_.report); !s.ok()) return s;
    }
    // Kafka is asked only if --from and so on fit the trace.
    if (const auto fits = MakePlaylistOptions(options_, **reader); !fits.ok()) return fits.status();
    PlayedRecords input(options_, **reader, progress_, stop_requested_);
    absl::StatusOr<AuditOutputs> outputs = OpenOutputs();
    if (!outputs.ok()) return outputs.status();
    return RunAudit({.arguments = options_.audit,
                     .input = input,
                     .outputs = *std::move(outputs),
                     .progress = progress_,
                     .trace_file = options_.file,
                     .input_name = InputName(options_.file),
                     .outputs_name = outputs_name_,
                     .timestamps = TimestampsOf(options_.play),
                     .arrivals = ArrivalsOf(options_)});
  }

  // The partitions of all topics, in order.
  absl::StatusOr<AuditOutputs> OpenOutputs() {
    absl::StatusOr<sinks::KafkaTopicsAddress> address =
        sinks::ParseKafkaTopicsAddress(options_.audited);
    if (!address.ok()) return address.status();
    absl::StatusOr<std::unique_ptr<sinks::KafkaReader>> kafka =
        sinks::KafkaReader::Open({.address = address->address,
                                  .kafka_config = kafka_options_.properties,
                                  .topics = address->topics,
                                  .timeout = options_.sink.timeout,
                                  .notice = notice_,
                                  .stop_requested = stop_requested_});
    if (!kafka.ok()) return kafka.status();
    kafka_ = *std::move(kafka);
    outputs_name_ = absl::StrJoin(address->topics, ",");
    AuditOutputs outputs;
    for (std::size_t topic = 0; topic < address->topics.size(); ++topic) {
      const std::string& name = address->topics[topic];
      if (kafka_->partitions(topic) == 0) {
        is_topic_missing_ = true;
        return absl::NotFoundError(absl::StrCat("there is no topic ", name));
      }
      for (int partition = 0; partition < kafka_->partitions(topic); ++partition) {
        absl::StatusOr<std::unique_ptr<TopicRows>> rows = TopicRows::Open(
            *kafka_,
            {.topic = topic, .partition = partition, .name = absl::StrCat(name, "/", partition)});
        if (!rows.ok()) return rows.status();
        outputs.push_back(*std::move(rows));
      }
    }
    return outputs;
  }

  const ReplayOptions& options_;
  const sinks::KafkaOptions& kafka_options_;
  replay::StopSignal stop_;
  StopOnSignals signals_;
  ReadingProgress progress_;
  const std::function<void(std::string_view)> notice_;
  const std::function<bool()> stop_requested_;
  ReportFile report_file_;
  std::unique_ptr<sinks::KafkaReader> kafka_;
  std::string outputs_name_;
  bool is_topic_missing_ = false;  // which was a notice
};

}  // namespace

int AuditTopics(const ReplayOptions& options, const sinks::KafkaOptions& kafka) {
  return TopicAudit(options, kafka).Run();
}

}  // namespace groundhog::cli
