#include "cli/program.h"

#include <csignal>
#include <cstdio>
#include <new>
#include <sstream>
#include <string>

#include "cli/data_output.h"
#include "cli/exit_codes.h"
#include "cli/standard_descriptors.h"

namespace groundhog::cli {
namespace {

std::string Examples(std::string_view examples) {
  std::string text = "Examples:\n";
  std::istringstream lines{std::string(examples)};
  for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
  text.pop_back();
  return text;
}

// The subcommand that parsing had reached, whose help is the one to point to.
const CLI::App* Innermost(const CLI::App* app) {
  for (const CLI::App* sub : app->get_subcommands()) return Innermost(sub);
  return app;
}

std::string FullName(const CLI::App* app) {
  if (app->get_parent() == nullptr) return app->get_name();
  return FullName(app->get_parent()) + " " + app->get_name();
}

// The first word that `app`, which takes commands, could not make sense of; empty if there is none.
// Where it takes words of its own as well, one too many is no command.
std::string UnknownWord(const CLI::App& app) {
  const auto is_positional = [](const CLI::Option* option) { return option->get_positional(); };
  if (!app.get_options(is_positional).empty()) return "";
  std::string names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names += " " + sub->get_name();
  }
  if (names.empty()) return "";
  for (const std::string& word : app.remaining()) {
    if (word.empty()) continue;
    if (word[0] != '-') return "unknown command '" + word + "'; the commands are" + names;
    return "unknown option '" + word + "'; see '" + FullName(&app) + " --help'";
  }
  return "";
}

// CLI11's own messages, each made one line that ends with where to look.
std::string UsageMessage(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* reached = Innermost(&program);
  const std::string unknown = UnknownWord(*reached);
  if (!unknown.empty()) return unknown;
  std::string text = error.what();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text + "; see '" + FullName(reached) + " --help'";
}

}  // namespace

void DescribeProgram(CLI::App& program, std::string_view examples) {
  program.set_version_flag("--version", program.get_name() + " " GROUNDHOG_VERSION,
                           "Print the version and exit");
  program.set_help_flag("-h,--help", "Print this help and exit");
  program.footer(Examples(examples));
  program.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

CLI::App* AddCommand(CLI::App& program, const std::string& name, const std::string& summary,
                     std::string_view examples) {
  CLI::App* command = program.add_subcommand(name, summary);
  command->set_help_flag("-h,--help", "Print this help and exit");
  const CLI::App* root = &program;
  while (root->get_parent() != nullptr) root = root->get_parent();
  command->set_version_flag("--version", root->get_name() + " " GROUNDHOG_VERSION,
                            "Print the version and exit");
  command->footer(Examples(examples));
  return command;
}

void AddNotes(CLI::App& command, std::string_view notes) {
  command.footer(command.get_footer() + "\n\n" + std::string(notes));
}

int RunProgram(CLI::App& program, int argc, char** argv, const Selection& selection) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  if (absl::Status s = OccupyStandardDescriptors(); !s.ok()) {
    PrintError(program.get_name(), s);
    return kExitUsage;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return PrintData(program.get_name(), program.help(), kExitDone);
  } catch (const CLI::CallForAllHelp&) {
    return PrintData(program.get_name(), program.help("", CLI::AppFormatMode::All), kExitDone);
  } catch (const CLI::CallForVersion& version) {
    return PrintData(program.get_name(), std::string(version.what()) + "\n", kExitDone);
  } catch (const CLI::ParseError& error) {
    PrintError(program.get_name(), UsageMessage(program, error));
    return kExitUsage;
  }
  try {
    return selection.run ? selection.run() : static_cast<int>(kExitUsage);
  } catch (const std::bad_alloc&) {
    PrintError(program.get_name(), "out of memory");
    return kExitNo;
  }
}

void PrintError(std::string_view program, std::string_view message) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(program.size()), program.data(),
               static_cast<int>(message.size()), message.data());
}

void PrintError(std::string_view program, const absl::Status& status) {
  PrintError(program, std::string_view(status.message().data(), status.message().size()));
}

}  // namespace groundhog::cli
