#include "cli/shared/command.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/str_split.h"

namespace groundhog::cli {
namespace {

constexpr char kHelpMeaning[] = "Print this help and exit";
constexpr char kVersionMeaning[] = "Print the version and exit";

void Describe(CLI::App& app, std::string_view examples) {
  const CLI::App* root = &app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  app.set_help_flag("-h,--help", kHelpMeaning);
  app.set_version_flag("--version", root->get_name() + " " GROUNDHOG_VERSION, kVersionMeaning);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  std::istringstream lines{std::string(examples)};
  for (std::string line; std::getline(lines, line);) AsCommand(app).examples.push_back(line);
}

bool IsLowerCaseWord(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::vector<ExitCodeMeaning> UsualExitCodes() {
  return {{kExitDone, "done"}, {kExitUsage, "wrong usage, unreadable input or unwritable output"}};
}

Command& AsCommand(CLI::App& app) { return dynamic_cast<Command&>(app); }

const Command& AsCommand(const CLI::App& app) { return dynamic_cast<const Command&>(app); }

void DescribeProgram(CLI::App& program, std::string_view examples) { Describe(program, examples); }

Command* AddCommand(CLI::App& program, const std::string& name, const std::string& summary,
                    std::string_view examples) {
  const auto command = std::make_shared<Command>(summary, name);
  program.add_subcommand(command);
  Describe(*command, examples);
  return command.get();
}

void AddNotes(CLI::App& command, std::string_view notes) {
  std::string text(notes);
  std::replace(text.begin(), text.end(), '\n', ' ');
  AsCommand(command).notes.push_back(std::move(text));
}

void AddExitCodes(CLI::App& command, const std::vector<ExitCodeMeaning>& codes) {
  std::vector<ExitCodeMeaning>& all = AsCommand(command).exit_codes;
  all.insert(all.end(), codes.begin(), codes.end());
}

void OfferValues(CLI::App& command, const CLI::Option* option, ValueOffer offer) {
  AsCommand(command).offers[option] = std::move(offer);
}

ValueOffer OfferOf(const CLI::App& command, const CLI::Option& option) {
  const std::map<const CLI::Option*, ValueOffer>& offers = AsCommand(command).offers;
  const auto given = offers.find(&option);
  ValueOffer offer = given == offers.end() ? ValueOffer() : given->second;
  const std::string name = option.get_positional() ? option.get_name(true) : option.get_type_name();
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(name, '|'))) {
    if (part == "FILE" || part == "SOCKET") offer.has_files = true;
    const bool is_known =
        std::find(offer.words.begin(), offer.words.end(), part) != offer.words.end();
    if (IsLowerCaseWord(part) && !is_known) offer.words.push_back(part);
  }
  return offer;
}

std::string FullName(const CLI::App& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return FullName(*app.get_parent()) + " " + app.get_name();
}

std::vector<const Command*> CommandsOf(const CLI::App& app) {
  std::vector<const Command*> commands;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(&AsCommand(*sub));
  }
  return commands;
}

const Command& Innermost(const CLI::App& app) {
  const std::vector<CLI::App*> reached = app.get_subcommands();
  return reached.empty() ? AsCommand(app) : Innermost(*reached.front());
}

}  // namespace groundhog::cli
