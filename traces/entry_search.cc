#include "traces/entry_search.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "traces/byte_order.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 20;
constexpr std::string_view kMarkerBytes("\x89GHOG\r\n\x1a", 8);
// The frame, the root pointer and the marker.
constexpr std::size_t kStartBytes = kMarkerOffset + kMarkerBytes.size();
constexpr std::uint64_t kVainBytesMin = std::uint64_t{1} << 30;
constexpr std::uint64_t kVainReadings = 4;

constexpr std::uint64_t kRootPointer = 0x0001'0003'0000'0000;

}  // namespace

EntrySearch::EntrySearch(FileInput& input)
    : input_(input), bytes_left_(kVainBytesMin + kVainReadings * input.size_bytes().value_or(0)) {}

absl::StatusOr<bool> EntrySearch::IsSound(std::uint64_t offset, const unsigned char* start) {
  const std::uint64_t bytes = kFrameBytes + std::uint64_t{LoadLittleEndian32(start + 4)} * 8;
  const std::uint64_t size = input_.size_bytes().value_or(0);
  if (LoadLittleEndian32(start) != 0 || LoadLittleEndian64(start + kFrameBytes) != kRootPointer) {
    return false;
  }
  if (bytes > size - offset) return false;
  if (bytes > bytes_left_) {
    has_given_up_ = true;
    return false;
  }
  const absl::StatusOr<EntryRead> read = ReadEntry(input_, offset, &entry_);
  if (absl::IsDataLoss(read.status())) return false;
  if (!read.ok()) return read.status();
  if (*read == EntryRead::kWhole && CheckEntry(entry_.bytes()).ok()) return true;
  bytes_left_ -= bytes;
  return false;
}

absl::StatusOr<std::string_view> EntrySearch::BytesFrom(std::uint64_t begin) {
  const std::uint64_t window_end = window_begin_ + window_size_;
  if (begin < window_begin_ || begin > window_end || window_end - begin < kStartBytes) {
    if (window_.empty()) {
      window_.resize(static_cast<std::size_t>(
          std::min<std::uint64_t>(kWindowBytes, input_.size_bytes().value_or(kWindowBytes))));
    }
    const absl::StatusOr<std::size_t> got = input_.ReadAt(begin, window_);
    if (!got.ok()) return got.status();
    window_begin_ = begin;
    window_size_ = *got;
  }
  const std::string_view window(reinterpret_cast<const char*>(window_.data()), window_size_);
  return window.substr(static_cast<std::size_t>(begin - window_begin_));
}

absl::StatusOr<std::optional<std::uint64_t>> EntrySearch::Find(std::uint64_t begin) {
  // Windows overlap, so that each start is whole in one of them.
  while (true) {
    const absl::StatusOr<std::string_view> bytes = BytesFrom(begin);
    if (!bytes.ok()) return bytes.status();
    if (bytes->size() < kStartBytes) return std::nullopt;
    for (std::size_t at = bytes->find(kMarkerBytes, kMarkerOffset); at != std::string_view::npos;
         at = bytes->find(kMarkerBytes, at + 1)) {
      const std::size_t start = at - kMarkerOffset;
      const auto* const frame = reinterpret_cast<const unsigned char*>(bytes->data()) + start;
      const absl::StatusOr<bool> is_sound = IsSound(begin + start, frame);
      if (!is_sound.ok()) return is_sound.status();
      if (*is_sound) return begin + start;
    }
    begin += bytes->size() - kStartBytes + 1;
  }
}

}  // namespace groundhog::traces
