// groundhog tree: what happened to one request, call by call.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/groundhog/tree_report.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "text/printable.h"
#include "traces/hash128.h"
#include "traces/reader.h"
#include "traces/trace_id.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kDigitsMin = 8;
// More than a request of any sound scenario has; a hostile trace must not fill the memory.
constexpr std::size_t kRecordsMax = 100'000;

struct TreeOptions {
  TraceArguments trace;
  std::string trace_id;  // or its first digits
  bool is_json = false;
};

std::string CheckTraceIdPrefix(const std::string& text) {
  const bool are_digits = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (are_digits && text.size() >= kDigitsMin && text.size() <= traces::kHash128Digits) return "";
  return text::QuotedName(text) +
         ": not a trace id; write its 32 hex digits, or the first 8 or more";
}

// Finds the records of the request whose trace id begins with some digits.
class Search {
 public:
  Search(const TreeOptions& options, const traces::Reader& reader)
      : digits_(options.trace_id),
        lowest_(*traces::ParseHash128(Padded('0'))),
        highest_(*traces::ParseHash128(Padded('f'))),
        ids_(reader.catalogue(), reader.info().trace_key) {}

  // InvalidArgument: the digits begin several ids.
  absl::Status Add(const std::vector<traces::Record>& records, std::uint64_t trace_key) {
    ids_.set_trace_key(trace_key);
    for (const traces::Record& record : records) {
      const traces::TraceId id = ids_.Derive(record.request);
      if (IsLess(id, lowest_) || IsLess(highest_, id)) continue;
      if (found_.records.empty()) {
        found_.trace_id = id;
        found_.trace_key = trace_key;
      }
      if (!(id == found_.trace_id)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "several trace ids begin with ", digits_, ", such as ", traces::ToHex(found_.trace_id),
            " and ", traces::ToHex(id), "; write more digits"));
      }
      if (found_.records.size() < kRecordsMax) found_.records.push_back(record);
      ++found_.count;
    }
    return absl::OkStatus();
  }

  const RequestFound& found() const { return found_; }

 private:
  std::string Padded(char digit) const {
    return digits_ + std::string(traces::kHash128Digits - digits_.size(), digit);
  }
  static bool IsLess(const traces::TraceId& a, const traces::TraceId& b) {
    return a.high < b.high || (a.high == b.high && a.low < b.low);
  }

  const std::string digits_;
  const traces::TraceId lowest_;
  const traces::TraceId highest_;
  traces::TraceIdDeriver ids_;
  RequestFound found_;
};

absl::StatusOr<int> Tree(const TreeOptions& options, traces::Reader& reader) {
  ReadingProgress progress = ProgressOf(options.trace, reader);
  LenientReading reading(kProgram, reader, options.trace.is_quiet, &progress);
  Search search(options, reader);
  std::vector<traces::Record> records;
  while (reading.NextChunk(&records)) {
    if (absl::Status status = search.Add(records, reader.trace_key()); !status.ok()) return status;
  }
  if (reading.exit_code() == kExitUsage) return kExitUsage;
  if (search.found().records.empty()) {
    if (!options.trace.is_quiet) {
      PrintError(kProgram, absl::StrCat(text::Printable(options.trace.file),
                                        ": no request has the trace id ", options.trace_id));
    }
    return reading.exit_code() == kExitDone ? kExitNo : reading.exit_code();
  }
  const TreeReport report(reader.info(), reader.catalogue(), search.found());
  return PrintData(kProgram, options.is_json ? report.AsJson() : report.AsPage(),
                   reading.exit_code());
}

}  // namespace

void AddTreeCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "tree", "Print the calls of one request, with times, waits and causes",
                 "groundhog tree day.ghog 903181c44508bc6e74be61f2192990f9\n"
                 "groundhog tree day.ghog 903181c4\n"
                 "groundhog tree day.ghog 903181c4 --json | jq .spans");
  AddNotes(*command,
           "Calls are below their callers, by the time at which they began. Times count from the "
           "request's first; 'wait' is the time that the work waited for a slot, which for a "
           "consumer of messages comes before its time, and otherwise is part of it.");
  AddExitCodes(*command, {{kExitNo, "no request has this trace id"},
                          {kExitIncomplete,
                           "printed what there is, but the trace is incomplete or damaged"}});
  const auto options = std::make_shared<TreeOptions>();
  AddTraceFile(*command, options->trace);
  command
      ->add_option("TRACE_ID", options->trace_id,
                   "The request: 32 hex digits, or the first 8 or more")
      ->required()
      ->check(CheckTraceIdPrefix);
  command->add_flag("--json", options->is_json, "Print one JSON object, see docs/TREE.md");
  AddQuiet(*command, options->trace.is_quiet);
  SetRun(*command, selection, [options] {
    return OnTrace(options->trace.file,
                   [&](traces::Reader& reader) { return Tree(*options, reader); });
  });
}

}  // namespace groundhog::cli
