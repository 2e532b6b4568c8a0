#include "cli/replayer/play_options.h"

#include <charconv>
#include <functional>

#include "absl/strings/str_cat.h"
#include "cli/shared/choice.h"
#include "cli/shared/command.h"
#include "cli/shared/parsed_option.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

constexpr char kContentGroup[] = "What to play";
constexpr char kPaceGroup[] = "Pace";
constexpr char kControlGroup[] = "Control";
constexpr char kControlScheme[] = "unix:";

// "3" or "forever" into the number of loops; nullopt is without end.
absl::Status ParseLoops(const std::string& text, std::optional<std::uint64_t>* out) {
  if (text == "forever") {
    out->reset();
    return absl::OkStatus();
  }
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (rest != end || error != std::errc() || count == 0) {
    return absl::InvalidArgumentError("write how many times, from 1 on, or forever");
  }
  *out = count;
  return absl::OkStatus();
}

void AddContentOptions(CLI::App& program, ReplayPlayOptions& options) {
  AddFilterOptions(program, options.filter);
  AddParsed(program,
            {"--loop", "N|forever",
             "Play it N times, each time with new trace ids and later times (default: 1)"},
            [&options](const std::string& text) { return ParseLoops(text, &options.loops); });
  AddParsed(program, {"--shard", "I/N", "Play only part I of N, by --key (default: the whole)"},
            [&options](const std::string& text) {
              absl::StatusOr<replay::Shard> shard = replay::ParseShard(text);
              if (shard.ok()) shard->key = options.shard.key;  // which --key sets
              return Assign(shard, &options.shard);
            });
  for (const char* flag :
       {"--from", "--until", "--service", "--level", "--trace-id", "--loop", "--shard"}) {
    program.get_option(flag)->group(kContentGroup);
  }
}

void AddSpeedOptions(CLI::App& program, ReplayPlayOptions& options) {
  CLI::Option* const speed = AddParsed(
      program,
      {"--speed", "X|max",
       "How many times as fast as real time, such as 60x; max: as fast as the sink takes (default: "
       "1x)"},
      [&options](const std::string& text) {
        return Assign(replay::ParseSpeed(text), &options.pace);
      });
  CLI::Option* const rate = AddParsed(
      program,
      {"--rate", "N/s",
       "Send N records a second (or /m, /h) evenly, whatever their times; not with --speed"},
      [&options](const std::string& text) -> absl::Status {
        const absl::StatusOr<replay::Ratio> ratio = replay::ParseRecordRate(text);
        if (ratio.ok()) options.pace = {.kind = replay::PaceKind::kRate, .ratio = *ratio};
        return ratio.status();
      });
  AddParsed(program,
            {"--max-rate", "N/s", "Send at most N records a second; the delay is lateness"},
            [&options](const std::string& text) {
              return Assign(replay::ParseRecordRate(text), &options.rate_max);
            });
  AddParsed(
      program,
      {"--max-gap", "D", "Wait at most so long between two records, such as 2s: squeeze idle time"},
      [&options](const std::string& text) {
        std::chrono::nanoseconds gap_max{};
        const absl::Status status = DurationInto(&gap_max, sim::Duration())(text);
        if (status.ok()) options.gap_max = gap_max;
        return status;
      });
  rate->excludes(speed);
}

void AddClockOptions(CLI::App& program, ReplayPlayOptions& options) {
  AddChoice(program, "--catch-up", options.catch_up,
            text::EnumNames(std::to_array<text::EnumName<replay::CatchUp>>(
                {{replay::CatchUp::kBurst, "burst"}, {replay::CatchUp::kSlip, "slip"}})),
            "What to do when held back: burst (default): send what is late at once; slip: delay "
            "the rest by the same time");
  AddParsed(program,
            {"--start-at", "TIME",
             "When the beginning is due, such as 2026-01-31T12:00:00Z, so that several machines "
             "play on one clock (default: now)"},
            [&options](const std::string& text) {
              return Assign(text::ParseRfc3339(text), &options.start_unix_nanoseconds);
            });
  AddChoice(program, "--timestamps", options.timestamps, replay::kTimestampModeNames,
            "original (default): as recorded; shift: as if the replayed part began now; wall: when "
            "each record is due");
  CLI::Option* const bound = AddParsedRepeated(
      program,
      {"--fail-if-lateness", "p99=D",
       "End with exit code 1 when p50, p99 or max of the lateness is above D, as in p99=5ms; "
       "may be repeated"},
      [&options](const std::string& text) -> absl::Status {
        const absl::StatusOr<LatenessBound> bound = ParseLatenessBound(text);
        if (bound.ok()) options.lateness_bounds.push_back(*bound);
        return bound.status();
      });
  OfferValues(program, bound, {.words = {"p50=", "p99=", "max="}});
}

void AddControlOptions(CLI::App& program, ReplayPlayOptions& options) {
  CLI::Option* const paused = program.add_flag("--start-paused", options.starts_paused,
                                               "Start paused; the command 'resume' starts it");
  CLI::Option* const control =
      AddParsed(program,
                {"--control", "unix:PATH",
                 "Take commands at a socket, as 'groundhog-replay ctl PATH' gives them"},
                [&options](const std::string& text) -> absl::Status {
                  if (!text.starts_with(kControlScheme) || text == kControlScheme) {
                    return absl::InvalidArgumentError("write it as unix:PATH");
                  }
                  options.control_path = text.substr(sizeof kControlScheme - 1);
                  return absl::OkStatus();
                });
  CLI::Option* const dry_run =
      program.add_flag("--dry-run", options.is_dry_run,
                       "Send nothing; print how much would be sent, when and where");
  OfferValues(program, control, {.file_prefixes = {kControlScheme}});
  for (CLI::Option* option : {paused, control, dry_run}) option->group(kControlGroup);
}

}  // namespace

void AddReplayPlayOptions(CLI::App& program, ReplayPlayOptions& options) {
  AddContentOptions(program, options);
  AddSpeedOptions(program, options);
  AddClockOptions(program, options);
  for (const char* flag : {"--speed", "--rate", "--max-rate", "--max-gap", "--catch-up",
                           "--start-at", "--timestamps", "--fail-if-lateness"}) {
    program.get_option(flag)->group(kPaceGroup);
  }
  AddControlOptions(program, options);
}

absl::Status CheckReplayPlayOptions(const CLI::App& program, const ReplayPlayOptions& options) {
  const bool has_speed = options.pace.kind == replay::PaceKind::kSpeed;
  const bool is_max = options.pace.kind == replay::PaceKind::kMax;
  if (options.gap_max && !has_speed) {
    return absl::InvalidArgumentError("--max-gap is for a --speed other than max");
  }
  for (const char* flag : {"--catch-up", "--fail-if-lateness"}) {
    if (is_max && program.count(flag) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " has no meaning at --speed max, where nothing has a deadline"));
    }
  }
  if (options.starts_paused && options.start_unix_nanoseconds) {
    return absl::InvalidArgumentError("--start-paused and --start-at exclude each other");
  }
  return absl::OkStatus();
}

}  // namespace groundhog::cli
