// groundhog scenario list|show|source|check|schema: what ships, what a scenario means in full, how
// it was written, whether it is sound, and what any may say.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/groundhog/commands.h"
#include "cli/groundhog/scenario_options.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "model/review/offered_load.h"
#include "model/review/warnings.h"
#include "model/scenario/json_schema.h"
#include "model/scenario/places.h"
#include "model/scenario/print/printer.h"
#include "model/scenario/yaml_tree.h"
#include "scenarios/shipped.h"

namespace groundhog::cli {
namespace {

int Print(const std::string& text) { return PrintData(kProgram, text, kExitDone); }

int List() {
  std::size_t width = 0;
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    width = std::max(width, shipped.name.size());
  }
  std::string text;
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    const auto parsed = model::ParseScenario(shipped.text, shipped.name);
    std::string name(shipped.name);
    name.resize(width + 2, ' ');
    text += name + (parsed.ok() ? parsed->scenario.description : "(broken)") + "\n";
  }
  return Print(text);
}

int Show(const ScenarioOptions& options) {
  const std::optional<LoadedScenario> parsed = LoadScenario(options);
  if (!parsed) return kExitUsage;
  return Print(model::ScenarioText(parsed->scenario) + "\n" + model::LoadText(parsed->scenario));
}

int Check(const ScenarioOptions& options) {
  const std::optional<LoadedScenario> parsed = LoadScenario(options);
  if (!parsed) return kExitUsage;
  // Those of a trace come first.
  model::Overrides overrides;
  const std::size_t of_trace = parsed->overrides.size() - options.overrides.size();
  for (std::size_t i = 0; i < of_trace; ++i) {
    overrides.push_back(model::FromTraceText(parsed->overrides[i]));
  }
  overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
  const model::ScenarioPlaces places(parsed->text, options.scenario, overrides);
  for (const model::ScenarioWarning& warning : model::ScenarioWarnings(parsed->scenario)) {
    // Each line begins with its place, as compilers do it, so that editors find it.
    std::fprintf(stderr, "%s: warning: %s\n", places.Of(warning.path).c_str(),
                 warning.text.c_str());
  }
  return kExitDone;
}

// As its author wrote it, byte for byte.
int Source(const ScenarioOptions& options) {
  const absl::StatusOr<ScenarioSource> source = FindScenario(options.scenario);
  if (!source.ok()) {
    PrintError(kProgram, source.status());
    return kExitUsage;
  }
  if (source->text.size() > model::kYamlBytesMax) {
    PrintError(kProgram, options.scenario + ": larger than a scenario may be");
    return kExitUsage;
  }
  return Print(source->text);
}

int Schema() { return Print(model::ScenarioSchema()); }

void AddSourceCommand(CLI::App& parent, Selection& selection) {
  CLI::App* command =
      AddCommand(parent, "source", "Print a scenario as it was written, comments included",
                 "groundhog scenario source shop > my-shop.yaml\n"
                 "groundhog scenario source day.ghog");
  AddNotes(
      *command,
      "Of a trace, the text it was recorded from. The overrides it was recorded with are not in "
      "it;\n"
      "'groundhog info' names them, and 'groundhog scenario show' has them in what it prints.");
  const auto options = std::make_shared<ScenarioOptions>();
  AddScenarioArgument(*command, *options);
  SetRun(*command, selection, [options] { return Source(*options); });
}

// Adds one of the commands that take a scenario.
CLI::App* AddWithScenario(CLI::App& parent, Selection& selection, const std::string& name,
                          const std::string& summary, std::string_view examples,
                          int (*run)(const ScenarioOptions&)) {
  CLI::App* command = AddCommand(parent, name, summary, examples);
  const auto options = std::make_shared<ScenarioOptions>();
  AddScenarioOptions(*command, *options);
  SetRun(*command, selection, [options, run] { return run(*options); });
  return command;
}

}  // namespace

void AddScenarioCommand(CLI::App& program, Selection& selection) {
  CLI::App* scenario = AddCommand(program, "scenario", "List, show and check scenarios",
                                  "groundhog scenario list\n"
                                  "groundhog scenario show shop\n"
                                  "groundhog scenario source shop > my-shop.yaml\n"
                                  "groundhog scenario check my-shop.yaml\n"
                                  "groundhog scenario schema > scenario.schema.json");
  scenario->require_subcommand(1);
  CLI::App* list = AddCommand(*scenario, "list", "List the scenarios that ship with the program",
                              "groundhog scenario list");
  SetRun(*list, selection, List);
  AddWithScenario(*scenario, selection, "show",
                  "Print the effective scenario as YAML, and the load on each service",
                  "groundhog scenario show shop\n"
                  "groundhog scenario show shop --set services.auth-service.hosts=5 > my.yaml\n"
                  "groundhog scenario show day.ghog",
                  Show);
  AddSourceCommand(*scenario, selection);
  CLI::App* check =
      AddWithScenario(*scenario, selection, "check",
                      "Check a scenario: print its mistakes, and what is implausible in it",
                      "groundhog scenario check my-shop.yaml\n"
                      "groundhog scenario check shop --set services.auth-service.hosts=5",
                      Check);
  AddExitCodes(*check, {{kExitDone, "sound; warnings, if any, are on standard error"},
                        {kExitUsage,
                         "each mistake of the scenario is on a line of its own; or wrong usage, or "
                         "unreadable input"}});
  CLI::App* schema =
      AddCommand(*scenario, "schema", "Print the JSON Schema of scenario files, for editors",
                 "groundhog scenario schema > scenario.schema.json");
  SetRun(*schema, selection, Schema);
}

}  // namespace groundhog::cli
