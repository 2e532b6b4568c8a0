// Reads a trace's end in order: the footer, the trailer, and that nothing follows.
//
// One use; one thread.
#ifndef GROUNDHOG_TRACES_FOOTER_READER_H_
#define GROUNDHOG_TRACES_FOOTER_READER_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "traces/entry.h"
#include "traces/file_ends.h"
#include "traces/file_input.h"

namespace groundhog::traces {

class FooterReader {
 public:
  // The footer's entry is at `offset`, and in `footer` already. All must outlive this.
  FooterReader(FileInput& input, const EntryBuffer& footer, std::uint64_t offset)
      : input_(input), footer_(footer), footer_offset_(offset), next_offset_(offset) {}

  // `records`: how many the chunks have; nullopt: unknown, as some are missing. `appendix`: the
  // begin and end of its entry, if it was passed. DataLoss, without offset: something is not sound.
  // Others: FileInput's. OK also when the trailer is cut short.
  absl::Status Read(const FileHeader& header, std::optional<std::uint64_t> records,
                    const std::optional<std::pair<std::uint64_t, std::uint64_t>>& appendix);

  // After Read, if it is OK: whether the trailer is missing or cut short.
  bool is_cut_short() const { return is_cut_short_; }
  // After Read, whatever it returned: whether the footer itself is sound and of this header.
  bool has_summary() const { return has_summary_; }
  FileEnd& end() { return end_; }
  // The first byte after the entries that are sound.
  std::uint64_t next_offset() const { return next_offset_; }

 private:
  absl::Status ReadFooter(const FileHeader& header, std::optional<std::uint64_t> records,
                          std::uint64_t chunks_end);
  absl::Status ReadTrailer();
  absl::Status CheckNothingFollows();

  FileInput& input_;
  const EntryBuffer& footer_;
  std::uint64_t footer_offset_;
  std::uint64_t next_offset_;
  FileEnd end_;
  bool has_summary_ = false;
  bool is_cut_short_ = false;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_FOOTER_READER_H_
