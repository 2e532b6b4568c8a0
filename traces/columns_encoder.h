// Turns the records of one chunk into the schema's Columns. Fields with few values are interned
// into tables; the others are split into byte planes, which compress better than whole numbers
// because each plane has one distribution. FORMAT.md, "Columns", gives the grammar and the reasons.
#ifndef GROUNDHOG_TRACES_COLUMNS_ENCODER_H_
#define GROUNDHOG_TRACES_COLUMNS_ENCODER_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "traces/catalogue.h"
#include "traces/format.h"
#include "traces/integers.h"
#include "traces/intern_table.h"
#include "traces/record.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

inline constexpr std::size_t kStoredKindCount = 6;  // SlotKind::kInteger to kHost

// How many fields of requests the templates show: the greatest number of one, plus 1.
std::size_t RequestFieldCount(const Catalogue& catalogue);

// Holds one chunk's records in a form close to its columns. Buffers are kept from chunk to chunk.
// Not thread-safe.
class ColumnsEncoder {
 public:
  // Copies what it needs. `resolution` is the trace's.
  ColumnsEncoder(const Catalogue& catalogue, sim::Duration resolution);

  // Records satisfy CheckRecord and come in order. Stops the program if one has a time off the grid
  // of the resolution, or another value of a request's field than a record before.
  void Append(const Record& record);

  // For records that may break these rules. InvalidArgument: no chunk can have the record, as it is
  // off the grid or has two values of a field.
  absl::Status Check(const Record& record) const;
  // Whether a record of this chunk has another value of a field of the record's request.
  bool HasOtherField(const Record& record) const;

  std::uint32_t count() const { return static_cast<std::uint32_t>(time_deltas_.size()); }
  bool is_empty() const { return time_deltas_.empty(); }
  sim::VirtualTime first_time() const { return first_time_; }
  sim::VirtualTime last_time() const { return last_time_; }

  // Count towards kChunkPlainBytesMax: the records so far, and one record with this message.
  std::size_t plain_bytes() const { return plain_bytes_; }
  std::size_t PlainBytesOf(const Record& record) const;

  // Fills `columns`.
  void Build(schema::Columns::Builder columns, const OnPlane& on_plane);

  // Forgets the records.
  void Clear();

 private:
  // What the records of one request have in common, besides its key.
  struct RequestFields {
    std::uint8_t shown = 0;  // a bit for each field that a record shows
    std::array<std::int64_t, kRequestFieldsMax> values{};
  };
  // The templates of the records of one shape, from the first to the last.
  struct Messages {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    std::int64_t count() const { return last - first + 1; }
    int bits() const { return std::bit_width(static_cast<unsigned>(last - first)); }
  };

  // How many columns the times have, and the durations.
  unsigned group_count() const {
    return std::clamp(count() / kRecordsPerGroupMin, 1U, kGroupsWritten);
  }
  std::int64_t InUnits(sim::Duration duration) const;
  void AppendRequest(const Record& record);
  void AppendShape(const Record& record, bool waited);
  void AppendSlots(const Record& record, RequestFields* fields);
  bool NoteFields(const Record& record, RequestFields* fields) const;
  void RankShapes();
  void GroupSlots();
  std::vector<std::uint8_t> GroupShapes(std::span<const std::int64_t> values) const;
  void BuildByGroup(std::span<const std::int64_t> values, const std::vector<std::uint8_t>& groups,
                    capnp::List<schema::Integers>::Builder out, const OnPlane& on_plane);
  // One column of a table: `field` of each row in turn.
  template <class Field>
  void BuildColumn(std::size_t count, schema::Integers::Builder out, const OnPlane& on_plane,
                   const Field& field);
  void BuildRequests(schema::Requests::Builder table, const OnPlane& on_plane);
  void BuildShapes(schema::Shapes::Builder table, const OnPlane& on_plane);
  void BuildTables(schema::Columns::Builder columns, const OnPlane& on_plane);

  // By the catalogue.
  const std::int64_t unit_;                // nanoseconds
  std::vector<std::uint32_t> host_ranks_;  // by entity: which of its service's hosts it is
  std::vector<std::vector<SlotKind>> stored_kinds_;  // by template

  // Of the open chunk, by record.
  sim::VirtualTime first_time_;
  sim::VirtualTime last_time_;
  std::size_t plain_bytes_ = 0;
  std::vector<std::int64_t> time_deltas_;
  std::vector<std::uint32_t> shapes_;
  std::vector<std::int64_t> host_rank_column_;
  std::vector<std::int64_t> request_ages_;
  std::vector<std::int64_t> durations_;
  std::vector<std::int64_t> queue_waits_;  // of those that waited
  std::vector<std::int64_t> clock_skews_;  // up to the last one that is not 0
  std::vector<std::uint16_t> messages_;
  std::vector<std::int64_t> slot_values_;  // record after record, without fields of requests

  InternTable requests_;
  std::vector<RequestFields> request_fields_;             // by request
  std::vector<std::vector<std::int64_t>> field_columns_;  // by number
  InternTable shape_table_;
  std::vector<Messages> shape_messages_;  // by shape, in order of first sight
  InternTable steps_;
  InternTable truths_;

  // Made by Build.
  std::vector<std::uint32_t> shape_order_;  // by rank: the shape in order of first sight
  std::vector<std::int64_t> shape_column_;
  std::vector<std::int64_t> picks_;
  std::vector<std::uint8_t> time_groups_;  // by shape, in order of first sight
  std::vector<std::uint8_t> duration_groups_;
  std::array<std::vector<std::int64_t>, kGroupsWritten> grouped_;
  std::array<std::vector<std::int64_t>, kStoredKindCount> slots_by_kind_;
  std::vector<std::size_t> slot_cursors_;
  std::vector<std::int64_t> table_column_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COLUMNS_ENCODER_H_
