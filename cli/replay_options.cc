#include "cli/replay_options.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/choice.h"
#include "cli/parsed_option.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

// --to or --check, one of them; a dry run needs neither.
absl::Status SettleDestination(const CLI::App& program, ReplayOptions& options) {
  if (options.check.empty()) {
    if (!options.sink.to.empty() || options.play.is_dry_run) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "--to is required: where shall the records go? (or --check, to read them back)");
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
        absl::StrCat("--check ", options.check, ": only kafka://HOST:PORT can be read back"));
  }
  options.sink.to = options.check;
  return absl::OkStatus();
}

}  // namespace

void AddReplayOptions(CLI::App& program, ReplayOptions& options) {
  // Required, but not by CLI11, which would take the word `ctl` for it.
  program.add_option("FILE", options.file, "The trace to play; - for standard input");
  program
      .add_option(
          "--to", options.sink.to,
          "kafka://HOST:PORT[,HOST:PORT...], kafka://embedded, jsonl:PATH, jsonl:- or null:")
      ->type_name("SINK");
  program
      .add_option("--check", options.check,
                  "Instead of sending: read topics back and hold them against the trace")
      ->type_name("kafka://HOST:PORT");
  AddReplayPlayOptions(program, options.play);
  AddKafkaOptions(program, options.sink, options.kafka_files);
  AddDeliveryOptions(program, options.sink);
  AddParsed(program,
            {"--timeout", "30s",
             "The longest wait without acknowledged progress, or for a connection (default: 30s)"},
            DurationInto(&options.sink.timeout, sim::Milliseconds(1)));
  program.add_option("--report", options.report, "Write what became of it as JSON; - for stdout")
      ->type_name("FILE");
  AddChoice(program, "--progress", options.progress,
            {{"auto", ProgressMode::kAuto},
             {"always", ProgressMode::kAlways},
             {"never", ProgressMode::kNever}},
            "auto (default: on a terminal), always, never");
  program.add_flag("-q,--quiet", options.is_quiet,
                   "No progress and no report on standard error; only notices and errors");
}

absl::Status CompleteReplayOptions(const CLI::App& program, ReplayOptions& options) {
  if (program.count("FILE") == 0) {
    return absl::InvalidArgumentError("FILE is required; see 'groundhog-replay --help'");
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
