#include "cli/shared/trace_input.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/shared/program.h"

namespace groundhog::cli {
namespace {

constexpr std::uint64_t kDamagesToldMax = 10;

}  // namespace

std::unique_ptr<traces::Reader> OpenTrace(std::string_view program, const std::string& path,
                                          traces::ReaderOptions options) {
  absl::StatusOr<std::unique_ptr<traces::Reader>> reader =
      traces::Reader::Open(path, std::move(options));
  if (reader.ok()) return *std::move(reader);
  PrintError(program, reader.status());
  return nullptr;
}

void TellHeaderDamage(std::string_view program, const traces::Reader& reader) {
  if (!reader.header_damage().ok()) PrintError(program, reader.header_damage());
}

bool LenientReading::NextChunk(std::vector<traces::Record>* records) {
  while (true) {
    const absl::StatusOr<bool> has_more = reader_.NextChunk(records);
    if (has_more.ok()) {
      if (*has_more && progress_ != nullptr) progress_->Update();
      if (!*has_more) End();
      return *has_more;
    }
    if (!absl::IsDataLoss(has_more.status())) {
      Print(has_more.status());
      exit_code_ = kExitUsage;
      return false;
    }
    if (++damages_ <= kDamagesToldMax) Tell(has_more.status());
    exit_code_ = kExitIncomplete;
  }
}

void LenientReading::End() {
  if (progress_ != nullptr) progress_->Clear();
  if (damages_ > kDamagesToldMax) {
    Tell(absl::DataLossError(absl::StrCat("and ", damages_ - kDamagesToldMax, " more")));
  }
  if (reader_.complete()) return;
  exit_code_ = kExitIncomplete;
  if (!reader_.incompleteness().ok()) Tell(reader_.incompleteness());
}

void LenientReading::Tell(const absl::Status& status) {
  if (!is_quiet_) Print(status);
}

void LenientReading::Print(const absl::Status& status) {
  if (progress_ != nullptr) progress_->Clear();
  PrintError(program_, status);
}

}  // namespace groundhog::cli
