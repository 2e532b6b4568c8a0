#include "cli/shared/man_page.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/shared/command_page.h"

namespace groundhog::cli {
namespace {

// Text as roff shows it: hyphens and quotes as they are typed, and no line that is a request.
std::string Escaped(std::string_view text) {
  const std::string escaped = absl::StrReplaceAll(std::string(text), {{"\\", "\\e"},
                                                                      {"-", "\\-"},
                                                                      {"'", "\\(aq"},
                                                                      {"^", "\\(ha"},
                                                                      {"~", "\\(ti"},
                                                                      {"`", "\\(ga"},
                                                                      {"\"", "\\(dq"}});
  return escaped.starts_with(".") ? "\\&" + escaped : escaped;
}

std::string Heading(const std::string& title) {
  return absl::StrCat(".SH \"", Escaped(absl::AsciiStrToUpper(title)), "\"\n");
}

std::string Entry(const PageEntry& entry) {
  std::string name = "\\fB" + Escaped(entry.name) + "\\fR";
  if (!entry.value.empty()) absl::StrAppend(&name, " \\fI", Escaped(entry.value), "\\fR");
  return absl::StrCat(".TP\n", name, "\n", Escaped(entry.meaning), "\n");
}

// As typed in a terminal, line by line.
std::string Literal(const std::vector<std::string>& lines) {
  std::string text = ".nf\n";
  for (const std::string& line : lines) text += Escaped(line) + "\n";
  return text + ".fi\n";
}

std::string SeeAlso(const Command& command) {
  std::vector<const Command*> others = CommandsOf(command);
  if (command.get_parent() != nullptr) {
    others.insert(others.begin(), &AsCommand(*command.get_parent()));
  }
  std::string text;
  for (const Command* other : others) {
    absl::StrAppend(&text, text.empty() ? "" : ",\n", ".BR ", Escaped(ManPageName(*other)), " (1)");
  }
  return text;
}

}  // namespace

std::string ManPageName(const Command& command) {
  return absl::StrReplaceAll(FullName(command), {{" ", "-"}});
}

std::string ManPage(const Command& command) {
  const CommandPage page = PageOf(command);
  const std::string name = ManPageName(command);
  std::string text = absl::StrCat(".TH \"", Escaped(absl::AsciiStrToUpper(name)),
                                  "\" 1 \"\" \"Groundhog " GROUNDHOG_VERSION "\" \"Groundhog\"\n",
                                  Heading("Name"), Escaped(name), " \\- ", Escaped(page.summary),
                                  "\n", Heading("Synopsis"), Literal(page.usages));
  if (!page.notes.empty()) text += Heading("Description");
  for (const std::string& note : page.notes) {
    absl::StrAppend(&text, &note == &page.notes[0] ? "" : ".PP\n", Escaped(note), "\n");
  }
  for (const PageGroup& group : page.groups) {
    text += Heading(group.title);
    for (const PageEntry& entry : group.entries) text += Entry(entry);
  }
  if (!page.exit_codes.empty()) text += Heading("Exit status");
  for (const ExitCodeMeaning& code : page.exit_codes) {
    text += Entry({.name = std::to_string(code.code), .meaning = code.meaning});
  }
  if (!page.examples.empty()) text += Heading("Examples") + Literal(page.examples);
  const std::string see_also = SeeAlso(command);
  if (!see_also.empty()) text += Heading("See also") + see_also + "\n";
  return text;
}

}  // namespace groundhog::cli
