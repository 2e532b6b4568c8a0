#include "cli/audit/audit_options.h"

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/shared/parsed_option.h"

namespace groundhog::cli {
namespace {

// A field's name, or none.
std::function<absl::Status(const std::string&)> FieldInto(
    std::optional<analysis::AuditField>* field) {
  return [field](const std::string& name) {
    if (name == "none") {
      field->reset();
      return absl::OkStatus();
    }
    return Assign(analysis::ReadField(name), field);
  };
}

CLI::Option* AddKeep(CLI::App& command, AuditArguments& arguments) {
  return AddParsedRepeated(
      command,
      {.flag = "--keep",
       .value_name = "RULE",
       .meaning = "The pipeline is to let through only records like this: level=ERROR, "
                  "'level=WARN|ERROR', 'latency_ms>=100'; may be repeated, then all must hold"},
      [&arguments](const std::string& text) {
        absl::StatusOr<analysis::KeepRule> rule = analysis::KeepRule::Parse(text);
        if (!rule.ok()) return rule.status();
        arguments.keep.push_back(*std::move(rule));
        return absl::OkStatus();
      });
}

}  // namespace

std::vector<CLI::Option*> AddAuditOptions(CLI::App& command, const std::string& key_flag,
                                          AuditArguments& arguments) {
  arguments.key_flag = key_flag;
  std::vector<CLI::Option*> all;
  all.push_back(AddParsedRepeated(
      command,
      {.flag = "--fields",
       .value_name = "FIELD=NAME,...",
       .meaning = "Names in the output where they differ from the trace's, as trace_id=traceId or "
                  "message=log.text; FIELD=- leaves one out; may be repeated"},
      [&arguments](const std::string& text) {
        return analysis::ReadFieldMap(text, &arguments.fields);
      }));
  all.push_back(command.add_flag(
      "--strict", arguments.is_strict,
      "Every field of the records has to be in the output, or to be left out by --fields FIELD=-; "
      "without this, one that no row has is only named"));
  all.push_back(
      AddParsed(command,
                {.flag = key_flag,
                 .value_name = "FIELD,...",
                 .meaning = "Fields that tell which row is which record [default: trace_id, "
                            "service, timestamp and message, as far as the output has them]"},
                [&arguments](const std::string& text) {
                  return Assign(analysis::ReadFieldList(text), &arguments.key);
                }));
  all.push_back(AddKeep(command, arguments));
  all.push_back(AddParsed(command,
                          {.flag = "--order-by",
                           .value_name = "FIELD|none",
                           .meaning = "Rows with one value of this field come in the trace's "
                                      "order, in each output [default: service]"},
                          FieldInto(&arguments.order_by)));
  all.push_back(AddParsed(command,
                          {.flag = "--whole",
                           .value_name = "FIELD|none",
                           .meaning = "All records with one value of this field, as trace_id, "
                                      "belong into one output [default: none]"},
                          FieldInto(&arguments.whole)));
  all.push_back(AddParsed(
      command,
      {.flag = "--examples", .value_name = "N", .meaning = "Examples of each finding [default: 3]"},
      NumberInto<std::size_t>(&arguments.examples_max, 0, 1'000)));
  all.push_back(
      command.add_flag("--json", arguments.is_json,
                       "Print a JSON object, for programs; docs/AUDIT.md says what its keys mean"));
  return all;
}

}  // namespace groundhog::cli
