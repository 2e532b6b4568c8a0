#include "cli/replayer/keyboard.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace groundhog::cli {
namespace {

using replay::Command;
using replay::CommandKind;

constexpr char kPrompt[] = "go to (14:05, 14h30m or a date): ";
constexpr std::size_t kPromptBytesMax = 40;  // so that it stays one line of 80 columns
constexpr char kEscape = '\x1b';
constexpr char kBackspace = '\x7f';
constexpr char kEraseLine = '\x15';  // Ctrl-U

// What a terminal sends for a key, in its normal and its application mode.
constexpr std::pair<std::string_view, CommandKind> kKeys[] = {
    {" ", CommandKind::kTogglePause},      {"\x1b[C", CommandKind::kStep},
    {"\x1bOC", CommandKind::kStep},        {"\x1b[A", CommandKind::kFaster},
    {"\x1bOA", CommandKind::kFaster},      {"\x1b[B", CommandKind::kSlower},
    {"\x1bOB", CommandKind::kSlower},      {"n", CommandKind::kNextIncident},
    {"p", CommandKind::kPreviousIncident}, {"q", CommandKind::kQuit}};

// How long an escape sequence at the beginning of `keys` is; 0: it is not whole.
std::size_t EscapeBytes(std::string_view keys) {
  if (keys.size() < 2) return 0;
  if (keys[1] == 'O') return keys.size() < 3 ? 0 : 3;
  if (keys[1] != '[') return 1;
  for (std::size_t i = 2; i < keys.size(); ++i) {
    if (keys[i] >= '@' && keys[i] <= '~') return i + 1;
  }
  return 0;
}

}  // namespace

std::unique_ptr<Keyboard> Keyboard::Open(bool stdin_is_data, ProgressPrinter& printer) {
  if (isatty(STDERR_FILENO) == 0) return nullptr;
  int terminal = STDIN_FILENO;
  if (stdin_is_data) terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) return nullptr;
  const bool is_ours = isatty(terminal) != 0 && ::tcgetpgrp(terminal) == ::getpgrp();
  const int events = is_ours ? ::epoll_create1(EPOLL_CLOEXEC) : -1;
  if (events < 0) {
    if (stdin_is_data) ::close(terminal);
    return nullptr;
  }
  return std::unique_ptr<Keyboard>(new Keyboard(terminal, stdin_is_data, events, printer));
}

Keyboard::Keyboard(int terminal, bool is_owned, int events, ProgressPrinter& printer)
    : terminal_(terminal), is_owned_(is_owned), events_(events), printer_(printer) {
  mode_.emplace(terminal);
  Watch(true);
}

Keyboard::~Keyboard() {
  mode_.reset();
  ::close(events_);
  if (is_owned_) ::close(terminal_);
}

void Keyboard::Watch(bool is_wanted) {
  if (is_watching_ == is_wanted) return;
  struct epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(events_, is_wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, terminal_, &event);
  is_watching_ = is_wanted;
}

// A program in the background that reads its terminal is stopped, so it does not.
void Keyboard::Read() {
  if (mode_->TakeContinued()) Watch(mode_->is_foreground());
  if (!is_watching_) return;
  struct epoll_event event{};
  if (::epoll_wait(events_, &event, 1, 0) <= 0) return;
  if (!mode_->is_foreground()) return Watch(false);
  std::array<char, 256> some{};
  const ssize_t bytes = ::read(terminal_, some.data(), some.size());
  if (bytes > 0) {
    unread_.append(some.data(), static_cast<std::size_t>(bytes));
  } else if (bytes == 0 ? (event.events & EPOLLHUP) != 0 : errno != EAGAIN && errno != EINTR) {
    Watch(false);  // the terminal has gone
  }
}

std::optional<Command> Keyboard::Next() {
  if (unread_.empty()) Read();
  while (!unread_.empty()) {
    const std::optional<Command> command = prompt_ ? TakePromptKey() : TakeKey();
    if (command) return command;
  }
  return std::nullopt;
}

std::optional<Command> Keyboard::TakeKey() {
  if (unread_[0] == 't') {
    unread_.erase(0, 1);
    prompt_.emplace();
    printer_.ShowPrompt(kPrompt);
    return std::nullopt;
  }
  std::size_t bytes = 1;
  if (unread_[0] == kEscape) bytes = EscapeBytes(unread_);
  if (bytes == 0) bytes = unread_.size();  // a sequence comes in one piece, or is none
  const std::string key = unread_.substr(0, bytes);
  unread_.erase(0, bytes);
  for (const auto& [text, kind] : kKeys) {
    if (text == key) return Command{.kind = kind};
  }
  if (key == "?" || key == "h") printer_.Print(std::string(kHelp) + "\n");
  return std::nullopt;
}

std::optional<Command> Keyboard::TakePromptKey() {
  const char key = unread_[0];
  std::size_t bytes = 1;
  if (key == kEscape) bytes = EscapeBytes(unread_);
  if (bytes == 0) bytes = unread_.size();
  unread_.erase(0, bytes);
  if (key == kEscape) {
    if (bytes > 1) return std::nullopt;  // an arrow
    return EndPrompt(false);
  }
  if (key == '\r' || key == '\n') return EndPrompt(true);
  if (key == kBackspace || key == '\b') {
    if (!prompt_->empty()) prompt_->pop_back();
  } else if (key == kEraseLine) {
    prompt_->clear();
  } else if (key >= ' ' && key <= '~' && prompt_->size() < kPromptBytesMax) {
    prompt_->push_back(key);
  }
  printer_.ShowPrompt(kPrompt + *prompt_);
  return std::nullopt;
}

std::optional<Command> Keyboard::EndPrompt(bool is_entered) {
  std::string time = *std::exchange(prompt_, std::nullopt);
  printer_.EndPrompt();
  if (!is_entered || time.empty()) return std::nullopt;
  return Command{.kind = CommandKind::kGoTo, .time = std::move(time)};
}

void Keyboard::Answer(const absl::StatusOr<std::string>& answer) {
  if (!answer.ok()) printer_.Notice(std::string(answer.status().message()));
}

}  // namespace groundhog::cli
