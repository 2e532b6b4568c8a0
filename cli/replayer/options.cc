#include "cli/replayer/options.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/replayer/delivery_options.h"
#include "cli/shared/choice.h"
#include "cli/shared/command.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/usage_message.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

// The kind whose sinks --check reads; nullptr: this build has none.
const SinkKind* ReadableKind(const ReplayOptions& options) {
  return FirstWith(options.kinds, &SinkKind::can_be_read_back);
}

absl::Status RefuseForSending(std::string_view flag) {
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(flag), " is for sending; --check reads what was sent"));
}

// Of --check: `to` is what it reads.
absl::Status SettleCheck(const CLI::App& program, ReplayOptions& options) {
  for (const char* flag :
       {"--to", "--speed", "--rate", "--max-rate", "--max-gap", "--catch-up", "--start-paused",
        "--control", "--dry-run", "--fail-if-lateness", "--exactly-once", "--resume", "--reset"}) {
    const CLI::Option* const option = program.get_option_no_throw(flag);
    if (option != nullptr && option->count() != 0) return RefuseForSending(flag);
  }
  for (const auto& kind : options.kinds) {
    for (const SinkOption& own : kind->options()) {
      if (own.is_for_sending && own.option->count() != 0) {
        return RefuseForSending(own.option->get_name());
      }
    }
  }
  const SinkKind* const kind = KindOf(options.kinds, options.check);
  if (kind == nullptr || !kind->can_be_read_back()) {
    return absl::InvalidArgumentError(absl::StrCat("--check '", options.check, "': only ",
                                                   ReadableKind(options)->addresses().example,
                                                   " can be read back"));
  }
  options.to = options.check;
  return absl::OkStatus();
}

// --to or --check, one of them; a dry run needs neither.
absl::Status SettleDestination(const CLI::App& program, ReplayOptions& options) {
  const SinkKind* const readable = ReadableKind(options);
  if (readable != nullptr && program.count("--check") != 0) return SettleCheck(program, options);
  if (options.allows_doubles) {
    return absl::InvalidArgumentError(absl::StrCat("--at-least-once is for --check ",
                                                   readable->addresses().any,
                                                   "; to send so, use --resume FILE"));
  }
  if (!options.to.empty() || options.play.is_dry_run) return absl::OkStatus();
  const std::string slip = CommandSlip(program, options.file);
  if (!slip.empty()) return absl::InvalidArgumentError(slip);
  return absl::InvalidArgumentError(
      absl::StrCat("--to SINK is missing: where shall the records go?",
                   readable != nullptr ? " (or --check, to read them back)" : ""));
}

// Options of one kind of sink, given for another.
absl::Status CheckSinkOptions(const ReplayOptions& options) {
  const std::string flag = options.check.empty() ? "--to" : "--check";
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
        return absl::InvalidArgumentError(
            absl::StrCat(name, " is for ", flag, " ", kind->addresses().any, ", not ", options.to));
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
  const SinkKind* const readable = ReadableKind(options);
  if (readable == nullptr) return;
  CLI::Option* const check =
      program.add_option("--check", options.check,
                         "Instead of sending: read topics back and compare them with the trace");
  OfferValues(program, check->type_name(readable->addresses().example),
              {.words = {readable->addresses().offer.words.front()}});
  program.add_flag("--at-least-once", options.allows_doubles,
                   "With --check: messages that are there twice are counted, and are no fault");
}

void AddReplayExitCodes(CLI::App& program, const ReplayOptions& options) {
  AddExitCodes(
      program,
      {{kExitDone,
        "everything was delivered; the replay was ended by quit; or the reader of jsonl:- stopped "
        "reading, as head does"},
       {kExitNo,
        absl::StrCat("not everything was delivered: the broker was lost, or refused a message; a "
                     "bound of --fail-if-lateness was broken; ",
                     ReadableKind(options) != nullptr ? "--check found a difference; " : "",
                     "or no record matched")},
       {kExitUsage,
        "wrong usage; the trace or a file that an option names cannot be read; the output cannot "
        "be written; the broker was never reached, or does not let us in; or what was saved "
        "belongs to another replay"},
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
