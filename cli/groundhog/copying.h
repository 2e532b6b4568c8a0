// What the commands that write a trace from one other share: convert, slice and recover.
#ifndef GROUNDHOG_CLI_GROUNDHOG_COPYING_H_
#define GROUNDHOG_CLI_GROUNDHOG_COPYING_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/groundhog/copy_output.h"
#include "cli/shared/reading_progress.h"
#include "sim/time.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::cli {

struct CopyOptions {
  std::string file;
  CopyOutputOptions output;
};

// Adds FILE, -o, --progress and -q.
void AddCopyOptions(CLI::App& command, CopyOptions& options);

// Records that are missing between two that are there.
struct LostRecords {
  std::uint64_t first = 0;  // positions
  std::uint64_t last = 0;
  sim::VirtualTime after;   // the time of the record before
  sim::VirtualTime before;  // the time of the record after; Max(): there is none
};

// Copies a trace's header and the records of a range as they are. One use; one thread.
class Copying {
 public:
  // Both must outlive this.
  Copying(const CopyOptions& options, traces::Reader& reader);

  // Records before `until` are wanted, from where `reader` is; nullopt: to the end. Reports damage
  // in what it reads, and copies the rest. Returns the exit code; errors are printed.
  int Run(std::optional<sim::VirtualTime> until);

  // Whether the copy is whole and has its name.
  bool is_finished() const { return output_.is_finished(); }
  std::uint64_t records() const { return output_.records(); }
  // Of a copy from the first record on: the first ranges of what is missing, and how many records
  // all of them have.
  const std::vector<LostRecords>& lost() const { return lost_; }
  std::uint64_t lost_records() const { return lost_records_; }
  sim::VirtualTime last_time() const { return last_time_; }

  // A line for a person, unless --quiet was given.
  void Notice(const std::string& line) { output_.Notice(line); }

 private:
  absl::StatusOr<int> CopyAll(std::optional<sim::VirtualTime> until);
  absl::Status CopyChunk(std::vector<traces::Record>* records,
                         std::optional<sim::VirtualTime> until);
  absl::Status ReachEnd(std::optional<sim::VirtualTime> until);
  bool IsRestBeyond(sim::VirtualTime until) const;
  void NoteLost(std::uint64_t first, std::uint64_t end, sim::VirtualTime before);

  const CopyOptions& options_;
  traces::Reader& reader_;
  ReadingProgress progress_;
  CopyOutput output_;
  std::uint64_t next_position_ = 0;  // of the record that should come next
  sim::VirtualTime last_time_;
  std::vector<LostRecords> lost_;
  std::uint64_t lost_records_ = 0;
  bool is_over_ = false;  // `until` was reached
};

// Opens the trace and returns what `run` does, once --output and the options of how it is written
// are known to be good.
int OnCopy(const CLI::App& command, const CopyOptions& options,
           const std::function<absl::StatusOr<int>(traces::Reader&)>& run,
           bool is_thorough = false);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_COPYING_H_
