// What an audit found, as a page for people and as JSON.
#ifndef GROUNDHOG_CLI_AUDIT_AUDIT_REPORT_H_
#define GROUNDHOG_CLI_AUDIT_AUDIT_REPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/audit.h"

namespace groundhog::cli {

// A record of which an example speaks.
struct RecordText {
  std::uint64_t position = 0;
  std::string time;                  // RFC 3339 with nanoseconds
  std::string line;                  // as `groundhog cat` prints it
  std::optional<std::string> cause;  // "auth-outage/2"
  std::array<std::string, analysis::kAuditFieldCount> values;
};

struct AuditReport {
  std::string trace_file;
  std::vector<std::string> outputs;  // their names
  analysis::AuditOptions options;
  analysis::AuditResult result;
  std::vector<std::string> unused_names;      // of the outputs, as far as they are known
  std::map<std::size_t, RecordText> records;  // of the examples
  bool is_complete = true;                    // the trace could be read to its end

  // What may be wrong with names, key or trace, in sentences.
  std::vector<std::string> hints;

  // Nothing was found, though something could have been.
  bool is_ok() const { return result.is_all_well() && result.records > 0; }
};

// 80 columns wide, apart from names that are longer and the records and rows of examples.
std::string AuditAsPage(const AuditReport& report);

// One JSON object, with a newline at its end. docs/AUDIT.md documents its keys.
std::string AuditAsJson(const AuditReport& report);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_AUDIT_AUDIT_REPORT_H_
