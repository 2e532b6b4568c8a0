#include "replay/command.h"

#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::replay {
namespace {

constexpr char kBlanks[] = " \t\r";

constexpr std::pair<std::string_view, CommandKind> kWords[] = {
    {"pause", CommandKind::kPause},       {"resume", CommandKind::kResume},
    {"step", CommandKind::kStep},         {"speed", CommandKind::kSpeed},
    {"faster", CommandKind::kFaster},     {"slower", CommandKind::kSlower},
    {"next", CommandKind::kNextIncident}, {"previous", CommandKind::kPreviousIncident},
    {"goto", CommandKind::kGoTo},         {"status", CommandKind::kStatus},
    {"quit", CommandKind::kQuit}};

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::optional<CommandKind> KindOf(std::string_view word) {
  for (const auto& [name, kind] : kWords) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

absl::Status UnknownWord(std::string_view word) {
  return absl::InvalidArgumentError(
      absl::StrCat("unknown command '", std::string(word), "'; there are ", CommandWords()));
}

absl::Status ParseValue(std::string_view word, std::string_view value, Command* command) {
  switch (command->kind) {
    case CommandKind::kStep: {
      if (value.empty()) return absl::OkStatus();
      const char* const end = value.data() + value.size();
      const auto [rest, error] = std::from_chars(value.data(), end, command->count);
      if (rest == end && error == std::errc() && command->count >= 1 &&
          command->count <= kStepMax) {
        return absl::OkStatus();
      }
      return absl::InvalidArgumentError(
          absl::StrCat("step takes a number of records from 1 to ", kStepMax));
    }
    case CommandKind::kSpeed: {
      if (value.empty()) {
        return absl::InvalidArgumentError("speed takes a factor, as in speed 60x, or max");
      }
      const absl::StatusOr<Pace> pace = ParseSpeed(value);
      if (!pace.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("'", std::string(value), "': ", pace.status().message()));
      }
      command->pace = *pace;
      return absl::OkStatus();
    }
    case CommandKind::kGoTo:
      if (value.empty()) {
        return absl::InvalidArgumentError("goto takes a time, as in goto 14:05 or goto 14h30m");
      }
      command->time = value;
      return absl::OkStatus();
    default:
      if (value.empty()) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat(std::string(word), " takes no value"));
  }
}

}  // namespace

bool IsCommandWord(std::string_view word) { return KindOf(word).has_value(); }

std::string CommandWords() {
  std::string text;
  for (const auto& [name, kind] : kWords) {
    absl::StrAppend(&text, text.empty() ? "" : " ", std::string(name));
  }
  return text;
}

absl::StatusOr<Command> ParseCommand(std::string_view line) {
  line = Trimmed(line);
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  const std::optional<CommandKind> kind = KindOf(word);
  if (!kind) return UnknownWord(word);
  Command command{.kind = *kind};
  if (absl::Status s = ParseValue(word, Trimmed(line.substr(word.size())), &command); !s.ok()) {
    return s;
  }
  return command;
}

}  // namespace groundhog::replay
