#include "cli/shared/parsed_option.h"

#include "cli/shared/shown.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kValueColumns = 60;  // of a value in a message; a list may have hundreds

}  // namespace

CLI::Option* AddParsed(CLI::App& program, const ParsedOption& option,
                       const std::function<absl::Status(const std::string&)>& parse) {
  const std::string name = option.flag.substr(option.flag.rfind(',') + 1);
  const auto take = [name, parse](const std::string& value) {
    const absl::Status status = parse(value);
    if (!status.ok()) {
      throw CLI::ValidationError(name + " '" + Shown(value, kValueColumns) + "'",
                                 std::string(status.message()));
    }
  };
  return program.add_option_function<std::string>(option.flag, take, option.meaning)
      ->type_name(option.value_name);
}

CLI::Option* AddParsedRepeated(CLI::App& program, const ParsedOption& option,
                               const std::function<absl::Status(const std::string&)>& parse) {
  return AddParsed(program, option, parse)
      ->trigger_on_parse()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::string NeedsName(const std::string& name) {
  return name.empty() ? "'': a name is needed" : "";
}

std::function<absl::Status(const std::string&)> DurationInto(std::chrono::nanoseconds* out,
                                                             sim::Duration minimum) {
  return [out, minimum](const std::string& text) -> absl::Status {
    const absl::StatusOr<sim::Duration> duration = text::ParseDuration(text);
    if (!duration.ok()) return duration.status();
    if (*duration < minimum) {
      return absl::InvalidArgumentError("too short; the least is " + text::FormatDuration(minimum));
    }
    *out = std::chrono::nanoseconds(duration->nanoseconds());
    return absl::OkStatus();
  };
}

}  // namespace groundhog::cli
