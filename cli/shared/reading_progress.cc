#include "cli/shared/reading_progress.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

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

}  // namespace

ReadingProgress::ReadingProgress(std::string_view program, const std::string& file,
                                 const traces::Reader& reader,
                                 const ReadingProgressOptions& options)
    : printer_(std::string(program), ModeFor(options.mode), options.is_stdout_busy),
      reader_(reader),
      doing_(options.doing),
      file_(file == "-" ? "standard input" : std::filesystem::path(file).filename().string()) {
  next_ = std::chrono::steady_clock::now();
  if (options.mode == ProgressMode::kAuto) next_ += kQuietAtFirst;
}

void ReadingProgress::Update() {
  if (!printer_.is_shown()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + printer_.interval();
  const std::string text = Text();
  const std::string line = absl::StrCat(doing_, " ", file_, ": ", text);
  printer_.Show(line.size() <= printer_.columns() ? line : absl::StrCat(doing_, ": ", text));
}

std::string ReadingProgress::Text() const {
  const std::uint64_t done = reader_.next_offset();
  if (!reader_.size_bytes()) return absl::StrFormat("%.1f MB", Megabytes(done));
  const std::uint64_t all = *reader_.size_bytes();
  const std::uint64_t percent = all == 0 ? 100 : done * 100 / all;
  return absl::StrFormat("%d %%, %.1f of %.1f MB", percent, Megabytes(done), Megabytes(all));
}

}  // namespace groundhog::cli
