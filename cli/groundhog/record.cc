// groundhog record: live a scenario's day and write its trace.
#include "traces/record.h"

#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/golden.h"
#include "cli/groundhog/lived_day.h"
#include "cli/groundhog/replaced_input.h"
#include "cli/groundhog/scenario_options.h"
#include "cli/groundhog/writer_options.h"
#include "cli/shared/choice.h"
#include "cli/shared/colour.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/program.h"
#include "cli/shared/progress_printer.h"
#include "cli/shared/stop_handler.h"
#include "model/claims/claim_check.h"
#include "model/review/offered_load.h"
#include "sim/time.h"
#include "text/printable.h"
#include "text/time_text.h"
#include "traces/digest.h"
#include "traces/hash128.h"
#include "traces/writer.h"

namespace groundhog::cli {
namespace {

// A run is reported as growing once it has this many records, which take a while to write, and this
// many times those that its traffic asks for: a bad day, on which every second call is tried again
// and each failure is logged at every level above it, stays below.
constexpr std::uint64_t kGrowthRecordsMin = 1'000'000;
constexpr double kGrowthNoticed = 5;

struct RecordOptions {
  ScenarioOptions scenario;
  std::string output;            // empty: only compared
  std::string golden;            // a trace or a digest; empty: nothing is compared
  bool is_reproduction = false;  // the day is that of the golden trace's header
  traces::WriterOptions writer;
  int threads = 1;
  std::optional<traces::TruthMethod> truth;  // without it the trace's that is recorded again
  bool ignores_claims = false;
  ProgressMode progress = ProgressMode::kAuto;
  bool is_quiet = false;
};

// A signal handler reaches nothing but statics.
volatile std::sig_atomic_t interrupted = 0;

// Where records go: into a trace; or, where none is wanted, only into the digest it would have.
class Destination {
 public:
  // `writer` may be null.
  Destination(const LivedDay& day, std::unique_ptr<traces::Writer> writer)
      : writer_(std::move(writer)),
        trace_key_(day.info().trace_key),
        digest_(day.info(), day.catalogue()) {}

  // No record before `reached` will come. As Writer::Append.
  absl::Status Append(const std::vector<traces::Record>& records, sim::VirtualTime reached) {
    if (writer_ == nullptr) {
      digest_.Add(records, trace_key_);
      return absl::OkStatus();
    }
    if (absl::Status status = writer_->Append(records); !status.ok()) return status;
    return writer_->AdvanceTo(reached);
  }
  absl::Status Finish() { return writer_ == nullptr ? absl::OkStatus() : writer_->Finish(); }

  bool is_file() const { return writer_ != nullptr; }
  std::uint64_t records() const {
    return writer_ == nullptr ? digest_.records() : writer_->summary().records;
  }
  std::uint64_t bytes_written() const { return writer_ == nullptr ? 0 : writer_->bytes_written(); }
  // After Finish.
  traces::Hash128 digest() const {
    return writer_ == nullptr ? digest_.Digest() : writer_->summary().digest;
  }

 private:
  std::unique_ptr<traces::Writer> writer_;
  std::uint64_t trace_key_;
  traces::DigestBuilder digest_;  // unused with a writer, which has its own
};

class Recording {
 public:
  // `claims`: what is checked on the way; null: nothing.
  Recording(const RecordOptions& options, const model::Scenario& scenario, LivedDay day,
            std::unique_ptr<traces::Writer> writer, std::unique_ptr<model::ClaimCheck> claims)
      : options_(options),
        scenario_(scenario),
        day_(std::move(day)),
        destination_(day_, std::move(writer)),
        claims_(std::move(claims)),
        printer_(kProgram, options.is_quiet ? ProgressMode::kNever : options.progress,
                 /*stdout_is_busy=*/false) {}

  // Aborted: the world ran away. Otherwise as Writer::Append.
  absl::Status Run() {
    while (!day_.is_over() && interrupted == 0) {
      absl::Status status = day_.LiveOn(options_.writer.chunk_records, &records_);
      if (status.ok()) status = Take();
      if (!status.ok()) return status;
      NoticeGrowth();
      ShowProgress();
    }
    if (!day_.is_over()) {  // interrupted
      absl::Status status = day_.FinishInstant(&records_);
      if (status.ok()) status = Take();
      if (!status.ok()) return status;
    }
    return destination_.Finish();
  }

  // False: an expectation is broken.
  bool Report() {
    if (!options_.is_quiet) {
      printer_.Notice(
          absl::StrCat("recorded ", ProgressText(), " from seed ", scenario_.seed,
                       destination_.is_file() ? ": " + text::Printable(options_.output) : ""));
      printer_.Notice(absl::StrCat("digest ", traces::ToHex(digest())));
    }
    return claims_ == nullptr || ReportClaims(claims_->Finish(day_.reached()));
  }

  // Of what was recorded, after Run.
  traces::Hash128 digest() const { return destination_.digest(); }

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

  absl::Status Take() {
    if (claims_ != nullptr) claims_->Take(records_);
    return destination_.Append(records_, day_.reached());
  }

  // Says once, early, that retries or the like make the run much larger than its traffic is. By
  // virtual time and records alone, so that each run of the scenario says it at the same place.
  void NoticeGrowth() {
    const std::uint64_t records = destination_.records();
    if (options_.is_quiet || records < next_look_) return;
    next_look_ = records + records / 4;
    if (!offered_.has_value()) offered_.emplace(scenario_);
    const double offered = offered_->Until(day_.reached().since_start());
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
    return text::FormatDuration(sim::Seconds(day_.reached().since_start() / sim::Seconds(1)));
  }

  // "24h of shop, 1043212 records, 14.1 MB"; without the size where nothing is written.
  std::string ProgressText() const {
    std::string text = absl::StrCat(ReachedText(), " of ", scenario_.name, ", ",
                                    destination_.records(), " records");
    if (!destination_.is_file()) return text;
    return text +
           absl::StrFormat(", %.1f MB", static_cast<double>(destination_.bytes_written()) / 1e6);
  }

  const RecordOptions& options_;
  const model::Scenario& scenario_;
  LivedDay day_;
  Destination destination_;
  std::unique_ptr<model::ClaimCheck> claims_;
  std::optional<model::OfferedRecords> offered_;  // made when it is first asked: it costs time
  ProgressPrinter printer_;
  std::uint64_t next_look_ = kGrowthRecordsMin;
  std::vector<traces::Record> records_;
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

// What to do if another day is what was meant.
std::string RenewalText(const RecordOptions& options, const Golden& golden) {
  if (golden.trace() == nullptr) return "if this is meant, expect the new digest";
  const std::string make = options.output.empty() || IsStream(options.output)
                               ? "record it again with --output and without --expect"
                               : "replace it by " + text::Printable(options.output);
  return "if this is meant, " + make + ", to renew " + golden.name();
}

// Says whether a recording with this digest is the golden one, and if not, where they part. Returns
// the exit code.
int CompareWithGolden(const RecordOptions& options, const LoadedScenario& parsed,
                      traces::TruthMethod truth, traces::Hash128 digest, Golden& golden) {
  ProgressPrinter printer(kProgram, ProgressMode::kNever, /*stdout_is_busy=*/false);
  if (digest == golden.digest()) {
    if (!options.is_quiet) {
      printer.Notice(options.is_reproduction     ? golden.name() + " is reproducible"
                     : golden.trace() != nullptr ? "the same day as " + golden.name()
                                                 : "the digest is the expected one");
    }
    return kExitDone;
  }
  absl::StatusOr<LivedDay> day = LivedDay::Begin(parsed, truth);
  if (!day.ok()) return ExitCodeFor(day.status());
  LivedChunks again(*std::move(day), {.chunk_records = options.writer.chunk_records,
                                      .stop_requested = [] { return interrupted != 0; }});
  const absl::StatusOr<Golden::Description> description = golden.Describe(
      {.info = again.day().info(),
       .catalogue = again.day().catalogue(),
       .digest = digest,
       .output = options.output,
       .records = [&again](std::vector<traces::Record>* records,
                           std::uint64_t* trace_key) { return again.Next(records, trace_key); },
       .is_of_own_header = options.is_reproduction,
       .is_coloured = IsColoured(STDERR_FILENO)});
  if (interrupted != 0) return kExitInterrupted;
  if (!again.status().ok()) return ExitCodeFor(again.status());
  if (!description.ok()) return ExitCodeFor(description.status());
  for (const std::string& line : description->notices) printer.Notice(line);
  printer.Print(description->page);
  if (!options.is_reproduction && !options.is_quiet) printer.Notice(RenewalText(options, golden));
  return kExitNo;
}

// What the day is compared with; null: with nothing. The errors of Golden::Open, and
// InvalidArgument where --output would replace it.
absl::StatusOr<std::unique_ptr<Golden>> OpenGolden(const RecordOptions& options) {
  const std::string& expected = options.golden;
  if (expected.empty()) return nullptr;
  if (options.is_reproduction && expected == "-") {
    return absl::InvalidArgumentError(
        "--check-reproducible may read a trace several times: give a file instead of '-'");
  }
  if (WouldReplace(options.output, expected) || WouldGrowIn(options.output, expected)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--output would replace ", text::Printable(expected),
                     ", which is compared with: give another name; to renew it, record it without "
                     "--expect"));
  }
  absl::StatusOr<Golden> golden = Golden::Open(expected);
  if (!golden.ok()) return golden.status();
  if (golden->trace() == nullptr && options.is_reproduction) {
    return absl::InvalidArgumentError(
        "--check-reproducible needs a trace, whose header says what to record; with a digest: "
        "groundhog record SCENARIO --expect DIGEST");
  }
  return std::make_unique<Golden>(*std::move(golden));
}

// Whether a day without end goes to where that makes sense; prints why not.
bool CheckForever(const RecordOptions& options, const model::Scenario& scenario) {
  if (scenario.duration != sim::Duration::Max()) return true;
  if (!options.golden.empty()) {
    PrintError(kProgram, "--duration forever has no end to be compared: give a length");
    return false;
  }
  if (IsStream(options.output)) return true;
  PrintError(kProgram, "--duration forever would fill the disk: write to '-' or a FIFO (-o -)");
  return false;
}

int Record(const RecordOptions& options) {
  absl::StatusOr<std::unique_ptr<Golden>> golden = OpenGolden(options);
  if (!golden.ok()) {
    PrintError(kProgram, golden.status());
    return kExitUsage;
  }
  const std::optional<LoadedScenario> parsed = LoadScenario(options.scenario);
  if (!parsed) {
    if (options.is_reproduction && !OtherVersionText(**golden).empty()) {
      PrintError(kProgram, OtherVersionText(**golden));
    }
    return kExitUsage;
  }
  if (!CheckForever(options, parsed->scenario)) return kExitUsage;
  const traces::TruthMethod truth = options.truth.value_or(parsed->truth_method);
  absl::StatusOr<LivedDay> day = LivedDay::Begin(*parsed, truth);
  if (!day.ok()) {
    PrintError(kProgram, day.status());
    return kExitUsage;
  }
  std::unique_ptr<traces::Writer> writer;
  if (!options.output.empty()) {
    absl::StatusOr<std::unique_ptr<traces::Writer>> opened =
        traces::Writer::Open(options.output, day->info(), day->catalogue(), options.writer);
    if (!opened.ok()) return ExitCodeFor(opened.status());
    writer = *std::move(opened);
  }
  SetStopHandler({.on_first = [] { interrupted = 1; }});
  std::unique_ptr<model::ClaimCheck> claims;
  if (!options.ignores_claims && !options.is_reproduction && !parsed->scenario.claims.empty()) {
    claims = std::make_unique<model::ClaimCheck>(parsed->scenario, day->catalogue());
  }
  Recording recording(options, parsed->scenario, *std::move(day), std::move(writer),
                      std::move(claims));
  const absl::Status status = recording.Run();
  const bool is_compared = *golden != nullptr;
  if (is_compared && (interrupted != 0 || absl::IsCancelled(status))) {
    PrintError(kProgram, "the day was not recorded to its end, so it is not compared");
  }
  if (absl::IsCancelled(status) && is_compared && interrupted == 0) return kExitUsage;
  if (!status.ok()) return ExitCodeFor(status);
  const bool are_claims_held = recording.Report();
  if (interrupted != 0) return kExitInterrupted;
  const int verdict = is_compared
                          ? CompareWithGolden(options, *parsed, truth, recording.digest(), **golden)
                          : int{kExitDone};
  return verdict != kExitDone || are_claims_held ? verdict : kExitNo;
}

void AddGoldenOptions(CLI::App& command, RecordOptions& options) {
  CLI::Option* const expect =
      command
          .add_option("--expect", options.golden,
                      "Compare the day with this golden trace, or with the digest of one: exit 1 "
                      "if it is another day, after showing where they part")
          ->type_name("FILE|DIGEST")
          ->check(NeedsName);
  CLI::Option* const check =
      command
          .add_option_function<std::string>(
              "--check-reproducible",
              [&options](const std::string& file) {
                options.golden = file;
                options.scenario.scenario = file;
                options.is_reproduction = true;
              },
              "Record this trace again from its own header and compare: scenario, overrides, seed, "
              "length and truth are the trace's, and its expectations are not checked")
          ->type_name("FILE")
          ->check(NeedsName);
  check->excludes(expect);
  for (const char* name : {"SCENARIO", "--seed", "--duration", "--start", "--scale", "--without",
                           "--set", "--truth"}) {
    check->excludes(command.get_option(name));
  }
}

void AddMeaning(CLI::App& command) {
  AddNotes(command,
           "With --expect or --check-reproducible nothing is written unless --output is given. The "
           "day is compared by its digest. If that is another one, the day is lived once more "
           "beside the golden trace, and standard error gets what 'groundhog diff --summary' "
           "prints: A is the golden trace, B the day. docs/GOLDEN.md shows how a CI uses this.");
  AddExitCodes(
      command,
      {{kExitDone,
        "recorded, and as expected; also when the reader of its pipe stops reading and nothing is "
        "compared"},
       {kExitNo,
        "recorded, and not the golden day, or not reproducible, or one of the scenario's "
        "expectations is broken; or the world ran away (too many requests at a time), or memory "
        "ran out"},
       {kExitUsage,
        "wrong usage, a scenario with mistakes, unwritable output, or a golden trace that is "
        "unreadable, damaged or incomplete"},
       {kExitInterrupted,
        "stopped by Ctrl-C, SIGTERM or a closed terminal; what was recorded is a shorter "
        "valid trace"}});
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
                 "groundhog record --expect day.ghog\n"
                 "groundhog record --check-reproducible day.ghog\n"
                 "groundhog record --duration forever -o - | groundhog-replay - --to jsonl:-");
  AddMeaning(*command);
  const auto options = std::make_shared<RecordOptions>();
  AddScenarioOptions(*command, options->scenario);
  AddTraceOutput(*command, options->output)->required(false);
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
  AddGoldenOptions(*command, *options);
  command->add_flag("--no-expect", options->ignores_claims,
                    "Do not check what the scenario itself expects of its records");
  AddChoice(*command, "--progress", options->progress, kProgressModeNames,
            "Whether to show progress on standard error; auto (default): on a terminal");
  command->add_flag("-q,--quiet", options->is_quiet, "Print nothing but errors");
  SetRun(*command, selection, [options, command] {
    if (options->output.empty() && options->golden.empty()) {
      PrintError(kProgram,
                 "--output FILE is missing: the trace file to write; only --expect and "
                 "--check-reproducible do without; see 'groundhog record --help'");
      return int{kExitUsage};
    }
    if (!CheckTraceOutput(*command, options->output, options->writer)) return int{kExitUsage};
    return Record(*options);
  });
}

}  // namespace groundhog::cli
