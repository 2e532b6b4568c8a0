#include "traces/entry_cursor.h"

#include <limits>

#include "absl/strings/str_cat.h"

namespace groundhog::traces {

void EntryCursor::MoveTo(const IndexEntry& entry) {
  state_ = State::kInOrder;
  offset_ = entry.offset;
  position_ = entry.first_position;
  last_time_ = entry.first_time;
  last_host_ = sim::EntityId{};
}

void EntryCursor::PassDamage(std::uint64_t offset) {
  state_ = State::kAfterDamage;
  offset_ = offset;
}

void EntryCursor::End(std::uint64_t offset) {
  state_ = State::kEnded;
  offset_ = offset;
}

absl::Status EntryCursor::CheckHead(const ChunkHead& head) {
  const std::uint64_t first = head.place.first_position;
  if (first < position_) {
    return absl::DataLossError(absl::StrCat("it begins with record ", first, ", not ", position_));
  }
  if (first > position_ && state_ == State::kInOrder) {
    state_ = State::kAtGap;
    return absl::DataLossError(absl::StrCat("the records from ", position_, " to ", first - 1,
                                            " should come before it and are missing"));
  }
  if (first > std::numeric_limits<std::uint64_t>::max() - head.extent.count) {
    return absl::DataLossError("positions beyond 2^64");
  }
  if (head.extent.first_time < last_time_) {
    return absl::DataLossError("it begins before the previous chunk ends");
  }
  return absl::OkStatus();
}

absl::Status EntryCursor::CheckFirst(const Record& first) const {
  if (first.time == last_time_ && first.host < last_host_) {
    return absl::DataLossError("two records of one time are not in the order of their hosts");
  }
  return absl::OkStatus();
}

void EntryCursor::PassChunk(const ChunkHead& head, std::uint64_t entry_bytes, const Record* last) {
  state_ = State::kInOrder;
  offset_ += entry_bytes;
  position_ = head.place.first_position + head.extent.count;
  last_time_ = last == nullptr ? head.extent.last_time : last->time;
  last_host_ = last == nullptr ? sim::EntityId{} : last->host;
}

}  // namespace groundhog::traces
