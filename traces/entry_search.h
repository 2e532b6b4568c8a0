// Finds sound entries in a damaged file by their bytes alone. FORMAT.md, "Recovery".
#ifndef GROUNDHOG_TRACES_ENTRY_SEARCH_H_
#define GROUNDHOG_TRACES_ENTRY_SEARCH_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "traces/entry.h"
#include "traces/file_input.h"

namespace groundhog::traces {

// Of an input that can seek. A hostile file may have any number of places that look like entries:
// after a few times the file's length was read for them in vain, nothing more is found, and
// has_given_up() says so. One thread.
class EntrySearch {
 public:
  // `input` must outlive this.
  explicit EntrySearch(FileInput& input);

  // The first offset from `begin` on at which a sound entry begins; nullopt: none. Errors:
  // FileInput's. Calls with ascending `begin` read the file once, and each entry once more.
  absl::StatusOr<std::optional<std::uint64_t>> Find(std::uint64_t begin);

  // Whether a place that looks like an entry was passed over, as too much was read in vain.
  bool has_given_up() const { return has_given_up_; }

  // The entry that Find gave.
  const EntryBuffer& entry() const { return entry_; }

 private:
  // What the window has from `begin` on, at least a start's length if the file is as long.
  absl::StatusOr<std::string_view> BytesFrom(std::uint64_t begin);
  absl::StatusOr<bool> IsSound(std::uint64_t offset, const unsigned char* start);

  FileInput& input_;
  std::uint64_t bytes_left_;  // that may still be read in vain
  bool has_given_up_ = false;
  std::vector<unsigned char> window_;
  std::uint64_t window_begin_ = 0;
  std::size_t window_size_ = 0;
  EntryBuffer entry_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ENTRY_SEARCH_H_
