// groundhog record: live a scenario's day and write its trace.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/scenario_options.h"
#include "cli/groundhog/writer_options.h"
#include "cli/shared/choice.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/program.h"
#include "cli/shared/progress_printer.h"
#include "cli/shared/stop_handler.h"
#include "model/claims/claim_check.h"
#include "model/review/offered_load.h"
#include "model/truth/exact_world.h"
#include "model/world/world.h"
#include "sim/time.h"
#include "text/time_text.h"
#include "traces/writer.h"

namespace groundhog::cli {
namespace {

// How far a run goes before it looks for Ctrl-C and reports progress, also when nothing happens.
constexpr sim::Duration kStepMax = sim::Minutes(10);

// A run is reported as growing once it has this many records, which take a while to write, and this
// many times those that its traffic asks for: a bad day, on which every second call is tried again
// and each failure is logged at every level above it, stays below.
constexpr std::uint64_t kGrowthRecordsMin = 1'000'000;
constexpr double kGrowthNoticed = 5;

// With either method of finding the truth.
using LivedWorld = std::variant<model::World, model::ExactWorld>;

struct RecordOptions {
  ScenarioOptions scenario;
  std::string output;
  traces::WriterOptions writer;
  int threads = 1;
  std::optional<traces::TruthMethod> truth;  // without it the trace's that is recorded again
  bool ignores_claims = false;
  ProgressMode progress = ProgressMode::kAuto;
  bool is_quiet = false;
};

// A signal handler reaches nothing but statics.
volatile std::sig_atomic_t interrupted = 0;

traces::TraceInfo InfoOf(const model::ParsedScenario& parsed, traces::TruthMethod truth) {
  const model::Scenario& scenario = parsed.scenario;
  return {.program_version = GROUNDHOG_VERSION,
          .scenario_name = scenario.name,
          .scenario_text = parsed.text,
          .overrides = parsed.overrides,
          .seed = scenario.seed,
          .trace_key = model::World::TraceKey(scenario.seed),
          .start_unix_nanoseconds = scenario.start_unix_nanoseconds,
          .duration = scenario.duration,
          .resolution = model::UnitOf(scenario.resolution),
          .truth_method = truth};
}

class Recording {
 public:
  // `claims`: what is checked on the way; null: nothing.
  Recording(const RecordOptions& options, const model::Scenario& scenario, LivedWorld world,
            std::unique_ptr<traces::Writer> writer, std::unique_ptr<model::ClaimCheck> claims)
      : options_(options),
        scenario_(scenario),
        world_(std::move(world)),
        writer_(std::move(writer)),
        claims_(std::move(claims)),
        printer_(kProgram, options.is_quiet ? ProgressMode::kNever : options.progress,
                 /*stdout_is_busy=*/false) {}

  // Aborted: the world ran away. Otherwise as Writer::Append.
  absl::Status Run() {
    const sim::VirtualTime end{scenario_.duration};
    while (reached_ < end && interrupted == 0) {
      const sim::VirtualTime step = end - reached_ > kStepMax ? reached_ + kStepMax : end;
      if (absl::Status status = Advance(step, options_.writer.chunk_records); !status.ok()) {
        return status;
      }
      NoticeGrowth();
      ShowProgress();
    }
    if (reached_ < end) {
      // Interrupted: finish the nanosecond, so that the trace covers whole instants.
      const absl::Status status = Advance(reached_ + sim::Nanoseconds(1), SIZE_MAX);
      if (!status.ok()) return status;
    }
    return writer_->Finish();
  }

  // False: an expectation is broken.
  bool Report() {
    if (!options_.is_quiet) {
      printer_.Notice(absl::StrCat("recorded ", ProgressText(), " from seed ", scenario_.seed, ": ",
                                   options_.output));
      printer_.Notice(absl::StrCat("digest ", traces::ToHex(writer_->summary().digest)));
    }
    return claims_ == nullptr || ReportClaims(claims_->Finish(reached_));
  }

 private:
  bool ReportClaims(const model::ClaimReport& report) {
    for (const std::string& problem : report.broken) printer_.Notice(problem);
    if (!options_.is_quiet) {
      std::string line =
          absl::StrCat("expectations: ", report.held, " of ", report.checked(), " hold");
      if (report.not_checked > 0) {
        absl::StrAppend(&line, "; ", report.not_checked,
                        " not checked: their time is not in this recording");
      }
      printer_.Notice(line);
    }
    return report.broken.empty();
  }

  absl::Status Advance(sim::VirtualTime until, std::size_t enough) {
    records_.clear();
    const absl::StatusOr<sim::VirtualTime> reached =
        std::visit([&](auto& world) { return world.Run(until, enough, &records_); }, world_);
    // Aborted, not ResourceExhausted: exit 1, not 2, as for a full disk. A world that runs away is
    // an answer about the scenario.
    if (!reached.ok()) return absl::AbortedError(reached.status().message());
    reached_ = *reached;
    if (claims_ != nullptr) claims_->Take(records_);
    if (absl::Status status = writer_->Append(records_); !status.ok()) return status;
    return writer_->AdvanceTo(reached_);
  }

  // Says once, early, that retries or the like make the run much larger than its traffic is. By
  // virtual time and records alone, so that each run of the scenario says it at the same place.
  void NoticeGrowth() {
    const std::uint64_t records = writer_->summary().records;
    if (options_.is_quiet || records < next_look_) return;
    next_look_ = records + records / 4;
    if (!offered_.has_value()) offered_.emplace(scenario_);
    const double offered = offered_->Until(reached_.since_start());
    if (static_cast<double>(records) < kGrowthNoticed * offered) return;
    next_look_ = UINT64_MAX;
    printer_.Notice(absl::StrCat(
        "notice: this run is many times larger than its traffic: ", records, " records in ",
        ReachedText(), " of ", text::FormatDuration(scenario_.duration),
        ", and its journeys ask for ", absl::StrFormat("%.0f", offered),
        "; Ctrl-C ends it and keeps what is recorded, --duration makes it shorter, fewer 'retries' "
        "or a 'budget_percent' of them make it smaller"));
  }

  // Counted in steps, not in seconds: a program that simulates time has no use for a clock.
  void ShowProgress() {
    if (++steps_ % 16 == 0) printer_.Show("recording " + ProgressText());
  }

  // In whole seconds.
  std::string ReachedText() const {
    return text::FormatDuration(sim::Seconds(reached_.since_start() / sim::Seconds(1)));
  }

  // "24h of shop, 1043212 records, 14.1 MB"
  std::string ProgressText() const {
    return absl::StrCat(
        ReachedText(), " of ", scenario_.name, ", ", writer_->summary().records, " records, ",
        absl::StrFormat("%.1f MB", static_cast<double>(writer_->bytes_written()) / 1e6));
  }

  const RecordOptions& options_;
  const model::Scenario& scenario_;
  LivedWorld world_;
  std::unique_ptr<traces::Writer> writer_;
  std::unique_ptr<model::ClaimCheck> claims_;
  std::optional<model::OfferedRecords> offered_;  // made when it is first asked: it costs time
  ProgressPrinter printer_;
  std::uint64_t next_look_ = kGrowthRecordsMin;
  std::vector<traces::Record> records_;
  sim::VirtualTime reached_;
  std::uint64_t steps_ = 0;
};

// `forever` never ends by itself: it must go to a reader that does.
bool IsStream(const std::string& output) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(output, error);
  return output == "-" || std::filesystem::is_fifo(status) ||
         std::filesystem::is_character_file(status);
}

// Tells why recording failed, unless the reader of our pipe has gone: it has had all it wanted.
int ExitCodeFor(const absl::Status& failure) {
  if (absl::IsCancelled(failure)) return interrupted != 0 ? kExitInterrupted : kExitDone;
  PrintError(kProgram, failure);
  return absl::IsAborted(failure) ? kExitNo : kExitUsage;
}

absl::StatusOr<LivedWorld> MakeWorld(const model::Scenario& scenario, traces::TruthMethod truth) {
  if (truth == traces::TruthMethod::kExact) return model::ExactWorld::Create(scenario);
  return model::World::Create(scenario);
}

int Record(const RecordOptions& options) {
  const std::optional<LoadedScenario> parsed = LoadScenario(options.scenario);
  if (!parsed) return kExitUsage;
  if (parsed->scenario.duration == sim::Duration::Max() && !IsStream(options.output)) {
    PrintError(kProgram, "--duration forever would fill the disk: write to '-' or a FIFO (-o -)");
    return kExitUsage;
  }
  const traces::TruthMethod truth = options.truth.value_or(parsed->truth_method);
  absl::StatusOr<LivedWorld> world = MakeWorld(parsed->scenario, truth);
  if (!world.ok()) {
    PrintError(kProgram, world.status());
    return kExitUsage;
  }
  const traces::Catalogue& catalogue = std::visit(
      [](const auto& each) -> const traces::Catalogue& { return each.catalogue(); }, *world);
  absl::StatusOr<std::unique_ptr<traces::Writer>> writer =
      traces::Writer::Open(options.output, InfoOf(*parsed, truth), catalogue, options.writer);
  if (!writer.ok()) return ExitCodeFor(writer.status());
  SetStopHandler({.on_first = [] { interrupted = 1; }});
  std::unique_ptr<model::ClaimCheck> claims;
  if (!options.ignores_claims && !parsed->scenario.claims.empty()) {
    claims = std::make_unique<model::ClaimCheck>(parsed->scenario, catalogue);
  }
  Recording recording(options, parsed->scenario, *std::move(world), *std::move(writer),
                      std::move(claims));
  const absl::Status status = recording.Run();
  if (!status.ok()) return ExitCodeFor(status);
  const bool are_claims_held = recording.Report();
  if (interrupted != 0) return kExitInterrupted;
  return are_claims_held ? kExitDone : kExitNo;
}

}  // namespace

void AddRecordCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "record", "Live a scenario's day and write its trace",
                 "groundhog record -o day.ghog\n"
                 "groundhog record shop --seed 7 --duration 2h -o short.ghog\n"
                 "groundhog record my-shop.yaml --without auth-outage -o healthy.ghog\n"
                 "groundhog record day.ghog --without auth-outage -o healthy-day.ghog\n"
                 "groundhog record --set journeys.checkout.deadline=200ms --no-expect "
                 "-o impatient.ghog\n"
                 "groundhog record --duration forever -o - | groundhog-replay - --to jsonl:-");
  AddExitCodes(
      *command,
      {{kExitDone, "recorded; also when the reader of its pipe stops reading"},
       {kExitNo,
        "recorded, and one of the scenario's expectations is broken; or the world ran away "
        "(too many requests at a time), or memory ran out"},
       {kExitInterrupted,
        "stopped by Ctrl-C, SIGTERM or a closed terminal; what was recorded is a shorter "
        "valid trace"}});
  const auto options = std::make_shared<RecordOptions>();
  AddScenarioOptions(*command, options->scenario);
  AddTraceOutput(*command, options->output);
  AddWriterOptions(*command, options->writer);
  AddParsed(
      *command,
      {"--threads", "N",
       "Use at most N threads, from 1 to 1024; the bytes stay the same (at present one is used)"},
      NumberInto(&options->threads, 1, 1024));
  AddChoice(
      *command, "--truth", options->truth, traces::kTruthMethodNames,
      "How the cause of each record is found; local (default): by a rule, as it happens; exact: "
      "by living the day once more without each fault, which takes so many times longer; a trace "
      "is recorded again as it was, unless this says otherwise");
  command->add_flag("--no-expect", options->ignores_claims,
                    "Do not check what the scenario expects of its records");
  AddChoice(*command, "--progress", options->progress, kProgressModeNames,
            "Whether to show progress on standard error; auto (default): on a terminal");
  command->add_flag("-q,--quiet", options->is_quiet, "Print nothing but errors");
  SetRun(*command, selection, [options, command] {
    if (!CheckTraceOutput(*command, options->output, options->writer)) return int{kExitUsage};
    return Record(*options);
  });
}

}  // namespace groundhog::cli
