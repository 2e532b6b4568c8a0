// groundhog-replay: streams a trace into Kafka, JSON lines or nothing, on time.
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/ctl.h"
#include "cli/replayer/identity_of_options.h"
#include "cli/replayer/keyboard.h"
#include "cli/replayer/lateness_bound.h"
#include "cli/replayer/options.h"
#include "cli/replayer/playlist_of_options.h"
#include "cli/replayer/progress_text.h"
#include "cli/replayer/sink_kind.h"
#include "cli/replayer/sink_kinds.h"
#include "cli/replayer/stop_on_signals.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/progress_printer.h"
#include "replay/control_socket.h"
#include "replay/dry_run.h"
#include "replay/player.h"
#include "replay/playlist.h"
#include "replay/real_clock.h"
#include "replay/stop_signal.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"
#include "traces/file_output.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

constexpr char kProgram[] = "groundhog-replay";

// One replay, from opening the trace to the exit code.
class Replay {
 public:
  explicit Replay(const ReplayOptions& options)
      : options_(options),
        signals_(stop_),
        clock_(stop_),
        printer_(kProgram, options.is_quiet ? ProgressMode::kNever : options.progress,
                 /*stdout_is_busy=*/options.kind != nullptr &&
                     options.kind->IsStandardOutput(options.to)) {}

  int Run() {
    if (absl::Status s = OpenTrace(); !s.ok()) return CannotBegin(s);
    if (absl::Status s = MakePlaylist(/*start_position=*/0); !s.ok()) return CannotBegin(s);
    if (absl::Status s = OpenReport(); !s.ok()) return CannotBegin(s);
    if (options_.play.is_dry_run) return RunDry();
    if (absl::Status s = OpenControls(); !s.ok()) return CannotBegin(s);
    if (absl::Status s = OpenSink(); !s.ok()) return CannotBegin(s);
    if (absl::Status s = Resume(); !s.ok()) return CannotBegin(s);
    TellWhatWillBeForgotten();
    replay::Player player(*reader_, *playlist_, *sink_, clock_, stop_, PlayerOptions());
    player_ = &player;
    replay::Outcome outcome = player.Play();
    outcome.report.resumed_at = resumed_at_;
    player_ = nullptr;
    CloseControls();
    const absl::Status closed = sink_->Close();
    const int exit_code = Judge(JudgeRecords(Conclude(outcome, closed), outcome), outcome.report);
    const bool has_all_written = FinishKind();
    const bool has_report = WriteReport(replay::ToJson(outcome.report));
    return has_all_written && has_report ? exit_code : static_cast<int>(kExitUsage);
  }

 private:
  int CannotBegin(const absl::Status& status) {
    if (stop_.is_raised() && absl::IsCancelled(status)) return kExitInterrupted;
    printer_.Notice(std::string(status.message()));
    return kExitUsage;
  }

  // Goes on where the sink says that an earlier replay stopped.
  absl::Status Resume() {
    const std::optional<sinks::SavedPosition> resumed = sink_->resumed();
    if (!resumed) return absl::OkStatus();
    if (resumed->anchor_unix_nanoseconds) {
      shift_unix_nanoseconds_ = *resumed->anchor_unix_nanoseconds;
    }
    if (resumed->position == 0) return absl::OkStatus();
    resumed_at_ = resumed->position;
    if (absl::Status s = MakePlaylist(resumed->position); !s.ok()) return s;
    printer_.Notice(absl::StrCat("resuming at position ", resumed->position, ": ",
                                 options_.sink.exactly_once.empty()
                                     ? "what was sent after it is sent again"
                                     : "up to there all is committed"));
    return absl::OkStatus();
  }

  void TellWhatWillBeForgotten() {
    if (options_.kind == nullptr) return;
    const std::string forecast = options_.kind->Forecast(options_, resumed_at_.value_or(0),
                                                         [this] { return stop_.is_raised(); });
    if (!forecast.empty()) printer_.Notice(forecast);
  }

  // Before an hour of replaying, not after.
  absl::Status OpenReport() {
    if (options_.report.empty()) return absl::OkStatus();
    absl::StatusOr<std::unique_ptr<traces::FileOutput>> output =
        traces::FileOutput::Open(options_.report);
    if (!output.ok()) return output.status();
    report_output_ = *std::move(output);
    return absl::OkStatus();
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
            "--start-paused: nobody could resume; it needs a terminal or --control unix:PATH");
      }
      return absl::OkStatus();
    }
    clock_.WakeOn(keyboard_->descriptor());
    if (printer_.is_shown()) printer_.Print(absl::StrCat(Keyboard::kHelp, "\n"));
    return absl::OkStatus();
  }

  // The terminal as it was, before anything else is said.
  void CloseControls() {
    keyboard_.reset();
    socket_.reset();
  }

  absl::Status OpenTrace() {
    traces::ReaderOptions reader_options;
    reader_options.stop_requested = [this] {
      return player_ != nullptr ? !player_->TendWhileReading() : stop_.is_raised();
    };
    absl::StatusOr<std::unique_ptr<traces::Reader>> reader =
        traces::Reader::Open(options_.file, std::move(reader_options));
    if (!reader.ok()) return reader.status();
    reader_ = *std::move(reader);
    return absl::OkStatus();
  }

  absl::Status MakePlaylist(std::uint64_t start_position) {
    absl::StatusOr<replay::PlaylistOptions> playlist_options =
        MakePlaylistOptions(options_, *reader_);
    if (!playlist_options.ok()) return playlist_options.status();
    playlist_options->start_position = start_position;
    absl::StatusOr<std::unique_ptr<replay::Playlist>> playlist =
        replay::Playlist::Make(*reader_, *playlist_options);
    if (!playlist.ok()) return playlist.status();
    playlist_ = *std::move(playlist);
    selection_ = playlist_options->selection;
    return absl::OkStatus();
  }

  absl::Status OpenSink() {
    sinks::SinkOptions sink_options = options_.sink;
    if (absl::Status s = IdentifyReplay(sink_options); !s.ok()) return s;
    sink_options.notice = [this](std::string_view line) { printer_.Notice(line); };
    sink_options.stop_requested = [this] { return stop_.is_raised(); };
    sink_options.now_unix_milliseconds = clock_.WallUnixNanoseconds() / 1'000'000;
    absl::StatusOr<std::unique_ptr<sinks::Sink>> sink =
        MakeSink(options_.kinds, options_.to, sink_options, reader_->catalogue());
    if (!sink.ok()) return sink.status();
    sink_ = *std::move(sink);
    return sink_->Open();
  }

  // What the sink has to know of the trace and the options.
  absl::Status IdentifyReplay(sinks::SinkOptions& sink_options) {
    if (sink_options.is_saved() && options_.play.timestamps == replay::TimestampMode::kShift) {
      shift_unix_nanoseconds_ =
          options_.play.start_unix_nanoseconds.value_or(clock_.WallUnixNanoseconds());
      sink_options.anchor_unix_nanoseconds = shift_unix_nanoseconds_;
    }
    if (reader_->summary() != nullptr) {
      sink_options.trace_digest = traces::ToHex(reader_->summary()->digest);
    }
    if (!sink_options.is_saved()) return absl::OkStatus();
    absl::StatusOr<sinks::ReplayIdentity> identity =
        MakeReplayIdentity(options_, selection_, *reader_);
    if (!identity.ok()) return identity.status();
    sink_options.identity = *std::move(identity);
    return absl::OkStatus();
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
                                            .shift_unix_nanoseconds = shift_unix_nanoseconds_,
                                            .is_resumed = resumed_at_.has_value(),
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
    if (printer_.is_shown()) {
      const sim::VirtualTime end = playlist_->end();
      const ReplayFrame frame = {.start_unix_nanoseconds = reader_->info().start_unix_nanoseconds,
                                 .from = playlist_->begin(),
                                 .until = !playlist_->is_endless() && end < sim::VirtualTime::Max()
                                              ? std::optional<sim::VirtualTime>(end)
                                              : std::nullopt,
                                 .loops = playlist_->loops()};
      player_options.on_progress = [this, frame](const replay::Progress& progress) {
        printer_.Show(ProgressText(frame, progress, printer_.columns()));
      };
      player_options.on_step = [this, frame](sim::VirtualTime time, std::string_view line) {
        if (keyboard_ == nullptr) return;
        printer_.PrintAbove(StepText(frame, time, line, printer_.columns()));
      };
    }
    return player_options;
  }

  // Says how it went, and gives the exit code.
  int Conclude(const replay::Outcome& outcome, const absl::Status& closed) {
    printer_.EndLine();
    // The reader of our pipe has gone; it has had all it wanted.
    if (outcome.ending == replay::Ending::kReaderGone) return kExitDone;
    if (!options_.is_quiet) {
      printer_.Print(
          ReportText(sink_->Describe(), outcome.report.pace, outcome.report, printer_.columns()));
    }
    const sinks::Counts& messages = outcome.report.messages;
    const std::uint64_t unanswered = messages.messages_sent - messages.messages_acknowledged;
    if (unanswered != 0) {
      printer_.Notice(absl::StrCat(unanswered, " messages were sent but not acknowledged"));
    }
    switch (outcome.ending) {
      case replay::Ending::kFinished:
        if (resumed_at_ && outcome.report.records_sent == 0) TellThatNothingWasLeft();
        if (!outcome.status.ok()) {
          printer_.Notice(std::string(outcome.status.message()));
          printer_.Notice("the trace is not whole; everything that could be read was sent");
        }
        if (closed.ok() && unanswered == 0 && !outcome.status.ok()) return kExitIncomplete;
        return Done(closed, messages);
      case replay::Ending::kQuit:
        return Done(closed, messages);
      case replay::Ending::kInterrupted:
        printer_.Notice("interrupted");
        return kExitInterrupted;
      case replay::Ending::kSinkFailed:
        return Fail(outcome.status, messages.messages_acknowledged);
      case replay::Ending::kTraceUnreadable:
        printer_.Notice(std::string(outcome.status.message()));
        return kExitUsage;
      case replay::Ending::kReaderGone:
        break;
    }
    return kExitDone;
  }

  void TellThatNothingWasLeft() {
    printer_.Notice(absl::StrCat("nothing was left to send: all was ",
                                 options_.sink.exactly_once.empty() ? "acknowledged" : "committed",
                                 " before (--reset begins anew)"));
  }

  int Done(const absl::Status& closed, const sinks::Counts& messages) {
    if (!closed.ok()) return Fail(closed, messages.messages_acknowledged);
    return messages.messages_sent != messages.messages_acknowledged ? kExitNo : kExitDone;
  }

  // A destination that takes no more: a full disk is an unwritable output, and so is one that we
  // never had the right to write to, however late it says so; anything else is a delivery that
  // failed.
  int Fail(const absl::Status& status, std::uint64_t messages_acknowledged) {
    printer_.Notice(std::string(status.message()));
    const bool was_never_allowed = absl::IsPermissionDenied(status) && messages_acknowledged == 0;
    return absl::IsResourceExhausted(status) || was_never_allowed ? kExitUsage : kExitNo;
  }

  // A replay that had nothing to send has shown nothing, unless all was sent by an earlier one, or
  // commands jumped over it.
  int JudgeRecords(int exit_code, const replay::Outcome& outcome) {
    const replay::RunReport& report = outcome.report;
    if (outcome.ending != replay::Ending::kFinished || resumed_at_ || report.seeks != 0) {
      return exit_code;
    }
    return JudgeRecords(exit_code, report.records_sent);
  }

  int JudgeRecords(int exit_code, std::uint64_t records_of_shard) {
    const bool is_done = exit_code == kExitDone || exit_code == kExitIncomplete;
    if (!is_done) return exit_code;
    const Selected selected = JudgeSelection(options_, *playlist_, records_of_shard);
    if (!selected.notice.empty()) printer_.Notice(selected.notice);
    return selected.has_records ? exit_code : static_cast<int>(kExitNo);
  }

  // A replay that came too late has failed, unless it failed otherwise.
  int Judge(int exit_code, const replay::RunReport& report) {
    const std::vector<std::string> broken =
        BrokenBounds(options_.play.lateness_bounds, report.lateness);
    for (const std::string& line : broken) printer_.Notice(line);
    const bool is_done = exit_code == kExitDone || exit_code == kExitIncomplete;
    return is_done && !broken.empty() ? static_cast<int>(kExitNo) : exit_code;
  }

  int RunDry() {
    const absl::StatusOr<DestinationsOf> destinations =
        Destinations(options_.kinds, options_.to, reader_->catalogue());
    if (!destinations.ok()) return CannotBegin(destinations.status());
    replay::DryRunOptions dry_options = {.pace = options_.play.pace,
                                         .gap_max = options_.play.gap_max};
    dry_options.destinations_of = [&destinations](const replay::PlaylistItem& item) {
      return (*destinations)(*item.record);
    };
    dry_options.stop_requested = [this] { return stop_.is_raised(); };
    const replay::DryRunReport report = replay::DryRun(*reader_, *playlist_, dry_options);
    if (absl::IsCancelled(report.status)) return CannotBegin(report.status);
    TellWhatWillBeForgotten();
    const std::int64_t start = reader_->info().start_unix_nanoseconds;
    if (!options_.is_quiet) {
      printer_.Print(DryRunText(report, options_.play.pace, start, printer_.columns()));
    }
    if (!report.status.ok()) printer_.Notice(std::string(report.status.message()));
    if (!WriteReport(replay::ToJson(report, start))) return kExitUsage;
    if (!report.status.ok() && !absl::IsDataLoss(report.status)) return kExitUsage;
    return JudgeRecords(report.status.ok() ? kExitDone : kExitIncomplete, report.records);
  }

  // False: some could not be written.
  bool FinishKind() {
    const absl::Status status = options_.kind->Finish();
    if (!status.ok()) printer_.Notice(std::string(status.message()));
    return !absl::IsResourceExhausted(status);
  }

  bool WriteReport(const std::string& json) {
    if (report_output_ == nullptr) return true;
    absl::Status status = report_output_->Write(json);
    if (status.ok()) status = report_output_->Commit();
    if (!status.ok()) printer_.Notice(std::string(status.message()));
    return status.ok();
  }

  const ReplayOptions& options_;
  replay::StopSignal stop_;
  StopOnSignals signals_;
  replay::RealClock clock_;
  ProgressPrinter printer_;
  std::unique_ptr<traces::Reader> reader_;
  std::unique_ptr<replay::Playlist> playlist_;
  traces::RecordSelection selection_;
  std::optional<std::int64_t> shift_unix_nanoseconds_;  // the date of t0, where it must be kept
  std::optional<std::uint64_t> resumed_at_;
  std::unique_ptr<traces::FileOutput> report_output_;
  std::unique_ptr<sinks::Sink> sink_;
  std::unique_ptr<replay::ControlSocket> socket_;
  std::unique_ptr<Keyboard> keyboard_;
  replay::Player* player_ = nullptr;  // while it plays
};

// Prints what an option of a sink asks for in place of a replay; nullopt: none does.
std::optional<int> AnswerInstead(const CLI::App& program, const ReplayOptions& options) {
  for (const auto& kind : options.kinds) {
    const absl::StatusOr<std::optional<std::string>> text = kind->TextAskedFor();
    if (!text.ok()) {
      PrintError(program.get_name(), text.status());
      return kExitUsage;
    }
    if (*text) return PrintData(program.get_name(), **text, kExitDone);
  }
  return std::nullopt;
}

}  // namespace
}  // namespace groundhog::cli

int main(int argc, char** argv) {
  using namespace groundhog::cli;
  const std::string absent = AbsentKind(std::span(argv, static_cast<std::size_t>(argc)));
  if (!absent.empty()) {
    PrintError(kProgram, absent);
    return kExitUsage;
  }
  ReplayOptions options;
  Command program(absl::StrCat("Stream a trace into ", DestinationsText(options.kinds),
                               ": on time, losing nothing"),
                  kProgram);
  DescribeProgram(
      program,
      KnownExamples(
          options.kinds,
          "groundhog-replay day.ghog --to kafka://localhost:9092 --speed 1440x\n"
          "groundhog-replay day.ghog --to jsonl:- --speed max | wc -l\n"
          "groundhog-replay day.ghog --to kafka://embedded --from 14h --until 14h30m\n"
          "groundhog-replay day.ghog --to null: --speed 60x --report run.json\n"
          "groundhog-replay day.ghog --to null: --loop 7 --dry-run\n"
          "groundhog-replay day.ghog --to jsonl:- --start-paused --control unix:replay.sock\n"
          "groundhog-replay day.ghog --to kafka://localhost:9092 --exactly-once nightly\n"
          "groundhog-replay day.ghog --check kafka://localhost:9092\n"
          "groundhog record -o - --duration forever | groundhog-replay - --to jsonl:-"));
  AddReplayOptions(program, options);
  program.require_subcommand(0, 1);
  Selection selection;
  selection.run = [&program, &options]() -> int {
    if (const std::optional<int> code = AnswerInstead(program, options)) return *code;
    if (absl::Status status = CompleteReplayOptions(program, options); !status.ok()) {
      PrintError(program.get_name(), status);
      return kExitUsage;
    }
    if (!options.check.empty()) return options.kind->Check(options);
    return Replay(options).Run();
  };
  AddCtlCommand(program, selection);
  return RunProgram(program, argc, argv, selection);
}
