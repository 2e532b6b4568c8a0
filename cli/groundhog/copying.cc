#include "cli/groundhog/copying.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/writer_options.h"
#include "cli/shared/choice.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/stop_handler.h"
#include "cli/shared/trace_input.h"
#include "text/numbers.h"
#include "traces/hash128.h"
#include "traces/summary.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kRangesMax = 10;

// A signal handler reaches nothing but statics.
volatile std::sig_atomic_t interrupted = 0;

// The output grows as OUTPUT.partial, which must not be the input: 'recover day.ghog.partial -o
// day.ghog' comes to mind first.
bool WouldOverwriteInput(const CopyOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path target = fs::weakly_canonical(options.output, error);
  const fs::path input = options.trace.file == "-" ? "/dev/stdin" : options.trace.file;
  return !error && fs::equivalent(input, target.string() + ".partial", error);
}

}  // namespace

void AddCopyOptions(CLI::App& command, CopyOptions& options) {
  AddTraceFile(command, options.trace);
  AddTraceOutput(command, options.output);
  AddChoice(command, "--progress", options.progress, kProgressModeNames,
            "Whether to show progress on standard error; auto (default): on a terminal");
  AddQuiet(command, options.trace.is_quiet, "Print nothing but errors");
}

Copying::Copying(const CopyOptions& options, traces::Reader& reader)
    : options_(options),
      reader_(reader),
      progress_(kProgram, options.trace.file, reader,
                {.doing = "copying",
                 .mode = options.trace.is_quiet ? ProgressMode::kNever : options.progress}) {}

int Copying::Run(std::optional<sim::VirtualTime> until) {
  absl::StatusOr<std::unique_ptr<traces::Writer>> writer =
      traces::Writer::Open(options_.output, reader_.info(), reader_.catalogue(), options_.writer);
  absl::Status status = writer.status();
  if (status.ok()) {
    writer_ = *std::move(writer);
    status = CopyAll(until);
    progress_.Clear();
  }
  if (absl::IsCancelled(status) && interrupted == 0)
    return kExitDone;  // our pipe's reader has gone
  if (!status.ok() && interrupted == 0) {
    PrintError(kProgram, status);
    return kExitUsage;
  }
  // The input could not be read on.
  if (exit_code_ == kExitUsage && interrupted == 0) return kExitUsage;
  if (status.ok()) {
    is_finished_ = true;
    Notice(absl::StrCat("copied ", text::WithCommas(records_),
                        records_ == 1 ? " record: " : " records: ", options_.output));
    Notice(absl::StrCat("digest ", traces::ToHex(writer_->summary().digest)));
  }
  return interrupted != 0 ? kExitInterrupted : exit_code_;
}

absl::Status Copying::CopyAll(std::optional<sim::VirtualTime> until) {
  SetStopHandler({.on_first = [] { interrupted = 1; }});
  LenientReading reading(kProgram, reader_, options_.trace.is_quiet, &progress_);
  std::vector<traces::Record> records;
  while (interrupted == 0 && !is_over_ && !(until && IsRestBeyond(*until)) &&
         reading.NextChunk(&records)) {
    if (absl::Status status = CopyChunk(&records, until); !status.ok()) return status;
  }
  exit_code_ = reading.exit_code();
  if (exit_code_ == kExitUsage && interrupted == 0) return absl::OkStatus();
  return Finish(until);
}

absl::Status Copying::CopyChunk(std::vector<traces::Record>* records,
                                std::optional<sim::VirtualTime> until) {
  const std::uint64_t position = reader_.position();
  if (next_position_ < position) {
    NoteLost(next_position_, position, records->front().time);
  }
  next_position_ = position + records->size();
  if (until) {
    const auto end = std::ranges::lower_bound(*records, *until, {}, &traces::Record::time);
    is_over_ = end != records->end();
    records->erase(end, records->end());
  }
  if (records->empty()) return absl::OkStatus();
  last_time_ = records->back().time;
  records_ += records->size();
  return writer_->AppendForeign(*records, reader_.trace_key());
}

// The copy covers as much time as the trace does, and no more than was asked for.
absl::Status Copying::Finish(std::optional<sim::VirtualTime> until) {
  const sim::VirtualTime wanted = until.value_or(sim::VirtualTime::Max());
  if (const traces::Summary* const summary = reader_.summary();
      summary != nullptr && interrupted == 0) {
    if (!until && next_position_ < summary->records) {
      NoteLost(next_position_, summary->records, sim::VirtualTime::Max());
    }
    const sim::VirtualTime end = std::min(wanted, summary->end_time);
    if (absl::Status status = writer_->AdvanceTo(end); !status.ok()) return status;
  } else if (is_over_) {
    if (absl::Status status = writer_->AdvanceTo(wanted); !status.ok()) return status;
  }
  return writer_->Finish();
}

// By the index, so that a chunk is not read in vain.
bool Copying::IsRestBeyond(sim::VirtualTime until) const {
  if (reader_.summary() == nullptr) return false;
  const std::vector<traces::IndexEntry>& index = reader_.summary()->index;
  const auto next =
      std::ranges::lower_bound(index, reader_.next_offset(), {}, &traces::IndexEntry::offset);
  return next != index.end() && next->offset == reader_.next_offset() && next->first_time >= until;
}

void Copying::NoteLost(std::uint64_t first, std::uint64_t end, sim::VirtualTime before) {
  lost_records_ += end - first;
  if (lost_.size() == kRangesMax) return;
  lost_.push_back({.first = first, .last = end - 1, .after = last_time_, .before = before});
}

void Copying::Notice(const std::string& line) {
  if (!options_.trace.is_quiet) progress_.Notice(line);
}

int OnCopy(const CLI::App& command, const CopyOptions& options,
           const std::function<absl::StatusOr<int>(traces::Reader&)>& run, bool is_thorough) {
  if (!CheckTraceOutput(command, options.output, options.writer)) return kExitUsage;
  if (WouldOverwriteInput(options)) {
    PrintError(kProgram, absl::StrCat(options.output, " is written as ", options.output,
                                      ".partial first, which is the trace to read: give that "
                                      "another name, or choose another --output"));
    return kExitUsage;
  }
  return OnTrace(options.trace.file, run,
                 {.stop_requested = [] { return interrupted != 0; }, .is_thorough = is_thorough});
}

}  // namespace groundhog::cli
