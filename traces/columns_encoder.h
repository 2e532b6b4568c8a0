// Turns the records of one chunk into the schema's Columns. Fields with few values are interned
// into tables; the others are split into byte planes, which compress better than whole numbers
// because each plane has one distribution. FORMAT.md, "Columns", gives the grammar and the reasons.
#ifndef GROUNDHOG_TRACES_COLUMNS_ENCODER_H_
#define GROUNDHOG_TRACES_COLUMNS_ENCODER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "traces/catalogue.h"
#include "traces/intern_table.h"
#include "traces/record.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

inline constexpr std::size_t kStoredKindCount = 6;  // SlotKind::kInteger to kHost

// Holds one chunk's records in a form close to its columns. Buffers are kept from chunk to chunk.
// Not thread-safe.
class ColumnsEncoder {
 public:
  explicit ColumnsEncoder(const Catalogue& catalogue);  // copies what it needs

  // Records satisfy CheckRecord and come in order.
  void Append(const Record& record);

  std::uint32_t count() const { return static_cast<std::uint32_t>(time_deltas_.size()); }
  bool is_empty() const { return time_deltas_.empty(); }
  sim::VirtualTime first_time() const { return first_time_; }
  sim::VirtualTime last_time() const { return last_time_; }

  // Count towards kChunkPlainBytesMax: the records so far, and one record with this message.
  std::size_t plain_bytes() const { return plain_bytes_; }
  std::size_t PlainBytesOf(const Record& record) const;

  // Fills `columns`. `on_plane` sees each plane as it is placed, in the message's order.
  using OnPlane = std::function<void(std::span<const unsigned char>)>;
  void Build(schema::Columns::Builder columns, const OnPlane& on_plane);

  // Forgets the records.
  void Clear();

 private:
  void RankShapes();
  void GroupSlots();
  void BuildTables(schema::Columns::Builder columns, const OnPlane& on_plane);

  // By the catalogue.
  std::vector<std::uint32_t> host_ranks_;  // by entity: which of its service's hosts it is
  std::vector<std::vector<SlotKind>> stored_kinds_;  // by template

  // Of the open chunk, by record.
  sim::VirtualTime first_time_;
  sim::VirtualTime last_time_;
  std::size_t plain_bytes_ = 0;
  std::vector<std::int64_t> time_deltas_;
  std::vector<std::int64_t> shapes_;
  std::vector<std::int64_t> host_rank_column_;
  std::vector<std::int64_t> request_ages_;
  std::vector<std::int64_t> durations_;
  std::vector<std::int64_t> queue_waits_;  // of those that waited
  std::vector<std::int64_t> clock_skews_;  // up to the last one that is not 0
  std::vector<std::uint16_t> messages_;
  std::vector<std::int64_t> slot_values_;  // record after record

  InternTable requests_;
  InternTable shape_table_;
  InternTable steps_;
  InternTable truths_;

  // Made by Build.
  std::vector<std::uint32_t> shape_order_;  // by rank: the shape in order of first sight
  std::array<std::vector<std::int64_t>, kStoredKindCount> slots_by_kind_;
  std::vector<std::size_t> slot_cursors_;
  std::vector<std::int64_t> table_column_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COLUMNS_ENCODER_H_
