#include "cli/shared/reading_progress.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "text/numbers.h"
#include "text/printable.h"

namespace groundhog::cli {
namespace {

// What is over by then needs no progress.
constexpr std::chrono::seconds kQuietAtFirst{1};

bool IsStdoutAPipe() {
  struct stat about{};
  return ::fstat(STDOUT_FILENO, &about) == 0 &&
         (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
}

ProgressMode ModeFor(ProgressMode wanted) {
  return wanted == ProgressMode::kAuto && IsStdoutAPipe() ? ProgressMode::kNever : wanted;
}

double Megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

std::string TextOf(const AmountRead& amount) {
  const bool is_bytes = amount.unit == AmountRead::Unit::kBytes;
  const std::string done =
      is_bytes ? absl::StrFormat("%.1f", Megabytes(amount.done)) : text::WithCommas(amount.done);
  const char* const unit = is_bytes ? " MB" : " messages";
  if (!amount.all) return absl::StrCat(done, unit);
  const std::uint64_t percent = *amount.all == 0 ? 100 : amount.done * 100 / *amount.all;
  const std::string all =
      is_bytes ? absl::StrFormat("%.1f", Megabytes(*amount.all)) : text::WithCommas(*amount.all);
  return absl::StrCat(percent, " %, ", done, " of ", all, unit);
}

}  // namespace

AmountRead& AmountRead::operator+=(const AmountRead& other) {
  done += other.done;
  all = all && other.all ? std::optional(*all + *other.all) : std::nullopt;
  unit = other.unit;
  return *this;
}

AmountRead AmountOf(const traces::Reader& reader) {
  return {.done = reader.next_offset(), .all = reader.size_bytes()};
}

std::string InputName(const std::string& file) {
  return file == "-" ? "standard input"
                     : text::Printable(std::filesystem::path(file).filename().string());
}

ReadingProgress::ReadingProgress(std::string_view program, const ReadingProgressOptions& options)
    : printer_(std::string(program), ModeFor(options.mode), options.is_stdout_busy),
      doing_(options.doing) {
  first_ = std::chrono::steady_clock::now();
  if (options.mode == ProgressMode::kAuto) first_ += kQuietAtFirst;
}

ReadingProgress::ReadingProgress(std::string_view program, const std::string& file,
                                 const traces::Reader& reader,
                                 const ReadingProgressOptions& options)
    : ReadingProgress(program, options) {
  Begin(InputName(file), [&reader] { return AmountOf(reader); });
}

void ReadingProgress::Begin(std::string name, std::function<AmountRead()> amount) {
  Clear();
  name_ = std::move(name);
  amount_ = std::move(amount);
  next_ = first_;
}

void ReadingProgress::Update() {
  if (!printer_.is_shown() || !amount_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + printer_.interval();
  const std::string text = TextOf(amount_());
  const std::string line = absl::StrCat(doing_, " ", name_, ": ", text);
  printer_.Show(line.size() <= printer_.columns() ? line : absl::StrCat(doing_, ": ", text));
}

}  // namespace groundhog::cli
