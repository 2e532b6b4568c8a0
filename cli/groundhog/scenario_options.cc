#include "cli/groundhog/scenario_options.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_scenario.h"
#include "cli/shared/program.h"
#include "model/scenario/yaml_tree.h"
#include "scenarios/shipped.h"
#include "text/address.h"
#include "text/printable.h"
#include "text/suggestion.h"
#include "traces/recognition.h"

namespace groundhog::cli {
namespace {

using model::Override;

void AddOverride(CLI::App& command, ScenarioOptions& options, const std::string& flag,
                 Override::Kind kind, const std::string& value_name, const std::string& meaning) {
  const auto note = [&options, kind](const std::string& value) {
    options.overrides.push_back({.kind = kind, .value = value});
  };
  // trigger_on_parse: once for each occurrence, in the order of the command line.
  command.add_option_function<std::string>(flag, note, meaning)
      ->type_name(value_name)
      ->trigger_on_parse()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

bool LooksLikePath(const std::string& scenario) {
  if (scenario.find('/') != std::string::npos || scenario.ends_with(".yaml") ||
      scenario.ends_with(".yml") || scenario.ends_with(".ghog")) {
    return true;
  }
  std::error_code error;
  return std::filesystem::is_regular_file(scenario, error);
}

absl::StatusOr<std::string> ReadScenarioFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::NotFoundError("cannot read '" + path + "': it is a directory");
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) {
    const std::string address = text::AddressText(path, "/dev/stdin");
    if (!address.empty()) return absl::NotFoundError(address);
    return absl::NotFoundError("cannot read '" + text::Printable(path) +
                               "': " + std::strerror(errno));
  }
  // One byte more than allowed, so that the parser can recognise an oversized file.
  std::string text(model::kYamlBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return absl::NotFoundError("cannot read '" + text::Printable(path) +
                               "': " + std::strerror(errno));
  }
  if (traces::BeginsLikeTrace(text)) {
    return absl::InvalidArgumentError("'" + text::Printable(path) +
                                      "' is a trace in a pipe; its scenario needs a file");
  }
  return text;
}

}  // namespace

void AddScenarioArgument(CLI::App& command, ScenarioOptions& options) {
  CLI::Option* const scenario = command.add_option(
      "SCENARIO", options.scenario,
      "A YAML file, a trace (its scenario), or the name of a shipped scenario (default: shop)");
  ValueOffer offer = {.has_files = true};
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    offer.words.emplace_back(shipped.name);
  }
  OfferValues(command, scenario, std::move(offer));
}

void AddScenarioOptions(CLI::App& command, ScenarioOptions& options) {
  AddScenarioArgument(command, options);
  AddOverride(command, options, "--seed", Override::Kind::kSeed, "N",
              "The seed of all randomness (default: the scenario's)");
  AddOverride(command, options, "--duration", Override::Kind::kDuration, "D|forever",
              "How long the run lasts, such as 24h or 2h30m (default: the scenario's)");
  AddOverride(command, options, "--start", Override::Kind::kStart, "TIME",
              "The moment of virtual time 0, such as 2025-01-06T00:00:00Z (default: the "
              "scenario's)");
  AddOverride(command, options, "--scale", Override::Kind::kScale, "N",
              "Multiply every journey's rate, every count of users and every service's hosts by a "
              "whole number");
  AddOverride(command, options, "--without", Override::Kind::kWithout, "FAULT",
              "Leave out this fault; may be repeated");
  AddOverride(command, options, "--set", Override::Kind::kSet, "PATH=VALUE",
              "Change one value, such as services.auth-service.hosts=5; may be repeated");
}

absl::StatusOr<ScenarioSource> FindScenario(const std::string& scenario) {
  if (LooksLikePath(scenario)) {
    if (IsTraceFile(scenario)) {
      absl::StatusOr<TraceScenario> trace = ReadTraceScenario(scenario);
      if (!trace.ok()) return trace.status();
      return ScenarioSource{.name = scenario,
                            .text = std::move(trace->text),
                            .overrides = std::move(trace->overrides),
                            .is_trace = true,
                            .truth_method = trace->truth_method,
                            .covers_no_time = trace->covers_no_time};
    }
    absl::StatusOr<std::string> text = ReadScenarioFile(scenario);
    if (!text.ok()) return text.status();
    return ScenarioSource{.name = scenario, .text = *std::move(text), .overrides = {}};
  }
  const scenarios::ShippedScenario* shipped = scenarios::FindShippedScenario(scenario);
  if (shipped != nullptr) {
    return ScenarioSource{.name = scenario, .text = std::string(shipped->text), .overrides = {}};
  }
  std::vector<std::string_view> names;
  for (const scenarios::ShippedScenario& known : scenarios::ShippedScenarios()) {
    names.push_back(known.name);
  }
  std::string hint = text::DidYouMean(scenario, names);
  if (hint.empty())
    hint = "; 'groundhog scenario list' shows them, and a file's name ends in .yaml";
  return absl::NotFoundError("there is no scenario " + text::QuotedName(scenario) + hint);
}

std::optional<LoadedScenario> LoadScenario(const ScenarioOptions& options) {
  const absl::StatusOr<ScenarioSource> source = FindScenario(options.scenario);
  if (!source.ok()) {
    PrintError(kProgram, source.status());
    return std::nullopt;
  }
  model::Overrides overrides = source->overrides;
  overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
  absl::StatusOr<model::ParsedScenario> parsed =
      model::ParseScenario(source->text, text::Printable(source->name), overrides);
  if (!parsed.ok() && source->covers_no_time) {
    PrintError(kProgram, text::Printable(options.scenario) +
                             ": the trace covers no time, so there is no day to record again; "
                             "--duration gives it a length");
    return std::nullopt;
  }
  if (!parsed.ok()) {
    // Each line begins with its place, as compilers do it, so that editors find it.
    const std::string message(parsed.status().message());
    std::fprintf(stderr, "%s\n", text::PrintableLines(message).c_str());
    if (source->is_trace) {
      PrintError(kProgram, "these are lines of what 'groundhog scenario source " +
                               options.scenario + "' prints");
    }
    return std::nullopt;
  }
  return LoadedScenario{*std::move(parsed), source->truth_method};
}

}  // namespace groundhog::cli
