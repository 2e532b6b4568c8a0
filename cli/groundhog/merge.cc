// groundhog merge: several traces as one, in the order of time.
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/merged_header.h"
#include "analysis/record_merge.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/copy_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/reading_progress.h"
#include "cli/shared/trace_input.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "traces/occurrences.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::cli {
namespace {

struct MergeOptions {
  std::vector<std::string> files;
  CopyOutputOptions output;
};

// One of the traces. After its last chunk it is closed, as it holds some memory.
class MergedFile {
 public:
  // `progress` must outlive this.
  MergedFile(std::string name, std::unique_ptr<traces::Reader> reader, bool is_quiet,
             ReadingProgress* progress)
      : name_(std::move(name)),
        reader_(std::move(reader)),
        reading_(std::make_unique<LenientReading>(kProgram, *reader_, is_quiet, progress)) {}

  analysis::MergeInput input() const {
    analysis::MergeInput input{
        .name = name_, .info = &reader_->info(), .catalogue = &reader_->catalogue(), .end = {}};
    if (reader_->summary() != nullptr) input.end = reader_->summary()->end_time;
    return input;
  }

  // Aborted: it cannot be read on, which has been printed. After Ctrl-C it ends.
  absl::StatusOr<bool> NextChunk(std::vector<traces::Record>* records) {
    if (reader_ == nullptr || IsCopyInterrupted()) return false;
    if (!reading_->NextChunk(records)) {
      Close();
      if (exit_code_ == kExitUsage) return absl::AbortedError("printed");
      return false;
    }
    if (reader_->trace_key() == reader_->info().trace_key) return true;
    return absl::InvalidArgumentError(absl::StrCat(
        name_, ": its chunk at byte ", reader_->chunk_offset(),
        " has another trace key than its header, which cannot be kept in a merged trace"));
  }

  const std::string& name() const { return name_; }
  // Null until the file has been read, if it comes by a pipe, and if it is incomplete.
  const traces::Summary* summary() const { return reader_ ? reader_->summary() : nullptr; }
  AmountRead amount() const { return reader_ ? AmountOf(*reader_) : amount_; }
  // After its last chunk: up to when it covers its time; nullopt: it is incomplete.
  std::optional<sim::VirtualTime> end() const { return end_; }
  ExitCode exit_code() const { return reading_ ? reading_->exit_code() : exit_code_; }

 private:
  void Close() {
    exit_code_ = exit_code();
    amount_ = amount();
    if (summary() != nullptr) end_ = summary()->end_time;
    reading_.reset();
    reader_.reset();
  }

  std::string name_;
  std::unique_ptr<traces::Reader> reader_;   // null: closed
  std::unique_ptr<LenientReading> reading_;  // null as well
  ExitCode exit_code_ = kExitDone;
  AmountRead amount_;
  std::optional<sim::VirtualTime> end_;
};

class Merging {
 public:
  // `options` and `progress` must outlive this.
  Merging(const MergeOptions& options, std::vector<MergedFile> files, analysis::MergedHeader header,
          ReadingProgress& progress)
      : files_(std::move(files)),
        header_(std::move(header)),
        merge_(header_, Sources()),
        output_(options.output, "merged"),
        progress_(progress) {}

  int Run() {
    for (const std::string& notice : header_.notices) output_.Notice(notice);
    progress_.Begin(files_.size() == 1 ? InputName(files_.front().name())
                                       : absl::StrCat(files_.size(), " traces"),
                    [this] { return Amount(); });
    const int exit_code = output_.Run(header_.info, header_.catalogue, [this] { return Merge(); });
    if (output_.is_finished() && merge_.repeated() > 0) {
      const bool is_one = merge_.repeated() == 1;
      output_.Notice(absl::StrCat(text::WithCommas(merge_.repeated()),
                                  is_one ? " record that was" : " records that were",
                                  " in a FILE before", is_one ? " is" : " are", " there once"));
    }
    return exit_code;
  }

 private:
  std::vector<analysis::MergeSource> Sources() {
    std::vector<analysis::MergeSource> sources;
    for (MergedFile& file : files_) {
      const traces::Summary* const summary = file.summary();
      sources.push_back(
          {.next =
               [&file](std::vector<traces::Record>* records) { return file.NextChunk(records); },
           .first_time = summary != nullptr ? summary->first_time : sim::VirtualTime()});
    }
    return sources;
  }

  absl::StatusOr<int> Merge() {
    const absl::StatusOr<int> exit_code = MergeAll();
    progress_.Clear();
    return exit_code;
  }

  absl::StatusOr<int> MergeAll() {
    std::vector<traces::Record> records;
    while (!IsCopyInterrupted()) {
      const absl::StatusOr<bool> has_more = merge_.Next(&records);
      if (absl::IsAborted(has_more.status())) return kExitUsage;
      if (!has_more.ok()) return has_more.status();
      // After Ctrl-C some of the traces may have seemed to end.
      if (!*has_more || IsCopyInterrupted()) break;
      if (absl::Status s = output_.Append(records, header_.info.trace_key); !s.ok()) return s;
    }
    if (!IsCopyInterrupted()) {
      if (absl::Status s = ReachEnd(); !s.ok()) return s;
    }
    int exit_code = kExitDone;
    for (const MergedFile& file : files_) exit_code = std::max<int>(exit_code, file.exit_code());
    return exit_code;
  }

  AmountRead Amount() const {
    AmountRead amount;
    for (const MergedFile& file : files_) amount += file.amount();
    return amount;
  }

  // The merged trace covers the time that the traces do.
  absl::Status ReachEnd() {
    sim::VirtualTime end;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const std::optional<sim::VirtualTime> part = files_[i].end();
      if (part) end = std::max(end, traces::AddSaturating(*part, header_.parts[i].shift));
    }
    return output_.AdvanceTo(end);
  }

  std::vector<MergedFile> files_;
  const analysis::MergedHeader header_;
  analysis::RecordMerge merge_;
  CopyOutput output_;
  ReadingProgress& progress_;
};

// All FILEs are open at once. The soft limit, often 1,024, is for programs that use select().
void AllowOpenFiles(std::size_t files) {
  constexpr rlim_t kOthers = 32;
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= files + kOthers) return;
  limit.rlim_cur = std::min<rlim_t>(files + kOthers, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);  // where it is not enough, a FILE cannot be opened
}

int MergeFiles(const CLI::App& command, const MergeOptions& options) {
  if (std::ranges::count(options.files, "-") > 1) {
    PrintError(kProgram, "standard input is one trace: give - once");
    return kExitUsage;
  }
  if (!CheckCopyOutput(command, options.output, options.files)) return kExitUsage;
  ReadingProgress progress(
      kProgram, {.doing = "merging",
                 .mode = options.output.is_quiet ? ProgressMode::kNever : options.output.progress});
  AllowOpenFiles(options.files.size());
  std::vector<MergedFile> files;
  for (const std::string& name : options.files) {
    std::unique_ptr<traces::Reader> reader =
        OpenTrace(kProgram, name, {.stop_requested = IsCopyInterrupted});
    if (reader == nullptr) return kExitUsage;
    files.emplace_back(name == "-" ? "standard input" : text::Printable(name), std::move(reader),
                       options.output.is_quiet, &progress);
  }
  std::vector<analysis::MergeInput> inputs;
  for (const MergedFile& file : files) inputs.push_back(file.input());
  absl::StatusOr<analysis::MergedHeader> header = analysis::MergeHeaders(inputs, GROUNDHOG_VERSION);
  if (!header.ok()) {
    PrintError(kProgram, header.status());
    return kExitUsage;
  }
  return Merging(options, std::move(files), *std::move(header), progress).Run();
}

}  // namespace

void AddMergeCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "merge", "Put several traces together into one, by time",
                 "groundhog merge morning.ghog evening.ghog -o day.ghog\n"
                 "groundhog merge shop.ghog outage.ghog -o both.ghog\n"
                 "groundhog record outage -o - | groundhog merge shop.ghog - -o both.ghog");
  AddNotes(*command,
           "Records are put in the order of their absolute times, and keep their trace ids and "
           "their truth. FILEs of one recording, such as slices of a day, give what they were cut "
           "from, with the same digest; a record that several of them have is there once.");
  AddNotes(*command,
           "Services, messages and error codes of different recordings are one where they are "
           "equal; hosts are one per recording, though their names be equal. Another fault of the "
           "same name gets a number to its name. Two recordings from one seed have equal trace "
           "ids for different requests: those of the later FILE get new ones. Standard error says "
           "so. A trace of different recordings has no scenario, so it cannot be recorded again "
           "or explained.");
  AddNotes(*command,
           "All FILEs are open at once. Memory is for one chunk of each whose time it is, a few "
           "megabytes; a FILE that begins later needs a quarter of a megabyte until then. Where "
           "FILEs of one recording lack records of one host at one time, what they have of these "
           "is held to put it in its order: up to 64 MiB; more is an error that names FILEs and "
           "time.");
  AddExitCodes(*command,
               {{kExitDone, "merged; also when the reader of its pipe stops reading"},
                {kExitIncomplete,
                 "merged, but a trace is incomplete or damaged: what can be read of it is there, "
                 "see 'groundhog recover'"},
                {kExitInterrupted,
                 "stopped by Ctrl-C, SIGTERM or a closed terminal; what was merged is a shorter "
                 "valid trace; a file that was there before stays"}});
  const auto options = std::make_shared<MergeOptions>();
  command->add_option("FILE", options->files, "The traces; - for standard input")->required();
  AddCopyOutputOptions(*command, options->output);
  SetRun(*command, selection, [options, command] { return MergeFiles(*command, *options); });
}

}  // namespace groundhog::cli
