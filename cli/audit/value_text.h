// Values and rows of an output on a page for people, with nothing in them that would act on a
// terminal.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_CLI_AUDIT_VALUE_TEXT_H_
#define GROUNDHOG_CLI_AUDIT_VALUE_TEXT_H_

#include <string>
#include <string_view>

#include "analysis/audit_fields.h"

namespace groundhog::cli {

// `level: "ERROR" became "INFO"`, `latency_ms: 3 became nothing`: text in quotes, so that blanks
// are seen; numbers without. Of long values the part around the first difference, and then on two
// lines, the second of which begins with `indent`.
std::string ChangeText(analysis::AuditField field, std::string_view expected,
                       std::string_view found, std::string_view indent);

// A row as it is in the output, cut to so many columns.
std::string RowAsItIs(std::string_view row, std::size_t columns);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_AUDIT_VALUE_TEXT_H_
