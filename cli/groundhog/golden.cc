#include "cli/groundhog/golden.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/diff.h"
#include "analysis/joint_catalogue.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/diff_report.h"
#include "cli/groundhog/name_changes.h"
#include "cli/groundhog/scenario_changes.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/trace_input.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "traces/summary.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kDigestDigits = traces::kHash128Digits;
// Something like a digest that was cut or written twice.
constexpr std::size_t kDigitsLikeADigest = 16;

bool LooksLikeDigest(std::string_view text) {
  return text.size() >= kDigitsLikeADigest &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// The digest that a file begins with, as `groundhog digest` writes it; nullopt: it does not.
std::optional<traces::Hash128> ReadDigestFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::array<char, kDigestDigits + 1> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view text(bytes.data(), static_cast<std::size_t>(file.gcount()));
  const std::string_view after = text.substr(std::min(text.size(), kDigestDigits));
  if (after.find_first_not_of(" \t\r\n") != std::string_view::npos) return std::nullopt;
  return traces::ParseHash128(text.substr(0, kDigestDigits));
}

std::string RecordsText(std::uint64_t count) {
  return absl::StrCat(text::WithCommas(count), count == 1 ? " record" : " records");
}

// One line where what is wrong is the file and not the day: a part of a day, more than it, or
// another one. Otherwise empty.
std::string NotItsHeaderText(const std::string& name, const analysis::Diff& diff) {
  const analysis::DiffCounts& all = diff.all();
  const std::string all_of_them =
      absl::StrCat("each of its ", RecordsText(diff.equal()), " is recorded again, and ");
  if (diff.records_a() > 0 && diff.equal() + all.different == 0) {
    return absl::StrCat(name, " is not the day of its header: none of its ",
                        RecordsText(diff.records_a()),
                        " is recorded again; they were written by another program, or belong to "
                        "another scenario");
  }
  if (all.different > 0 || (all.only_a > 0 && all.only_b > 0)) return "";
  if (all.only_b > 0) {
    return absl::StrCat(name,
                        " is a part of the day of its header, such as a slice or what was "
                        "recovered: ",
                        all_of_them, text::WithCommas(all.only_b), " more");
  }
  if (all.only_a > 0) {
    return absl::StrCat(name,
                        " is more than the day of its header, such as traces that were put "
                        "together: ",
                        RecordsText(all.only_a), " of ", text::WithCommas(diff.records_a()),
                        " are not recorded again, all others are");
  }
  return "";
}

}  // namespace

absl::StatusOr<Golden> Golden::Open(const std::string& expected) {
  if (const std::optional<traces::Hash128> digest = traces::ParseHash128(expected)) {
    return Golden(expected, *digest, nullptr);
  }
  if (const std::optional<traces::Hash128> digest = ReadDigestFile(expected)) {
    return Golden(expected, *digest, nullptr);
  }
  std::error_code error;
  if (LooksLikeDigest(expected) && !std::filesystem::exists(expected, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(text::QuotedName(expected), " is no file, and a digest has ",
                     traces::kHash128Digits, " hex digits, not ", expected.size()));
  }
  absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(expected);
  if (!reader.ok()) return reader.status();
  if (!(*reader)->can_seek()) {
    return absl::InvalidArgumentError(
        absl::StrCat(expected, ": a golden trace must be a file, not a pipe"));
  }
  if (!(*reader)->header_damage().ok()) return (*reader)->header_damage();
  const traces::Summary* const summary = (*reader)->summary();
  if (summary == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(expected,
                     ": the trace is incomplete, so that nothing can be compared with "
                     "it; 'groundhog verify' tells what is missing"));
  }
  const traces::Hash128 digest = summary->digest;
  return Golden(expected, digest, *std::move(reader));
}

Golden::Description Golden::DescribeByDigest(const Recording& recording) const {
  return {.notices = {absl::StrCat("expected digest ", traces::ToHex(digest_),
                                   ", but this day has ", traces::ToHex(recording.digest)),
                      "a digest does not say where they part: keep the golden trace, and give that "
                      "to --expect"},
          .page = ""};
}

absl::StatusOr<Golden::Description> Golden::Describe(const Recording& recording) {
  if (reader_ == nullptr) return DescribeByDigest(recording);
  const absl::StatusOr<analysis::JointCatalogue> joint =
      analysis::JointCatalogue::Make(reader_->catalogue(), recording.catalogue);
  if (!joint.ok()) return joint.status();
  LenientReading reading(kProgram, *reader_, /*is_quiet=*/false);
  const analysis::KeyedChunkSource golden_records = [&](std::vector<traces::Record>* records,
                                                        std::uint64_t* trace_key) {
    if (!reading.NextChunk(records)) return false;
    *trace_key = reader_->trace_key();
    return true;
  };
  analysis::Diff diff;
  analysis::Align(*joint, golden_records, recording.records, {},
                  [&](const analysis::AlignedRecord& aligned) { diff.Take(aligned); });
  if (reading.exit_code() == kExitUsage) {
    return absl::UnavailableError(absl::StrCat(name_, ": could not be read to its end"));
  }
  Description description;
  const std::string version = OtherVersionText(*this);
  if (!version.empty()) description.notices.push_back(version);
  const std::vector<std::string> names = NameChanges(reader_->catalogue(), recording.catalogue);
  if (diff.are_identical() && names.empty() &&
      reader_->info().start_unix_nanoseconds == recording.info.start_unix_nanoseconds) {
    description.notices.push_back(absl::StrCat(name_, " has the digest ", traces::ToHex(digest_),
                                               ", this day ", traces::ToHex(recording.digest),
                                               ", but no record differs: ask 'groundhog ",
                                               "verify ", name_, "' whether it is damaged"));
    return description;
  }
  if (recording.is_of_own_header) {
    const std::string reason = NotItsHeaderText(name_, diff);
    if (!reason.empty()) {
      description.notices.push_back(reason);
      return description;
    }
  }
  const DiffReport report = {.file_a = name_,
                             .file_b = recording.output.empty() ? "recorded now" : recording.output,
                             .info_a = reader_->info(),
                             .info_b = recording.info,
                             .catalogue = joint->catalogue(),
                             .diff = diff,
                             .scenario = ScenarioChanges(reader_->info(), recording.info),
                             .names = names,
                             .is_complete = reading.exit_code() == kExitDone,
                             .is_summary = true,
                             .is_coloured = recording.is_coloured};
  description.notices.push_back(absl::StrCat("this is not the day of ", name_));
  description.page = DiffAsPage(report);
  return description;
}

std::string OtherVersionText(const Golden& golden) {
  if (golden.trace() == nullptr) return "";
  const std::string& version = golden.trace()->info().program_version;
  if (version == GROUNDHOG_VERSION) return "";
  return absl::StrCat(golden.name(), " was recorded by groundhog ", version, ", this is ",
                      GROUNDHOG_VERSION, ": another version may live another day");
}

}  // namespace groundhog::cli
