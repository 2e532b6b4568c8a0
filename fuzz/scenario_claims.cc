#include "fuzz/scenario_claims.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "model/scenario/diagnostics.h"
#include "model/scenario/parse/parser.h"
#include "model/scenario/print/printer.h"
#include "text/concat.h"
#include "text/utf8.h"

namespace groundhog::fuzz {
namespace {

using text::Concat;

bool Take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

bool TakeNumber(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(length);
  return length > 0;
}

// "f.yaml:3:7: what" or, of an override, "--set PATH=VALUE: what".
bool IsComplaint(std::string_view line) {
  for (const std::string_view option : {"--set ", "--without ", "--scale "}) {
    if (line.starts_with(option)) return line.find(": ") != std::string_view::npos;
  }
  return Take(line, "f.yaml:") && TakeNumber(line) && Take(line, ":") && TakeNumber(line) &&
         Take(line, ": ") && !line.empty();
}

// "and 3 more".
bool IsRest(std::string_view line) {
  return Take(line, "and ") && TakeNumber(line) && line == " more";
}

}  // namespace

std::string FlawOfComplaint(const std::string& message) {
  if (!text::IsUtf8(message)) return "not UTF-8";
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin <= message.size(); ++lines) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    const std::string line = message.substr(begin, end - begin);
    begin = end + 1;
    for (const char c : line) {
      if (static_cast<unsigned char>(c) < 0x20) return Concat({"a control character: ", line});
    }
    if (lines == model::Diagnostics::kShownMax ? !IsRest(line) : !IsComplaint(line)) {
      return Concat({"not of the form: ", line});
    }
  }
  return lines <= model::Diagnostics::kShownMax + 1 ? "" : "too many lines";
}

ScenarioAnswer AskForScenario(std::string_view text, const model::Overrides& overrides) {
  auto parsed = model::ParseScenario(text, "f.yaml", overrides);
  if (!parsed.ok()) {
    if (!absl::IsInvalidArgument(parsed.status())) return {.flaw = "another error"};
    return {.flaw = FlawOfComplaint(std::string(parsed.status().message()))};
  }
  ScenarioAnswer answer;
  const auto again = model::ParseScenario(model::ScenarioText(parsed->scenario), "f.yaml");
  if (!again.ok()) {
    answer.flaw = "what is printed does not read back";
  } else if (again->scenario != parsed->scenario) {
    answer.flaw = "what is printed means something else";
  }
  answer.scenario = std::move(parsed->scenario);
  return answer;
}

}  // namespace groundhog::fuzz
