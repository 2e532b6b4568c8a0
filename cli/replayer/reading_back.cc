#include "cli/replayer/reading_back.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/replayer/public_address.h"
#include "cli/shared/command.h"
#include "cli/shared/parsed_option.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

constexpr char kAuditGroup[] = "Audit";
constexpr char kLateAfter[] = "--late-after";

// Options that only sending has; of --speed and --max-gap an audit learns when records were due.
constexpr const char* kForSending[] = {
    "--to",           "--rate",    "--max-rate", "--catch-up",
    "--start-paused", "--control", "--dry-run",  "--fail-if-lateness",
    "--exactly-once", "--resume",  "--reset"};
constexpr const char* kForDueTimes[] = {"--speed", "--max-gap"};

bool IsGiven(const CLI::App& program, const std::string& flag) {
  const CLI::Option* const option = program.get_option_no_throw(flag);
  return option != nullptr && option->count() != 0;
}

absl::Status RefuseForSending(const std::string& flag, const std::string& reading) {
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " is for sending; ", reading, " reads what was sent"));
}

absl::Status RefuseWhatSends(const CLI::App& program, const ReplayOptions& options,
                             const std::string& reading) {
  for (const char* flag : kForSending) {
    if (IsGiven(program, flag)) return RefuseForSending(flag, reading);
  }
  for (const auto& kind : options.kinds) {
    for (const SinkOption& own : kind->options()) {
      if (own.is_for_sending && own.option->count() != 0) {
        return RefuseForSending(own.option->get_name(), reading);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status RefuseAddress(const std::string& reading, const std::string& address,
                           const std::string& example) {
  return absl::InvalidArgumentError(absl::StrCat(reading, " '", PublicAddress(address), "': only ",
                                                 example, " can be read back"));
}

absl::Status SettleCheck(const CLI::App& program, ReplayOptions& options) {
  if (absl::Status s = RefuseWhatSends(program, options, "--check"); !s.ok()) return s;
  for (const char* flag : kForDueTimes) {
    if (IsGiven(program, flag)) return RefuseForSending(flag, "--check");
  }
  const SinkKind* const kind = KindOf(options.kinds, options.check);
  if (kind == nullptr || !kind->can_be_read_back()) {
    return RefuseAddress("--check", options.check, ReadableKind(options)->addresses().example);
  }
  options.to = options.check;
  return absl::OkStatus();
}

absl::Status SettleAudit(const CLI::App& program, ReplayOptions& options) {
  if (absl::Status s = RefuseWhatSends(program, options, "--audit"); !s.ok()) return s;
  const SinkKind* const kind = KindOf(options.kinds, options.audited);
  const std::string& example = ReadableKind(options)->addresses().audited;
  if (kind == nullptr || !kind->can_be_read_back()) {
    return RefuseAddress("--audit", options.audited, example);
  }
  for (const SinkOption& own : kind->options()) {
    if (!own.is_for_topics || own.option->count() == 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        own.option->get_name(), " is not for --audit, whose address has its topic: ", example));
  }
  if (program.count("--key") != 0 && options.play.shard.count == 1) {
    return absl::InvalidArgumentError(
        "--key is that of the messages that were sent; what tells which row is which record is "
        "--audit-key");
  }
  if (!options.play.loops) {
    return absl::InvalidArgumentError("--loop forever has no end to audit");
  }
  for (const char* flag : {"--speed", "--start-at", kLateAfter}) {
    options.is_pace_given = options.is_pace_given || IsGiven(program, flag);
  }
  options.to = options.audited;
  return absl::OkStatus();
}

void AddAudit(CLI::App& program, const SinkKind& readable, ReplayOptions& options) {
  CLI::Option* const audit = program.add_option(
      "--audit", options.audited,
      "Instead of sending: hold what a pipeline put out there against what the replay sent, which "
      "has the same options; docs/AUDIT.md");
  OfferValues(program, audit->type_name(readable.addresses().audited),
              {.words = {readable.addresses().offer.words.front()}});
  std::vector<CLI::Option*> all = AddAuditOptions(program, "--audit-key", options.audit);
  all.push_back(AddParsed(
      program,
      {kLateAfter, "D", "How late a row may be, such as 2s (default: as late as it likes)"},
      [&options](const std::string& text) {
        std::chrono::nanoseconds late_after{};
        const absl::Status status = DurationInto(&late_after, sim::Duration())(text);
        if (status.ok()) options.late_after_milliseconds = late_after.count() / 1'000'000;
        return status;
      }));
  for (CLI::Option* option : all) option->group(kAuditGroup);
}

}  // namespace

const SinkKind* ReadableKind(const ReplayOptions& options) {
  return FirstWith(options.kinds, &SinkKind::can_be_read_back);
}

void AddReadingBackOptions(CLI::App& program, ReplayOptions& options) {
  const SinkKind* const readable = ReadableKind(options);
  if (readable == nullptr) return;
  CLI::Option* const check =
      program.add_option("--check", options.check,
                         "Instead of sending: read topics back and compare them with the trace");
  OfferValues(program, check->type_name(readable->addresses().example),
              {.words = {readable->addresses().offer.words.front()}});
  program.add_flag("--at-least-once", options.allows_doubles,
                   "With --check: messages that are there twice are counted, and are no fault");
  AddAudit(program, *readable, options);
}

absl::Status SettleReadingBack(const CLI::App& program, ReplayOptions& options) {
  const SinkKind* const readable = ReadableKind(options);
  if (readable == nullptr) return absl::OkStatus();
  const bool is_check = program.count("--check") != 0;
  const bool is_audit = program.count("--audit") != 0;
  if (is_check && is_audit) {
    return absl::InvalidArgumentError("--check and --audit exclude each other");
  }
  if (options.allows_doubles && !is_check) {
    return absl::InvalidArgumentError(absl::StrCat("--at-least-once is for --check ",
                                                   readable->addresses().any,
                                                   "; to send so, use --resume FILE"));
  }
  for (const CLI::Option* option : program.get_options()) {
    if (is_audit || option->get_group() != kAuditGroup || option->count() == 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(option->get_name(), " is for --audit ", readable->addresses().audited));
  }
  if (is_check) return SettleCheck(program, options);
  return is_audit ? SettleAudit(program, options) : absl::OkStatus();
}

}  // namespace groundhog::cli
