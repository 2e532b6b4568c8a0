#include "cli/groundhog/copying.h"

#include <algorithm>
#include <span>

#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/trace_input.h"
#include "traces/summary.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kRangesMax = 10;

}  // namespace

void AddCopyOptions(CLI::App& command, CopyOptions& options) {
  command.add_option("FILE", options.file, kTraceFileHelp)->required();
  AddCopyOutputOptions(command, options.output);
}

Copying::Copying(const CopyOptions& options, traces::Reader& reader)
    : options_(options),
      reader_(reader),
      progress_(kProgram, options.file, reader,
                {.doing = "copying",
                 .mode = options.output.is_quiet ? ProgressMode::kNever : options.output.progress}),
      output_(options.output, "copied") {}

int Copying::Run(std::optional<sim::VirtualTime> until) {
  return output_.Run(reader_.info(), reader_.catalogue(), [&] {
    const absl::StatusOr<int> exit_code = CopyAll(until);
    progress_.Clear();
    return exit_code;
  });
}

absl::StatusOr<int> Copying::CopyAll(std::optional<sim::VirtualTime> until) {
  LenientReading reading(kProgram, reader_, options_.output.is_quiet, &progress_);
  std::vector<traces::Record> records;
  while (!IsCopyInterrupted() && !is_over_ && !(until && IsRestBeyond(*until)) &&
         reading.NextChunk(&records)) {
    if (absl::Status status = CopyChunk(&records, until); !status.ok()) return status;
  }
  if (absl::Status status = ReachEnd(until); !status.ok()) return status;
  return reading.exit_code();
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
  return output_.Append(*records, reader_.trace_key());
}

// The copy covers as much time as the trace does, and no more than was asked for.
absl::Status Copying::ReachEnd(std::optional<sim::VirtualTime> until) {
  const sim::VirtualTime wanted = until.value_or(sim::VirtualTime::Max());
  if (const traces::Summary* const summary = reader_.footer();
      summary != nullptr && !IsCopyInterrupted()) {
    if (!until && next_position_ < summary->records) {
      NoteLost(next_position_, summary->records, sim::VirtualTime::Max());
    }
    return output_.AdvanceTo(std::min(wanted, summary->end_time));
  }
  return is_over_ ? output_.AdvanceTo(wanted) : absl::OkStatus();
}

// By the index, so that a chunk is not read in vain.
bool Copying::IsRestBeyond(sim::VirtualTime until) const {
  const traces::Summary* const summary = reader_.summary();
  if (summary == nullptr) return false;
  if (next_position_ >= summary->records) return true;
  const traces::ChunkIndex& index = summary->index;
  const auto next =
      std::ranges::lower_bound(index, reader_.next_offset(), {}, &traces::IndexEntry::offset);
  return next != index.end() && next->offset == reader_.next_offset() && next->first_time >= until;
}

void Copying::NoteLost(std::uint64_t first, std::uint64_t end, sim::VirtualTime before) {
  lost_records_ += end - first;
  if (lost_.size() == kRangesMax) return;
  lost_.push_back({.first = first, .last = end - 1, .after = last_time_, .before = before});
}

int OnCopy(const CLI::App& command, const CopyOptions& options,
           const std::function<absl::StatusOr<int>(traces::Reader&)>& run, bool is_thorough) {
  if (!CheckCopyOutput(command, options.output, {&options.file, 1})) return kExitUsage;
  return OnTrace(options.file, run,
                 {.stop_requested = IsCopyInterrupted, .is_thorough = is_thorough});
}

}  // namespace groundhog::cli
