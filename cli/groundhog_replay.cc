// groundhog-replay: streams a trace into Kafka, JSON lines or nothing, on time.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_codes.h"
#include "cli/filter_options.h"
#include "cli/program.h"
#include "cli/progress_printer.h"
#include "cli/replay_options.h"
#include "cli/replay_text.h"
#include "cli/stop_on_signals.h"
#include "replay/player.h"
#include "replay/playlist.h"
#include "replay/real_clock.h"
#include "replay/stop_signal.h"
#include "sinks/make_sink.h"
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
                 /*stdout_is_busy=*/options.sink.to == "jsonl:-") {}

  int Run() {
    absl::Status status = OpenAll();
    if (!status.ok()) {
      if (stop_.is_raised() && absl::IsCancelled(status)) return kExitInterrupted;
      printer_.Notice(std::string(status.message()));
      return kExitUsage;
    }
    replay::Player player(*reader_, *playlist_, *sink_, clock_, stop_, PlayerOptions());
    player_ = &player;
    const replay::Outcome outcome = player.Play();
    player_ = nullptr;
    const absl::Status closed = sink_->Close();
    const int exit_code = Conclude(outcome, closed);
    return WriteReport(outcome.report) ? exit_code : static_cast<int>(kExitUsage);
  }

 private:
  absl::Status OpenAll() {
    if (absl::Status s = OpenTrace(); !s.ok()) return s;
    if (absl::Status s = MakePlaylist(); !s.ok()) return s;
    if (!options_.report.empty()) {
      // Before an hour of replaying, not after.
      absl::StatusOr<std::unique_ptr<traces::FileOutput>> output =
          traces::FileOutput::Open(options_.report);
      if (!output.ok()) return output.status();
      report_output_ = *std::move(output);
    }
    return OpenSink();
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

  absl::Status MakePlaylist() {
    const absl::StatusOr<traces::RecordSelection> selection =
        ResolveFilter(options_.filter, reader_->info(), reader_->catalogue());
    if (!selection.ok()) return selection.status();
    replay::PlaylistOptions playlist_options = {.selection = *selection, .loops = options_.loops};
    absl::StatusOr<std::unique_ptr<replay::Playlist>> playlist =
        replay::Playlist::Make(*reader_, playlist_options);
    if (!playlist.ok()) return playlist.status();
    playlist_ = *std::move(playlist);
    return absl::OkStatus();
  }

  absl::Status OpenSink() {
    sinks::SinkOptions sink_options = options_.sink;
    sink_options.notice = [this](std::string_view line) { printer_.Notice(line); };
    sink_options.stop_requested = [this] { return stop_.is_raised(); };
    sink_options.now_unix_milliseconds = clock_.WallUnixNanoseconds() / 1'000'000;
    absl::StatusOr<std::unique_ptr<sinks::Sink>> sink =
        sinks::MakeSink(sink_options, reader_->catalogue());
    if (!sink.ok()) return sink.status();
    sink_ = *std::move(sink);
    return sink_->Open();
  }

  replay::PlayerOptions PlayerOptions() {
    replay::PlayerOptions player_options = {
        .pace = options_.pace, .rate_max = options_.rate_max, .timestamps = options_.timestamps};
    player_options.on_notice = [this](std::string_view line) { printer_.Notice(line); };
    player_options.progress_interval = printer_.interval();
    if (printer_.is_shown()) {
      const sim::VirtualTime end = playlist_->end();
      const ReplayFrame frame = {.pace = options_.pace,
                                 .start_unix_nanoseconds = reader_->info().start_unix_nanoseconds,
                                 .from = playlist_->begin(),
                                 .until = end < sim::VirtualTime::Max()
                                              ? std::optional<sim::VirtualTime>(end)
                                              : std::nullopt};
      player_options.on_progress = [this, frame](const replay::Progress& progress) {
        printer_.Show(ProgressText(frame, progress));
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
      printer_.Print(ReportText(sink_->Describe(), options_.pace, outcome.report));
    }
    const sinks::Counts& messages = outcome.report.messages;
    const std::uint64_t unanswered = messages.messages_sent - messages.messages_acknowledged;
    if (unanswered != 0) {
      printer_.Notice(absl::StrCat(unanswered, " messages were sent but not acknowledged"));
    }
    switch (outcome.ending) {
      case replay::Ending::kFinished:
        if (!outcome.status.ok()) {
          printer_.Notice(std::string(outcome.status.message()));
          printer_.Notice("the trace is not whole; everything that could be read was sent");
        }
        if (closed.ok() && unanswered == 0 && !outcome.status.ok()) return kExitIncomplete;
        return Done(closed, unanswered);
      case replay::Ending::kQuit:
        return Done(closed, unanswered);
      case replay::Ending::kInterrupted:
        printer_.Notice("interrupted");
        return kExitInterrupted;
      case replay::Ending::kSinkFailed:
        return Fail(outcome.status);
      case replay::Ending::kTraceUnreadable:
        printer_.Notice(std::string(outcome.status.message()));
        return kExitUsage;
      case replay::Ending::kReaderGone:
        break;
    }
    return kExitDone;
  }

  int Done(const absl::Status& closed, std::uint64_t unanswered) {
    if (!closed.ok()) return Fail(closed);
    return unanswered != 0 ? kExitNo : kExitDone;
  }

  // A destination that takes no more: a full disk is an unwritable output, anything else a
  // delivery that failed.
  int Fail(const absl::Status& status) {
    printer_.Notice(std::string(status.message()));
    return absl::IsResourceExhausted(status) ? kExitUsage : kExitNo;
  }

  bool WriteReport(const replay::RunReport& report) {
    if (report_output_ == nullptr) return true;
    absl::Status status = report_output_->Write(replay::ToJson(report));
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
  std::unique_ptr<traces::FileOutput> report_output_;
  std::unique_ptr<sinks::Sink> sink_;
  replay::Player* player_ = nullptr;  // while it plays
};

}  // namespace
}  // namespace groundhog::cli

int main(int argc, char** argv) {
  using namespace groundhog::cli;
  CLI::App program("Streams a trace into Kafka, JSON lines or nothing: on time, losing nothing.",
                   "groundhog-replay");
  DescribeProgram(program,
                  "groundhog-replay day.ghog --to kafka://localhost:9092 --speed 1440x\n"
                  "groundhog-replay day.ghog --to jsonl:- --speed max | wc -l\n"
                  "groundhog-replay day.ghog --to kafka://embedded --from 14h --until 14h30m\n"
                  "groundhog-replay day.ghog --to null: --speed 60x --report run.json\n"
                  "groundhog record -o - --duration forever | groundhog-replay - --to jsonl:-");
  ReplayOptions options;
  AddReplayOptions(program, options);
  Selection selection;
  selection.run = [&program, &options]() -> int {
    if (absl::Status status = CompleteReplayOptions(program, options); !status.ok()) {
      PrintError(program.get_name(), status);
      return kExitUsage;
    }
    return Replay(options).Run();
  };
  return RunProgram(program, argc, argv, selection);
}
