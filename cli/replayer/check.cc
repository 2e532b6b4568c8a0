#include "cli/replayer/check.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/delivery_check.h"
#include "cli/replayer/options.h"
#include "cli/replayer/playlist_of_options.h"
#include "cli/replayer/report_file.h"
#include "cli/replayer/stop_on_signals.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/progress_printer.h"
#include "replay/check_report.h"
#include "replay/playlist.h"
#include "replay/stop_signal.h"
#include "sinks/kafka/kafka_options.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

// Whether the options say exactly what should be stored.
absl::Status CheckIsPossible(const ReplayPlayOptions& play) {
  const bool is_known =
      play.timestamps == replay::TimestampMode::kOriginal ||
      (play.timestamps == replay::TimestampMode::kShift && play.start_unix_nanoseconds);
  if (!is_known) {
    return absl::InvalidArgumentError(
        "--check can know only what was sent with --timestamps original, or with shift and "
        "--start-at");
  }
  if (!play.loops) return absl::InvalidArgumentError("--loop forever has no end to check");
  if (play.shard.count > 1 && play.shard.key == sinks::MessageKey::kNone) {
    return absl::InvalidArgumentError(
        "--check --shard needs keys, which say to which shard a message belongs; with --key none "
        "check the whole");
  }
  return absl::OkStatus();
}

class Check {
 public:
  Check(const ReplayOptions& options, const sinks::KafkaOptions& kafka)
      : options_(options),
        kafka_(kafka),
        signals_(stop_),
        printer_(kProgram, ProgressMode::kNever, /*stdout_is_busy=*/options.report == "-") {}

  int Run() {
    absl::Status status = OpenTrace();
    if (status.ok()) status = report_file_.Open(options_.report);
    if (status.ok()) status = Compare();
    if (!status.ok()) {
      if (stop_.is_raised()) {
        printer_.Notice("interrupted");
        return kExitInterrupted;
      }
      printer_.Notice(std::string(status.message()));
      const bool has_begun = check_ && check_->has_begun();
      return has_begun && absl::IsUnavailable(status) ? kExitNo : kExitUsage;
    }
    return Conclude();
  }

 private:
  absl::Status OpenTrace() {
    if (absl::Status s = CheckIsPossible(options_.play); !s.ok()) return s;
    absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(
        options_.file, {.stop_requested = [this] { return stop_.is_raised(); }});
    if (!reader.ok()) return reader.status();
    reader_ = *std::move(reader);
    const absl::StatusOr<replay::PlaylistOptions> playlist_options =
        MakePlaylistOptions(options_, *reader_);
    if (!playlist_options.ok()) return playlist_options.status();
    absl::StatusOr<std::unique_ptr<replay::Playlist>> playlist =
        replay::Playlist::Make(*reader_, *playlist_options);
    if (!playlist.ok()) return playlist.status();
    playlist_ = *std::move(playlist);
    return absl::OkStatus();
  }

  absl::Status Compare() {
    DeliveryCheck::Options check_options = {
        .kafka = kafka_,
        .timeout = options_.sink.timeout,
        .timestamps = options_.play.timestamps,
        .shift_unix_nanoseconds = options_.play.start_unix_nanoseconds.value_or(0),
        .shard = options_.play.shard,
        .notice = [this](std::string_view line) { printer_.Notice(line); },
        .stop_requested = [this] { return stop_.is_raised(); }};
    if (kafka_.headers.has_trace_digest) {
      if (reader_->summary() == nullptr) {
        return absl::InvalidArgumentError(
            "--headers trace_digest needs a complete trace in a file");
      }
      check_options.trace_digest = traces::ToHex(reader_->summary()->digest);
    }
    check_.emplace(*reader_, *playlist_, check_options);
    if (absl::Status s = check_->Open(); !s.ok()) return s;
    return check_->Run();
  }

  int Conclude() {
    replay::CheckReport report = check_->Report();
    report.allows_doubles = options_.allows_doubles;
    std::optional<std::uint64_t> trace_records;
    if (reader_->summary() != nullptr) trace_records = reader_->summary()->records;
    if (!options_.is_quiet) printer_.Print(replay::ToText(report, options_.file, trace_records));
    for (const replay::TopicReport& topic : report.topics) NoticeOtherContents(topic);
    const absl::Status& damage = check_->damage();
    if (!damage.ok()) printer_.Notice(std::string(damage.message()));
    if (!report_file_.Write(replay::ToJson(report), printer_)) return kExitUsage;
    if (!report.is_right()) {
      printer_.Notice("what is stored is not what the trace has");
      return kExitNo;
    }
    const Selected selected = JudgeSelection(options_, *playlist_, report.records);
    if (!selected.notice.empty()) printer_.Notice(selected.notice);
    if (!selected.has_records) return kExitNo;
    return damage.ok() ? kExitDone : kExitIncomplete;
  }

  void NoticeOtherContents(const replay::TopicReport& topic) {
    const replay::TopicCounts& counts = topic.counts;
    const std::string& digest = topic.stored_digest;
    if (topic.has_other_trace) {
      printer_.Notice(absl::StrCat("topic ", topic.topic, " holds another trace",
                                   digest.empty() ? "" : absl::StrCat(", with digest ", digest),
                                   ": none of its ", counts.arrived, " messages is of ",
                                   options_.file));
    } else if (!counts.has_any() && counts.arrived != 0 && counts.expected != 0) {
      printer_.Notice(absl::StrCat("topic ", topic.topic,
                                   " has no message that --check expects; if it holds this ",
                                   "trace, sent in another way, give --check the --key, ",
                                   "--headers and --timestamps of the replay"));
    }
  }

  const ReplayOptions& options_;
  const sinks::KafkaOptions& kafka_;
  replay::StopSignal stop_;
  StopOnSignals signals_;
  ProgressPrinter printer_;
  std::unique_ptr<traces::Reader> reader_;
  std::unique_ptr<replay::Playlist> playlist_;
  ReportFile report_file_;
  std::optional<DeliveryCheck> check_;
};

}  // namespace

int CheckReplay(const ReplayOptions& options, const sinks::KafkaOptions& kafka) {
  return Check(options, kafka).Run();
}

}  // namespace groundhog::cli
