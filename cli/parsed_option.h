// Options whose one value is parsed by a function that returns a Status.
#ifndef GROUNDHOG_CLI_PARSED_OPTION_H_
#define GROUNDHOG_CLI_PARSED_OPTION_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/time.h"

namespace groundhog::cli {

struct ParsedOption {
  std::string flag;        // "--speed", or "-q,--quiet"
  std::string value_name;  // for --help
  std::string meaning;
};

// Adds an option that `parse` takes or refuses; a refusal stops the parsing with its message.
CLI::Option* AddParsed(CLI::App& program, const ParsedOption& option,
                       const std::function<absl::Status(const std::string&)>& parse);

// A parser of lengths such as 30s, of at least `minimum`.
std::function<absl::Status(const std::string&)> DurationInto(std::chrono::nanoseconds* out,
                                                             sim::Duration minimum);

// As AddParsed, for an option that may be given several times: `parse` gets one value at a time.
CLI::Option* AddParsedRepeated(CLI::App& program, const ParsedOption& option,
                               const std::function<absl::Status(const std::string&)>& parse);

template <class Value, class Out>
absl::Status Assign(const absl::StatusOr<Value>& parsed, Out* out) {
  if (parsed.ok()) *out = *parsed;
  return parsed.status();
}

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_PARSED_OPTION_H_
