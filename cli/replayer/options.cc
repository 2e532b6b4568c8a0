#include "cli/replayer/options.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/replayer/delivery_options.h"
#include "cli/replayer/public_address.h"
#include "cli/replayer/reading_back.h"
#include "cli/shared/choice.h"
#include "cli/shared/command.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/usage_message.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

// --to, --check or --audit, one of them; a dry run needs none.
absl::Status SettleDestination(const CLI::App& program, ReplayOptions& options) {
  if (absl::Status s = SettleReadingBack(program, options); !s.ok()) return s;
  if (!options.to.empty() || options.play.is_dry_run) return absl::OkStatus();
  const std::string slip = CommandSlip(program, options.file);
  if (!slip.empty()) return absl::InvalidArgumentError(slip);
  return absl::InvalidArgumentError(
      absl::StrCat("--to SINK is missing: where shall the records go?",
                   ReadableKind(options) != nullptr ? " (or --check, to read them back)" : ""));
}

// Options of one kind of sink, given for another.
absl::Status CheckSinkOptions(const ReplayOptions& options) {
  std::string flag = "--to";
  if (!options.check.empty()) flag = "--check";
  if (!options.audited.empty()) flag = "--audit";
  for (const auto& kind : options.kinds) {
    for (const SinkOption& own : kind->options()) {
      const std::string name = own.option->get_name();
      // A shard goes by key, wherever it is sent.
      const bool has_meaning = name == "--key" && options.play.shard.count > 1;
      if (own.option->count() == 0 || has_meaning) continue;
      if (!own.only_address.empty() && options.to != own.only_address) {
        return absl::InvalidArgumentError(
            absl::StrCat(name, " is for --to ", own.only_address, own.reason));
      }
      if (kind.get() != options.kind) {
        return absl::InvalidArgumentError(absl::StrCat(name, " is for ", flag, " ",
                                                       kind->addresses().any, ", not ",
                                                       PublicAddress(options.to)));
      }
    }
  }
  return absl::OkStatus();
}

void AddDestinationOptions(CLI::App& program, ReplayOptions& options) {
  CLI::Option* const to = program.add_option(
      "--to", options.to, absl::StrCat("Where records go: ", FormsText(options.kinds, "or")));
  ValueOffer offer;
  for (const auto& kind : options.kinds) {
    const ValueOffer& own = kind->addresses().offer;
    offer.words.insert(offer.words.end(), own.words.begin(), own.words.end());
    offer.file_prefixes.insert(offer.file_prefixes.end(), own.file_prefixes.begin(),
                               own.file_prefixes.end());
  }
  OfferValues(program, to->type_name("SINK"), offer);
  AddReadingBackOptions(program, options);
}

void AddReplayExitCodes(CLI::App& program, const ReplayOptions& options) {
  AddExitCodes(
      program,
      {{kExitDone,
        "everything was delivered; the replay was ended by quit; or the reader of jsonl:- stopped "
        "reading, as head does"},
       {kExitNo,
        absl::StrCat("not everything was delivered: the server was lost, or refused a message; a "
                     "bound of --fail-if-lateness was broken; ",
                     ReadableKind(options) != nullptr ? "--check or --audit found something; " : "",
                     "or no record matched")},
       {kExitUsage,
        "wrong usage; the trace or a file that an option names cannot be read; the output cannot "
        "be written; the server was never reached, or does not let us in, or a table is not as "
        "it has to be; or what was saved belongs to another replay"},
       {kExitIncomplete, "the trace was incomplete or damaged; everything whole was delivered"},
       {kExitInterrupted,
        "stopped by Ctrl-C, SIGTERM or a closed terminal, cleanly; what was not acknowledged is "
        "reported"}});
}

}  // namespace

void AddReplayOptions(CLI::App& program, ReplayOptions& options) {
  std::vector<std::string>& usages = AsCommand(program).usages;
  usages = {"groundhog-replay FILE --to SINK [OPTIONS]"};
  if (const SinkKind* const readable = ReadableKind(options); readable != nullptr) {
    usages.push_back(absl::StrCat("groundhog-replay FILE --check ", readable->addresses().example,
                                  " [OPTIONS]"));
    usages.push_back(absl::StrCat("groundhog-replay FILE --audit ", readable->addresses().audited,
                                  " [OPTIONS]"));
  }
  usages.emplace_back("groundhog-replay COMMAND");
  // Required, unless there is a command: CompleteReplayOptions sees to it.
  program.add_option("FILE", options.file, "The trace to play; - for standard input");
  AddDestinationOptions(program, options);
  AddReplayPlayOptions(program, options.play);
  sinks::MessageKey& key = options.play.shard.key;
  for (const auto& kind : options.kinds) kind->Register(program, key);
  if (FirstWith(options.kinds, &SinkKind::has_keys) == nullptr) AddKeyOption(program, key);
  AddDeliveryOptions(program, options.kinds, options.sink);
  AddParsed(program,
            {"--timeout", "D",
             "The longest wait for a connection, or without acknowledged progress (default: 30s)"},
            DurationInto(&options.sink.timeout, sim::Milliseconds(1)));
  program
      .add_option("--report", options.report,
                  "Write the report there as JSON; - for standard output")
      ->type_name("FILE")
      ->check(NeedsName);
  AddChoice(program, "--progress", options.progress, kProgressModeNames,
            "Whether to show progress on standard error; auto (default): on a terminal");
  program.add_flag("-q,--quiet", options.is_quiet,
                   "Print neither progress nor report on standard error, only notices and errors");
  AddReplayExitCodes(program, options);
}

absl::Status CompleteReplayOptions(const CLI::App& program, ReplayOptions& options) {
  if (options.file.empty()) {
    return absl::InvalidArgumentError(
        "FILE is missing: which trace shall be played? See 'groundhog-replay --help'");
  }
  if (absl::Status s = SettleDestination(program, options); !s.ok()) return s;
  if (absl::Status s = CheckReplayPlayOptions(program, options.play); !s.ok()) return s;
  options.kind = KindOf(options.kinds, options.to);
  if (absl::Status s = CheckSinkOptions(options); !s.ok()) return s;
  if (absl::Status s = CheckDeliveryOptions(program, options.kinds, options.sink, options.to);
      !s.ok()) {
    return s;
  }
  if (options.kind == nullptr) return absl::OkStatus();
  if (absl::Status s = options.kind->Choose(options); !s.ok()) return s;
  if (options.report == "-" && options.kind->IsStandardOutput(options.to)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--report - and --to ", options.to, " both want standard output"));
  }
  return absl::OkStatus();
}

}  // namespace groundhog::cli
