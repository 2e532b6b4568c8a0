// Options whose one value is parsed by a function that returns a Status.
#ifndef GROUNDHOG_CLI_SHARED_PARSED_OPTION_H_
#define GROUNDHOG_CLI_SHARED_PARSED_OPTION_H_

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <functional>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
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

// A parser of whole numbers from `minimum` to `maximum`.
template <class Number>
std::function<absl::Status(const std::string&)> NumberInto(Number* out, Number minimum,
                                                           Number maximum) {
  return [out, minimum, maximum](const std::string& text) -> absl::Status {
    Number value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (rest != end || error != std::errc() || value < minimum || value > maximum) {
      return absl::InvalidArgumentError(
          absl::StrCat("write a whole number from ", minimum, " to ", maximum));
    }
    *out = value;
    return absl::OkStatus();
  };
}

// What is wrong with a name that CLI11 checks: empty unless it is.
std::string NeedsName(const std::string& name);

template <class Value, class Out>
absl::Status Assign(const absl::StatusOr<Value>& parsed, Out* out) {
  if (parsed.ok()) *out = *parsed;
  return parsed.status();
}

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_PARSED_OPTION_H_
