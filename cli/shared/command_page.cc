#include "cli/shared/command_page.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "text/wrap.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kMeaningColumn = 26;
constexpr std::size_t kCodeColumn = 7;
constexpr std::size_t kGap = 2;

std::string ArgumentName(const CLI::Option& option) {
  std::string name = option.get_name(true);
  if (option.get_items_expected_max() > 1) name += "...";
  return option.get_required() ? name : absl::StrCat("[", name, "]");
}

std::string OptionNames(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += absl::StrCat("-", name, ", ");
  for (const std::string& name : option.get_lnames()) names += absl::StrCat("--", name, ", ");
  return names.substr(0, names.size() - 2);
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// "groundhog record -o FILE|- [OPTIONS] [SCENARIO]"
std::string UsageOf(const Command& command) {
  std::string usage = FullName(command);
  std::string arguments;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      arguments += " " + ArgumentName(*option);
    } else if (option->get_required()) {
      usage += absl::StrCat(" ", option->get_name(), " ", option->get_type_name());
    }
  }
  usage += command.get_require_subcommand_min() > 0 ? " COMMAND" : " [OPTIONS]";
  return usage + arguments;
}

// Whether it is there in every command, and therefore listed last.
bool IsCommon(const CLI::App& command, const CLI::Option* option) {
  return option == command.get_help_ptr() || option == command.get_version_ptr();
}

void AddOptions(const Command& command, std::vector<PageGroup>& groups) {
  for (const std::string& title : command.get_groups()) {
    PageGroup group = {.title = title};
    std::vector<PageEntry> common;
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_positional() || option->get_group() != title) continue;
      PageEntry entry = {.name = OptionNames(*option), .meaning = option->get_description()};
      if (TakesValue(*option)) entry.value = option->get_type_name();
      (IsCommon(command, option) ? common : group.entries).push_back(std::move(entry));
    }
    group.entries.insert(group.entries.end(), common.begin(), common.end());
    if (!group.entries.empty()) groups.push_back(std::move(group));
  }
}

std::vector<PageGroup> GroupsOf(const Command& command) {
  PageGroup commands = {.title = "Commands"};
  for (const Command* sub : CommandsOf(command)) {
    commands.entries.push_back({.name = sub->get_name(), .meaning = sub->get_description()});
  }
  PageGroup arguments = {.title = "Arguments"};
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    arguments.entries.push_back(
        {.name = option->get_name(true), .meaning = option->get_description()});
  }
  std::vector<PageGroup> groups;
  if (!arguments.entries.empty()) groups.push_back(std::move(arguments));
  if (!commands.entries.empty()) groups.push_back(std::move(commands));
  AddOptions(command, groups);
  return groups;
}

// None if the command has subcommands, each of which has its own.
std::vector<ExitCodeMeaning> ExitCodesOf(const Command& command) {
  if (command.get_require_subcommand_min() > 0) return {};
  std::vector<ExitCodeMeaning> codes = command.exit_codes;
  for (const ExitCodeMeaning& usual : UsualExitCodes()) {
    const bool is_said = std::any_of(codes.begin(), codes.end(),
                                     [&usual](const auto& own) { return own.code == usual.code; });
    if (!is_said) codes.push_back(usual);
  }
  std::sort(codes.begin(), codes.end(),
            [](const auto& a, const auto& b) { return a.code < b.code; });
  return codes;
}

// `name` at the left and `text` next to it, or below it if `name` is too long.
std::string TwoColumns(const std::string& name, const std::string& text, std::size_t column) {
  std::string lines = "  " + name;
  bool is_first = lines.size() + kGap <= column;
  if (!is_first) lines += "\n";
  for (const std::string& line : text::Wrap(text, kColumns - 1 - column)) {
    lines += std::string(is_first ? column - 2 - name.size() : column, ' ') + line + "\n";
    is_first = false;
  }
  return lines;
}

std::string Paragraph(const std::string& text) {
  std::string lines;
  for (const std::string& line : text::Wrap(text, kColumns - 1)) lines += line + "\n";
  return lines;
}

}  // namespace

CommandPage PageOf(const Command& command) {
  CommandPage page = {.name = FullName(command),
                      .summary = command.get_description(),
                      .usages = command.usages,
                      .groups = GroupsOf(command),
                      .examples = command.examples,
                      .notes = command.notes,
                      .exit_codes = ExitCodesOf(command)};
  if (page.usages.empty()) page.usages.push_back(UsageOf(command));
  return page;
}

std::string HelpText(const Command& command) {
  const CommandPage page = PageOf(command);
  std::string text = Paragraph(page.summary) + "\n";
  std::string_view label = "Usage: ";
  for (const std::string& usage : page.usages) {
    text += std::string(label) + usage + "\n";
    label = "       ";
  }
  for (const PageGroup& group : page.groups) {
    text += absl::StrCat("\n", group.title, ":\n");
    for (const PageEntry& entry : group.entries) {
      const std::string name = entry.value.empty() ? entry.name : entry.name + " " + entry.value;
      text += TwoColumns(name, entry.meaning, kMeaningColumn);
    }
  }
  if (!page.examples.empty()) text += "\nExamples:\n";
  for (const std::string& example : page.examples) text += absl::StrCat("  ", example, "\n");
  for (const std::string& note : page.notes) text += "\n" + Paragraph(note);
  if (page.exit_codes.empty()) return text;
  text += "\nExit codes:\n";
  for (const ExitCodeMeaning& code : page.exit_codes) {
    text += TwoColumns(std::to_string(code.code), code.meaning, kCodeColumn);
  }
  return text;
}

}  // namespace groundhog::cli
