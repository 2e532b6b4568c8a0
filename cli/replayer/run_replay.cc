#include "cli/replayer/run_replay.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/identity_of_options.h"
#include "cli/replayer/keyboard.h"
#include "cli/replayer/options.h"
#include "cli/replayer/playlist_of_options.h"
#include "cli/replayer/progress_text.h"
#include "cli/replayer/report_file.h"
#include "cli/replayer/sink_kind.h"
#include "cli/replayer/sink_kinds.h"
#include "cli/replayer/stop_on_signals.h"
#include "cli/replayer/verdict.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/progress_printer.h"
#include "replay/control_socket.h"
#include "replay/dry_run.h"
#include "replay/real_clock.h"
#include "replay/session.h"
#include "replay/stop_signal.h"
#include "sinks/sink_options.h"

namespace groundhog::cli {
namespace {

// The options, the terminal and the files of one replay, around its session.
class Replay {
 public:
  explicit Replay(const ReplayOptions& options)
      : options_(options),
        signals_(stop_),
        clock_(stop_),
        printer_(kProgram, options.is_quiet ? ProgressMode::kNever : options.progress,
                 /*stdout_is_busy=*/options.kind != nullptr &&
                     options.kind->IsStandardOutput(options.to)),
        session_(clock_, stop_) {}

  int Run() {
    if (absl::Status s = OpenTrace(); !s.ok()) return CannotBegin(s);
    if (absl::Status s = report_file_.Open(options_.report); !s.ok()) return CannotBegin(s);
    if (options_.play.is_dry_run) return RunDry();
    if (absl::Status s = OpenControls(); !s.ok()) return CannotBegin(s);
    if (absl::Status s = OpenSink(); !s.ok()) return CannotBegin(s);
    NoticeResumption();
    NoticeForecast();
    const replay::Outcome outcome = session_.Play(PlayerOptions());
    CloseControls();
    const absl::Status closed = session_.CloseSink();
    const int exit_code = JudgeReplay(options_, outcome, closed, session_.DescribeSink(),
                                      session_.playlist(), printer_);
    const bool has_all_written = FinishKind();
    const bool has_report = report_file_.Write(replay::ToJson(outcome.report), printer_);
    return has_all_written && has_report ? exit_code : static_cast<int>(kExitUsage);
  }

 private:
  int CannotBegin(const absl::Status& status) {
    if (stop_.is_raised() && absl::IsCancelled(status)) return kExitInterrupted;
    printer_.Notice(std::string(status.message()));
    return kExitUsage;
  }

  absl::Status OpenTrace() {
    if (absl::Status s = session_.OpenTrace(options_.file); !s.ok()) return s;
    const absl::StatusOr<replay::PlaylistOptions> playlist_options =
        MakePlaylistOptions(options_, session_.reader());
    if (!playlist_options.ok()) return playlist_options.status();
    selection_ = playlist_options->selection;
    return session_.MakePlaylist(*playlist_options);
  }

  absl::Status OpenControls() {
    if (!options_.play.control_path.empty()) {
      absl::StatusOr<std::unique_ptr<replay::ControlSocket>> socket =
          replay::ControlSocket::Listen(options_.play.control_path);
      if (!socket.ok()) return socket.status();
      socket_ = *std::move(socket);
      clock_.WakeOn(socket_->descriptor());
    }
    keyboard_ = Keyboard::Open(/*stdin_is_data=*/options_.file == "-", printer_);
    if (keyboard_ == nullptr) {
      if (options_.play.starts_paused && socket_ == nullptr) {
        return absl::InvalidArgumentError(
            "--start-paused needs a terminal or --control unix:PATH, to resume the replay");
      }
      return absl::OkStatus();
    }
    clock_.WakeOn(keyboard_->descriptor());
    if (printer_.is_shown()) printer_.Print(absl::StrCat(Keyboard::kHelp, "\n"));
    return absl::OkStatus();
  }

  // The terminal is put back before anything else is printed.
  void CloseControls() {
    keyboard_.reset();
    socket_.reset();
  }

  absl::Status OpenSink() {
    sinks::SinkOptions sink_options = options_.sink;
    if (absl::Status s = IdentifyReplay(sink_options); !s.ok()) return s;
    sink_options.notice = [this](std::string_view line) { printer_.Notice(line); };
    const auto make = [this](const sinks::SinkOptions& options,
                             const traces::Catalogue& catalogue) {
      return MakeSink(options_.kinds, options_.to, options, catalogue);
    };
    return session_.OpenSink(make, std::move(sink_options), options_.play.timestamps,
                             options_.play.start_unix_nanoseconds);
  }

  // Fills in what the sink has to know of the trace and the options.
  absl::Status IdentifyReplay(sinks::SinkOptions& sink_options) {
    const traces::Reader& reader = session_.reader();
    if (reader.summary() != nullptr) {
      sink_options.trace_digest = traces::ToHex(reader.summary()->digest);
    }
    if (!sink_options.is_saved()) return absl::OkStatus();
    absl::StatusOr<sinks::ReplayIdentity> identity =
        MakeReplayIdentity(options_, selection_, reader);
    if (!identity.ok()) return identity.status();
    sink_options.identity = *std::move(identity);
    return absl::OkStatus();
  }

  void NoticeResumption() {
    if (!session_.resumed_at()) return;
    printer_.Notice(absl::StrCat("resuming at position ", *session_.resumed_at(), ": ",
                                 options_.sink.exactly_once.empty()
                                     ? "what was sent after it is sent again"
                                     : "up to there all is committed"));
  }

  // Warns of what the destination is going to forget.
  void NoticeForecast() {
    if (options_.kind == nullptr) return;
    const std::string forecast = options_.kind->Forecast(
        options_, session_.resumed_at().value_or(0), [this] { return stop_.is_raised(); });
    if (!forecast.empty()) printer_.Notice(forecast);
  }

  replay::PlayerOptions PlayerOptions() {
    const ReplayPlayOptions& play = options_.play;
    replay::PlayerOptions player_options = {.pace = play.pace,
                                            .rate_max = play.rate_max,
                                            .catch_up = play.catch_up,
                                            .gap_max = play.gap_max,
                                            .start_unix_nanoseconds = play.start_unix_nanoseconds,
                                            .starts_paused = play.starts_paused,
                                            .timestamps = play.timestamps,
                                            .hashes_payload = !options_.report.empty()};
    if (options_.sink.is_saved()) {
      player_options.forwards_only =
          absl::StrCat(options_.sink.resume_file.empty() ? "--exactly-once" : "--resume",
                       " goes forwards only: what was delivered is not sent again");
    }
    if (keyboard_ != nullptr) player_options.controls.push_back(keyboard_.get());
    if (socket_ != nullptr) player_options.controls.push_back(socket_.get());
    player_options.on_notice = [this](std::string_view line) { printer_.Notice(line); };
    player_options.progress_interval = printer_.interval();
    if (printer_.is_shown()) ShowProgress(player_options);
    return player_options;
  }

  void ShowProgress(replay::PlayerOptions& player_options) {
    const replay::Playlist& playlist = session_.playlist();
    const sim::VirtualTime end = playlist.end();
    const ReplayFrame frame = {
        .start_unix_nanoseconds = session_.reader().info().start_unix_nanoseconds,
        .from = playlist.begin(),
        .until = !playlist.is_endless() && end < sim::VirtualTime::Max()
                     ? std::optional<sim::VirtualTime>(end)
                     : std::nullopt,
        .loops = playlist.loops()};
    player_options.on_progress = [this, frame](const replay::Progress& progress) {
      printer_.Show(ProgressText(frame, progress, printer_.columns()));
    };
    player_options.on_step = [this, frame](sim::VirtualTime time, std::string_view line) {
      if (keyboard_ == nullptr) return;
      printer_.PrintAbove(StepText(frame, time, line, printer_.columns()));
    };
  }

  int RunDry();

  // False: not everything could be written.
  bool FinishKind() {
    const absl::Status status = options_.kind->Finish();
    if (!status.ok()) printer_.Notice(std::string(status.message()));
    return !absl::IsResourceExhausted(status);
  }

  const ReplayOptions& options_;
  replay::StopSignal stop_;
  StopOnSignals signals_;
  replay::RealClock clock_;
  ProgressPrinter printer_;
  traces::RecordSelection selection_;
  ReportFile report_file_;
  replay::Session session_;
  std::unique_ptr<replay::ControlSocket> socket_;
  std::unique_ptr<Keyboard> keyboard_;
};

int Replay::RunDry() {
  const absl::StatusOr<DestinationsOf> destinations =
      Destinations(options_.kinds, options_.to, session_.reader().catalogue());
  if (!destinations.ok()) return CannotBegin(destinations.status());
  replay::DryRunOptions dry_options = {.pace = options_.play.pace,
                                       .gap_max = options_.play.gap_max};
  dry_options.destinations_of = [&destinations](const replay::PlaylistItem& item) {
    return (*destinations)(*item.record);
  };
  dry_options.stop_requested = [this] { return stop_.is_raised(); };
  const replay::DryRunReport report =
      replay::DryRun(session_.reader(), session_.playlist(), dry_options);
  if (absl::IsCancelled(report.status)) return CannotBegin(report.status);
  NoticeForecast();
  const std::int64_t start = session_.reader().info().start_unix_nanoseconds;
  if (!options_.is_quiet) {
    printer_.Print(DryRunText(report, options_.play.pace, start, printer_.columns()));
  }
  if (!report.status.ok()) printer_.Notice(std::string(report.status.message()));
  if (!report_file_.Write(replay::ToJson(report, start), printer_)) return kExitUsage;
  if (!report.status.ok() && !absl::IsDataLoss(report.status)) return kExitUsage;
  const int exit_code = report.status.ok() ? kExitDone : kExitIncomplete;
  return JudgeRecords(options_, exit_code, session_.playlist(), report.records, printer_);
}

}  // namespace

int RunReplay(const ReplayOptions& options) { return Replay(options).Run(); }

}  // namespace groundhog::cli
