// The options by which both programs say how an output is held against a trace.
#ifndef GROUNDHOG_CLI_AUDIT_AUDIT_OPTIONS_H_
#define GROUNDHOG_CLI_AUDIT_AUDIT_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/audit_fields.h"

namespace groundhog::cli {

struct AuditArguments {
  std::string key_flag;  // what the option of the key is called
  analysis::FieldMap fields;
  analysis::AuditFields key;
  std::vector<analysis::KeepRule> keep;
  std::optional<analysis::AuditField> order_by = analysis::AuditField::kService;
  std::optional<analysis::AuditField> whole;
  std::size_t examples_max = 3;
  bool is_strict = false;
  bool is_json = false;
};

// Adds --fields, --strict, the key (`key_flag`, as a program may have another --key), --keep,
// --order-by,
// --whole, --examples and --json, and returns them. `arguments` must outlive the parsing.
std::vector<CLI::Option*> AddAuditOptions(CLI::App& command, const std::string& key_flag,
                                          AuditArguments& arguments);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_AUDIT_AUDIT_OPTIONS_H_
