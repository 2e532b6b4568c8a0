// An audit, from wherever records and rows come: what a program knows about its input and its
// outputs is behind two interfaces.
#ifndef GROUNDHOG_CLI_AUDIT_AUDIT_RUN_H_
#define GROUNDHOG_CLI_AUDIT_AUDIT_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analysis/audit.h"
#include "cli/audit/audit_options.h"
#include "cli/audit/audit_report.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/reading_progress.h"
#include "rows/row_parser.h"
#include "sim/time.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::cli {

// A record that a pipeline was given.
struct AuditRecord {
  const traces::Record& record;
  std::string_view line;              // as it was given
  std::uint64_t position = 0;         // for `groundhog cat --position`
  sim::VirtualTime time;              // by which records have an order
  std::int64_t due_milliseconds = 0;  // as analysis::ArrivalOptions
};

// Everything that a pipeline was given, in the trace's order.
class AuditInput {
 public:
  // False: that is enough.
  using Take = std::function<bool(const AuditRecord&)>;
  virtual ~AuditInput() = default;

  // Gives each record, from the first one on; may be called again. What is damaged or missing, and
  // what ends it early, was reported to the person: kExitIncomplete; kExitUsage, kExitInterrupted.
  // Keeps the task's progress up to date.
  virtual ExitCode ForEach(const Take& take) = 0;

  virtual const traces::Reader& reader() const = 0;
};

// One output of a pipeline: a file, or a partition of a topic.
class AuditOutput {
 public:
  virtual ~AuditOutput() = default;

  virtual const std::string& name() const = 0;
  // The names that its first rows have.
  virtual const std::vector<std::string>& names() const = 0;
  // Sets what rows have; see rows::RowParser.
  virtual void Want(const std::vector<std::string>& names) = 0;

  // The next row, valid until the next call; false at the end.
  virtual absl::StatusOr<bool> Next(rows::Row* row) = 0;
  // The row given last as it is in the output, valid as long as the row.
  virtual std::string_view text() const = 0;
  // Where the row given last is, and when it arrived; 0 if that is not known.
  virtual std::uint64_t line() const = 0;
  // How much of it was given as rows.
  virtual AmountRead amount() const = 0;
  virtual std::int64_t arrival_unix_milliseconds() const { return 0; }
};

using AuditOutputs = std::vector<std::unique_ptr<AuditOutput>>;

// What the outputs' timestamps say, as --timestamps has it.
enum class RowTimestamps : std::uint8_t {
  kKnown,    // those of the records
  kUnknown,  // others; they are not compared
  kDue,      // others, which say when each record was due: lateness counts from them
};

struct AuditTask {
  const AuditArguments& arguments;
  AuditInput& input;
  AuditOutputs outputs;
  ReadingProgress& progress;  // nothing begun yet
  std::string trace_file;     // its path
  std::string input_name;     // for people: "day.ghog"
  std::string outputs_name;   // all of them: "3 outputs"
  RowTimestamps timestamps = RowTimestamps::kKnown;
  std::optional<analysis::ArrivalOptions> arrivals;  // of outputs that know them
};

struct AuditOutcome {
  AuditReport report;
  ExitCode exit_code = kExitDone;
  bool has_report = true;  // otherwise the input has said why
};

// InvalidArgument: the trace comes by a pipe; an audit reads it twice.
absl::Status CheckCanReadTwice(const traces::Reader& reader);

// InvalidArgument: options that do not fit the outputs, or an output that is no rows. Other errors
// as AuditOutput's.
absl::StatusOr<AuditOutcome> RunAudit(AuditTask task);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_AUDIT_AUDIT_RUN_H_
