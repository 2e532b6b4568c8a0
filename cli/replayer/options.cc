#include "cli/replayer/options.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/shared/choice.h"
#include "cli/shared/command.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/usage_message.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

// --to or --check, one of them; a dry run needs neither.
absl::Status SettleDestination(const CLI::App& program, ReplayOptions& options) {
  if (program.count("--check") == 0) {
    if (options.allows_doubles) {
      return absl::InvalidArgumentError(
          "--at-least-once is for --check kafka://...; to send so, use --resume FILE");
    }
    if (!options.sink.to.empty() || options.play.is_dry_run) return absl::OkStatus();
    const std::string slip = CommandSlip(program, options.file);
    if (!slip.empty()) return absl::InvalidArgumentError(slip);
    return absl::InvalidArgumentError(
        "--to SINK is missing: where shall the records go? (or --check, to read them back)");
  }
  for (const char* flag :
       {"--to", "--speed", "--rate", "--max-rate", "--max-gap", "--catch-up", "--start-paused",
        "--control", "--dry-run", "--fail-if-lateness", "--exactly-once", "--resume", "--reset",
        "--partitions", "--kafka-stats", "--linger"}) {
    if (program.count(flag) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " is for sending; --check reads what was sent"));
    }
  }
  if (!options.check.starts_with("kafka:")) {
    return absl::InvalidArgumentError(
        absl::StrCat("--check '", options.check, "': only kafka://HOST:PORT can be read back"));
  }
  options.sink.to = options.check;
  return absl::OkStatus();
}

}  // namespace

void AddReplayOptions(CLI::App& program, ReplayOptions& options) {
  AsCommand(program).usages = {"groundhog-replay FILE --to SINK [OPTIONS]",
                               "groundhog-replay FILE --check kafka://HOST:PORT [OPTIONS]",
                               "groundhog-replay COMMAND"};
  // Required, unless there is a command: CompleteReplayOptions sees to it.
  program.add_option("FILE", options.file, "The trace to play; - for standard input");
  CLI::Option* const to = program.add_option(
      "--to", options.sink.to,
      "Where records go: kafka://HOST:PORT[,HOST:PORT...], kafka://embedded, jsonl:PATH, jsonl:- "
      "or null:");
  to->type_name("SINK");
  OfferValues(
      program, to,
      {.words = {"kafka://", "kafka://embedded", "jsonl:-", "null:"}, .file_prefixes = {"jsonl:"}});
  CLI::Option* const check =
      program.add_option("--check", options.check,
                         "Instead of sending: read topics back and compare them with the trace");
  check->type_name("kafka://HOST:PORT");
  OfferValues(program, check, {.words = {"kafka://"}});
  program.add_flag("--at-least-once", options.allows_doubles,
                   "With --check: messages that are there twice are counted, and are no fault");
  AddReplayPlayOptions(program, options.play);
  AddKafkaOptions(program, options.sink, options.kafka_files);
  AddDeliveryOptions(program, options.sink);
  AddParsed(program,
            {"--timeout", "D",
             "The longest wait for a connection, or without acknowledged progress (default: 30s)"},
            DurationInto(&options.sink.timeout, sim::Milliseconds(1)));
  program
      .add_option("--report", options.report,
                  "Write the report there as JSON; - for standard output")
      ->type_name("FILE")
      ->check(NeedsName);
  AddChoice(program, "--progress", options.progress,
            {{"auto", ProgressMode::kAuto},
             {"always", ProgressMode::kAlways},
             {"never", ProgressMode::kNever}},
            "Whether to show progress on standard error; auto (default): on a terminal");
  program.add_flag("-q,--quiet", options.is_quiet,
                   "Print neither progress nor report on standard error, only notices and errors");
  AddExitCodes(
      program,
      {{kExitDone,
        "everything was delivered; the replay was ended by quit; or the reader of jsonl:- stopped "
        "reading, as head does"},
       {kExitNo,
        "not everything was delivered: the broker was lost, or refused a message; a bound of "
        "--fail-if-lateness was broken; --check found a difference; or no record matched"},
       {kExitUsage,
        "wrong usage; the trace or a file that an option names cannot be read; the output cannot "
        "be written; the broker was never reached, or does not let us in; or what was saved "
        "belongs to another replay"},
       {kExitIncomplete, "the trace was incomplete or damaged; everything whole was delivered"},
       {kExitInterrupted,
        "stopped by Ctrl-C, SIGTERM or a closed terminal, cleanly; what was not acknowledged is "
        "reported"}});
}

absl::Status CompleteReplayOptions(const CLI::App& program, ReplayOptions& options) {
  // A dump shows properties, and needs nothing else.
  if (options.kafka_files.is_dump_wanted) return AddKafkaFiles(options.kafka_files, options.sink);
  if (options.file.empty()) {
    return absl::InvalidArgumentError(
        "FILE is missing: which trace shall be played? See 'groundhog-replay --help'");
  }
  if (absl::Status s = SettleDestination(program, options); !s.ok()) return s;
  if (absl::Status s = CheckReplayPlayOptions(program, options.play); !s.ok()) return s;
  options.play.shard.key = options.sink.key;
  // A shard goes by key, wherever it is sent.
  const KafkaContext context = {.flag = options.check.empty() ? "--to" : "--check",
                                .needs_key = options.play.shard.count > 1};
  if (absl::Status s = CompleteKafkaOptions(program, context, options.sink, options.kafka_files);
      !s.ok()) {
    return s;
  }
  if (options.report == "-" && options.sink.to == "jsonl:-") {
    return absl::InvalidArgumentError("--report - and --to jsonl:- both want standard output");
  }
  return absl::OkStatus();
}

}  // namespace groundhog::cli
