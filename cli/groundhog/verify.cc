// groundhog verify: read all of a trace and compare it with everything that it states about itself.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "traces/hash128.h"
#include "traces/reader.h"
#include "traces/summary.h"
#include "traces/summary_builder.h"

namespace groundhog::cli {
namespace {

struct VerifyOptions {
  std::string file;
  bool is_quiet = false;
};

std::string CountsText(const traces::LevelCounts& counts) {
  return absl::StrCat(counts.by_level[0], " INFO, ", counts.by_level[1], " WARN, ",
                      counts.by_level[2], " ERROR");
}

// What the footer says differently from what was read; empty when they agree.
std::string Difference(const traces::Summary& stated, const traces::Summary& read,
                       const traces::Catalogue& catalogue) {
  if (stated.records != read.records) {
    return absl::StrCat(stated.records, " records, but there are ", read.records);
  }
  if (stated.chunks != read.chunks) {
    return absl::StrCat(stated.chunks, " chunks, but there are ", read.chunks);
  }
  if (stated.first_time != read.first_time) return "another time of the first record";
  if (stated.last_time != read.last_time) return "another time of the last record";
  if (stated.end_time != read.end_time) return "that the trace ends before its last record";
  for (std::size_t i = 0; i < read.totals.size(); ++i) {
    if (stated.totals[i] == read.totals[i]) continue;
    return absl::StrCat(catalogue.services[i].name, " has ", CountsText(stated.totals[i]),
                        ", but it has ", CountsText(read.totals[i]));
  }
  if (stated.occurrences != read.occurrences) return "other occurrences than its faults have";
  if (stated.index.size() != read.index.size()) {
    return absl::StrCat("an index of ", stated.index.size(), " entries, not ", read.index.size());
  }
  for (std::size_t i = 0; i < read.index.size(); ++i) {
    if (stated.index[i] == read.index[i]) continue;
    return absl::StrCat("an index whose entry ", i, " is not that of the chunk at byte ",
                        read.index[i].offset);
  }
  if (stated.digest != read.digest) {
    return absl::StrCat("the digest ", traces::ToHex(stated.digest), ", but the records give ",
                        traces::ToHex(read.digest));
  }
  return "";
}

// OK: sound and complete. DataLoss: what is not, and where. Other codes: it can't be read.
absl::Status CheckTrace(const std::string& file, traces::Reader& reader) {
  traces::SummaryBuilder read(reader.info(), reader.catalogue());
  std::uint64_t chunks_end = reader.next_offset();
  std::vector<traces::Record> records;
  while (true) {
    const absl::StatusOr<bool> has_more = reader.NextChunk(&records);
    if (!has_more.ok()) return has_more.status();
    if (!*has_more) break;
    read.AddRecords(records, reader.trace_key());
    read.EndChunk(reader.chunk_offset());
    chunks_end = reader.next_offset();
  }
  if (!reader.incompleteness().ok()) return reader.incompleteness();
  const traces::Summary* stated = reader.summary();
  if (stated == nullptr) return absl::DataLossError(file + ": incomplete");
  read.Finish(stated->end_time);
  const std::string difference = Difference(*stated, read.summary(), reader.catalogue());
  if (difference.empty()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(file, ": the footer at byte ", chunks_end, " says ", difference));
}

int Verify(const VerifyOptions& options) {
  const std::unique_ptr<traces::Reader> reader = OpenTrace("groundhog", options.file);
  if (reader == nullptr) return kExitUsage;
  const absl::Status status = CheckTrace(options.file, *reader);
  if (absl::IsDataLoss(status)) {
    if (!options.is_quiet) PrintError("groundhog", status);
    return kExitNo;
  }
  if (!status.ok()) {
    PrintError("groundhog", status);
    return kExitUsage;
  }
  if (options.is_quiet) return kExitDone;
  const traces::Summary& summary = *reader->summary();
  return PrintData("groundhog",
                   absl::StrCat(options.file, ": sound and complete, ", summary.records,
                                " records, digest ", traces::ToHex(summary.digest), "\n"),
                   kExitDone);
}

}  // namespace

void AddVerifyCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "verify", "Check every byte, count and name of a trace, and its digest",
                 "groundhog verify day.ghog\n"
                 "groundhog verify --quiet day.ghog && echo sound");
  AddExitCodes(*command, {{kExitDone, "sound and complete"},
                          {kExitNo, "damaged or incomplete; one line says what and where"},
                          {kExitUsage, "wrong usage, no trace, or unreadable"}});
  const auto options = std::make_shared<VerifyOptions>();
  command->add_option("FILE", options->file, kTraceFileHelp)->required();
  command->add_flag("-q,--quiet", options->is_quiet, "Print nothing; the exit code says it");
  command->callback(
      [&selection, options] { selection.run = [options] { return Verify(*options); }; });
}

}  // namespace groundhog::cli
