#include "cli/shared/filter_options.h"

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/shared/choice.h"
#include "text/printable.h"
#include "text/suggestion.h"
#include "text/time_text.h"
#include "traces/catalogue.h"
#include "traces/hash128.h"

namespace groundhog::cli {
namespace {

absl::StatusOr<sim::VirtualTime> ParseTime(const std::string& flag, const std::string& text,
                                           const traces::TraceInfo& info) {
  const absl::StatusOr<sim::VirtualTime> time =
      text::ParseTimeArgument(text, info.start_unix_nanoseconds);
  if (time.ok()) return *time;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " ", text::QuotedName(text), ": ", time.status().message()));
}

// Where a trace ends, as far as that is known before it is read: records are before this.
// VirtualTime::Max(): it may be endless.
sim::VirtualTime EndOf(const traces::Reader& reader) {
  if (reader.summary() != nullptr) return reader.summary()->end_time;
  return sim::VirtualTime(reader.info().duration);
}

// "0s to 30m (2025-01-06T00:00:00Z to 2025-01-06T00:30:00Z)"
std::string RangeText(const traces::Reader& reader) {
  const std::int64_t start = reader.info().start_unix_nanoseconds;
  const sim::VirtualTime end = EndOf(reader);
  const std::string begin_date = text::FormatRfc3339(start);
  if (end == sim::VirtualTime::Max()) return absl::StrCat("all from 0s (", begin_date, ") on");
  return absl::StrCat("0s to ", text::FormatDuration(end.since_start()), " (", begin_date, " to ",
                      text::FormatRfc3339(text::UnixNanoseconds(start, end)), ")");
}

// A range that no record can be in is a slip, and silence would hide it.
absl::Status CheckRange(const FilterOptions& options, const traces::RecordSelection& selection,
                        const traces::Reader& reader) {
  std::string problem;
  if (options.from && options.until && *selection.until <= selection.from) {
    problem = absl::StrCat("--until ", text::QuotedName(*options.until), " is not after --from ",
                           text::QuotedName(*options.from));
  } else if (options.from && selection.from >= EndOf(reader)) {
    problem =
        absl::StrCat("--from ", text::QuotedName(*options.from), " is not before the trace's end");
  } else if (options.until && *selection.until <= sim::VirtualTime()) {
    problem = absl::StrCat("--until ", text::QuotedName(*options.until),
                           " is not after the trace's start");
  }
  if (problem.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(problem, ", so no record can match; the trace covers ", RangeText(reader)));
}

std::string CheckTraceId(const std::string& text) {
  if (traces::ParseHash128(text)) return "";
  return text::QuotedName(text) + ": not a trace id; it has 32 hex digits";
}

CLI::Option* TakeOneValueEach(CLI::Option* option) {
  return option->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

void AddTimeOptions(CLI::App& command, FilterOptions& options) {
  command
      .add_option("--from", options.from,
                  "Only records at or after this time: 2025-01-06T14:30:00Z, or an offset from the "
                  "start such as 14h30m")
      ->type_name("TIME");
  command.add_option("--until", options.until, "Only records before this time")->type_name("TIME");
}

void AddServiceOption(CLI::App& command, FilterOptions& options, const char* meaning) {
  TakeOneValueEach(command.add_option("--service", options.services, meaning))->type_name("NAME");
}

void AddFilterOptions(CLI::App& command, FilterOptions& options) {
  AddTimeOptions(command, options);
  AddServiceOption(command, options, "Only records of this service; may be repeated");
  TakeOneValueEach(AddChoices(command, "--level", options.levels, traces::kLevelNames,
                              "Only records of this level; may be repeated"));
  TakeOneValueEach(command.add_option("--trace-id", options.trace_ids,
                                      "Only records of this request; may be repeated"))
      ->check(CheckTraceId)
      ->type_name("ID");
}

absl::StatusOr<traces::RecordSelection> ResolveFilter(const FilterOptions& options,
                                                      const traces::Reader& reader) {
  const traces::TraceInfo& info = reader.info();
  const traces::Catalogue& catalogue = reader.catalogue();
  traces::RecordSelection selection;
  if (options.from) {
    const absl::StatusOr<sim::VirtualTime> from = ParseTime("--from", *options.from, info);
    if (!from.ok()) return from.status();
    selection.from = *from;
  }
  if (options.until) {
    const absl::StatusOr<sim::VirtualTime> until = ParseTime("--until", *options.until, info);
    if (!until.ok()) return until.status();
    selection.until = *until;
  }
  if (absl::Status s = CheckRange(options, selection, reader); !s.ok()) return s;
  for (const std::string& name : options.services) {
    bool is_known = false;
    for (std::size_t i = 0; i < catalogue.services.size(); ++i) {
      if (catalogue.services[i].name != name) continue;
      selection.services.push_back(traces::ServiceId{static_cast<std::uint16_t>(i)});
      is_known = true;
    }
    if (!is_known) {
      std::vector<std::string_view> names;
      for (const traces::ServiceEntry& one : catalogue.services) names.emplace_back(one.name);
      return absl::InvalidArgumentError(absl::StrCat("--service ", text::QuotedName(name),
                                                     ": the trace has no such service",
                                                     text::GuessOrList(name, names)));
    }
  }
  selection.levels = options.levels;
  for (const std::string& text : options.trace_ids) {
    const std::optional<traces::TraceId> id = traces::ParseHash128(text);
    if (id) selection.trace_ids.push_back(*id);
  }
  return selection;
}

std::string NoRecordText(const FilterOptions& options, const std::string& file) {
  std::string given;
  const auto add = [&given](std::string_view flag, std::string_view value) {
    absl::StrAppend(&given, " ", std::string(flag), " ", text::ShownName(value));
  };
  if (options.from) add("--from", *options.from);
  if (options.until) add("--until", *options.until);
  for (const std::string& name : options.services) add("--service", name);
  for (const traces::Level level : options.levels) {
    add("--level", traces::kLevelNames.NameOf(level));
  }
  for (const std::string& id : options.trace_ids) add("--trace-id", id);
  const std::string name = file == "-" ? "standard input" : text::Printable(file);
  if (given.empty()) return absl::StrCat(name, ": the trace has no record");
  return absl::StrCat(name, ": no record matches", given);
}

}  // namespace groundhog::cli
