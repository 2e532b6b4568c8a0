#include "cli/replayer/ctl.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/replayer/options.h"
#include "cli/shared/command.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/parsed_option.h"
#include "replay/command.h"
#include "replay/control_client.h"
#include "replay/real_clock.h"
#include "replay/stop_signal.h"

namespace groundhog::cli {
namespace {

constexpr std::string_view kScheme = "unix:";
constexpr char kBlanks[] = " \t\r\n";
constexpr std::chrono::nanoseconds kRetryInterval = std::chrono::milliseconds(20);

struct CtlOptions {
  std::string socket;
  std::vector<std::string> words;
  std::chrono::nanoseconds patience{0};
};

// Each word that is the name of a command begins a new one, so that quotes and separators are not
// needed: `goto 14h resume` is two commands. The replay refuses what is no command.
std::vector<std::string> LinesOf(const std::vector<std::string>& arguments) {
  std::vector<std::string> lines;
  for (const std::string& argument : arguments) {
    for (std::size_t begin = 0;
         (begin = argument.find_first_not_of(kBlanks, begin)) != std::string::npos;) {
      const std::size_t end = std::min(argument.find_first_of(kBlanks, begin), argument.size());
      const std::string word = argument.substr(begin, end - begin);
      if (lines.empty() || replay::IsCommandWord(word)) {
        lines.push_back(word);
      } else {
        absl::StrAppend(&lines.back(), " ", word);
      }
      begin = end;
    }
  }
  return lines;
}

// Lines of standard input, while a replay listens.
class InputLines {
 public:
  explicit InputLines(int hang_up_descriptor) : hang_up_descriptor_(hang_up_descriptor) {}

  // Waits for the next line. nullopt: there is none any more, or the replay has ended.
  std::optional<std::string> Next() {
    std::size_t end;
    while ((end = unread_.find('\n')) == std::string::npos) {
      if (has_ended_ || !Read()) return TakeRest();
    }
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
  }

  bool has_hung_up() const { return has_hung_up_; }

 private:
  bool Read() {
    std::array<pollfd, 2> waits = {{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                    {.fd = hang_up_descriptor_, .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0) return errno == EINTR;
    if (waits[1].revents != 0) {
      has_hung_up_ = true;
      unread_.clear();
      return false;
    }
    std::array<char, 4'096> some{};
    const ssize_t bytes = ::read(STDIN_FILENO, some.data(), some.size());
    if (bytes > 0) unread_.append(some.data(), static_cast<std::size_t>(bytes));
    has_ended_ = bytes == 0 || (bytes < 0 && errno != EINTR);
    return !has_ended_;
  }

  // A last line may lack its newline.
  std::optional<std::string> TakeRest() {
    if (unread_.empty()) return std::nullopt;
    return std::exchange(unread_, "");
  }

  const int hang_up_descriptor_;
  std::string unread_;
  bool has_ended_ = false;
  bool has_hung_up_ = false;
};

// One conversation, from the first command to the exit code.
class Conversation {
 public:
  explicit Conversation(replay::ControlClient& client) : client_(client) {}

  // False: it is over, as the replay has ended or the reader of the answers has gone.
  bool Ask(std::string_view line) {
    const absl::StatusOr<std::string> answer = client_.Ask(line);
    if (!answer.ok()) {
      PrintError(kProgram, answer.status());
      exit_code_ = kExitNo;
      return false;
    }
    if (!answer->starts_with("ok")) exit_code_ = kExitNo;
    return output_.WriteLine(*answer) && output_.Flush();
  }

  void AskAll(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      if (!Ask(line)) return;
    }
  }

  void AskInput() {
    if (isatty(STDIN_FILENO) != 0) {
      std::fprintf(stderr, "commands: %s\nCtrl-D ends this; the replay goes on\n",
                   replay::CommandWords().c_str());
    }
    InputLines input(client_.descriptor());
    while (const std::optional<std::string> line = input.Next()) {
      const std::size_t begin = line->find_first_not_of(kBlanks);
      if (begin == std::string::npos || (*line)[begin] == '#') continue;
      if (!Ask(*line)) return;
    }
    if (input.has_hung_up()) PrintError(kProgram, "the replay has ended");
  }

  int Finish() { return output_.Finish(kProgram, exit_code_); }

 private:
  replay::ControlClient& client_;
  DataOutput output_;
  int exit_code_ = kExitDone;
};

// Tries again until the patience of `options` is used up.
absl::StatusOr<std::unique_ptr<replay::ControlClient>> Connect(const CtlOptions& options) {
  std::string path = options.socket;
  if (path.starts_with(kScheme)) path.erase(0, kScheme.size());
  const replay::StopSignal never;
  replay::RealClock clock(never);
  const replay::SteadyTime give_up = clock.Now() + options.patience;
  while (true) {
    absl::StatusOr<std::unique_ptr<replay::ControlClient>> client =
        replay::ControlClient::Connect(path);
    if (client.ok() || !absl::IsNotFound(client.status())) return client;
    const replay::SteadyTime now = clock.Now();
    if (now >= give_up) return client;
    clock.SleepUntil(std::min(now + kRetryInterval, give_up));
  }
}

int Control(const CtlOptions& options) {
  const absl::StatusOr<std::unique_ptr<replay::ControlClient>> client = Connect(options);
  if (!client.ok()) {
    PrintError(kProgram, client.status());
    return kExitUsage;
  }
  Conversation conversation(**client);
  if (options.words.empty()) {
    conversation.AskInput();
  } else {
    conversation.AskAll(LinesOf(options.words));
  }
  return conversation.Finish();
}

}  // namespace

void AddCtlCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "ctl", "Give commands to a replay that runs with --control unix:PATH",
                 "groundhog-replay ctl replay.sock status\n"
                 "groundhog-replay ctl replay.sock pause\n"
                 "groundhog-replay ctl replay.sock goto 14h speed 60x resume\n"
                 "groundhog-replay ctl replay.sock < commands.txt\n"
                 "groundhog-replay ctl --wait 10s replay.sock resume");
  AddNotes(*command,
           "Commands: pause, resume, step [N], speed 60x|max, faster, slower, next, previous,\n"
           "goto TIME, status, quit. Each is answered by one line, 'ok NAME=VALUE ...' or 'error'\n"
           "and why; an error does not keep the commands after it from being sent.");
  AddExitCodes(*command,
               {{kExitDone, "each answer was ok"},
                {kExitNo, "an answer was an error, or the replay ended before it answered"},
                {kExitUsage, "wrong usage, or no replay listens at SOCKET"}});
  const auto options = std::make_shared<CtlOptions>();
  command->add_option("SOCKET", options->socket, "The PATH of the replay's --control unix:PATH")
      ->required();
  CLI::Option* const words = command->add_option(
      "COMMAND", options->words,
      "One command or several; without any, standard input is read, one a line");
  words->expected(0, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  OfferValues(*command, words, {.words = absl::StrSplit(replay::CommandWords(), ' ')});
  AddParsed(*command,
            {"--wait", "D", "Wait at most this long for the replay to listen (default: 0s)"},
            DurationInto(&options->patience, sim::Duration()));
  SetRun(*command, selection, [options] { return Control(*options); });
}

}  // namespace groundhog::cli
