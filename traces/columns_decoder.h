// Turns the schema's Columns back into records. Trusts nothing in them: checks every length and
// every index, and every record satisfies CheckRecord.
#ifndef GROUNDHOG_TRACES_COLUMNS_DECODER_H_
#define GROUNDHOG_TRACES_COLUMNS_DECODER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "traces/catalogue.h"
#include "traces/columns_encoder.h"
#include "traces/format.h"
#include "traces/record.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// What a chunk's entry states about its columns.
struct ChunkExtent {
  sim::VirtualTime first_time;
  sim::VirtualTime last_time;
  std::uint32_t count = 0;
};

// Buffers are kept from chunk to chunk. Not thread-safe.
class ColumnsDecoder {
 public:
  // `catalogue` satisfies CheckCatalogue and must outlive the decoder; `resolution` satisfies
  // CheckTraceInfo.
  ColumnsDecoder(const Catalogue& catalogue, sim::Duration resolution);

  // Replaces `records`, writing over those that are there. `extent.count` is at most
  // kChunkRecordsMax. DataLoss says what is wrong, without an offset; `records` is then
  // unspecified. May throw kj::Exception, as readers of hostile messages do; the caller catches it.
  absl::Status Decode(schema::Columns::Reader columns, const ChunkExtent& extent,
                      std::vector<Record>* records);

 private:
  // A row of the table of requests.
  struct Request {
    RequestId id;
    std::uint8_t shown = 0;  // a bit for each field that a record showed
    std::array<std::int64_t, kRequestFieldsMax> fields{};
  };

  // The values of one field of requests, in the order in which records first show it.
  struct FieldColumn {
    std::vector<std::int64_t> values;
    std::size_t next = 0;
    bool is_counted = false;  // whether there are as many values as requests that show it
  };

  // Where a template's stored slots come from, together, because each record looks it up.
  struct SlotSources {
    std::array<const std::int64_t*, kStoredSlotsMax> next{};  // value in the column of the kind
    std::array<std::uint8_t, kStoredSlotsMax> field{};  // of the request; or kRequestFieldsMax
    std::uint8_t count = 0;
    std::uint8_t fields_shown = 0;  // a bit for each
  };

  struct Step {
    CallPathId call_path = CallPathId::kNone;
    SpanId span = SpanId::kNone;
    SpanId parent_span = SpanId::kNone;
    std::uint16_t attempt = 0;
  };

  // The fields that all records of a shape share, in few bytes, because each record of a chunk
  // looks its shape up.
  struct Shape {
    Step step;
    ServiceId service = ServiceId::kNone;
    ServiceId dependency = ServiceId::kNone;
    ErrorCodeId error_code = ErrorCodeId::kNone;
    TemplateId message{};  // the first of `message_count`
    Truth truth;
    std::uint32_t record_count = 0;
    std::uint16_t message_count = 1;
    std::uint8_t message_bits = 0;  // of a pick
    Level level = Level::kInfo;
    bool has_waited = false;  // its records have a queue_wait
    std::uint8_t time_group = 0;
    std::uint8_t duration_group = 0;

    std::size_t MessageOf(std::int64_t pick) const {
      return static_cast<std::size_t>(pick) & ((std::size_t{1} << message_bits) - 1);
    }
    std::size_t HostRankOf(std::int64_t pick) const {
      return static_cast<std::size_t>(pick) >> message_bits;
    }
  };
  static_assert(sizeof(Shape) == 48);
  static void PutShape(const Shape& shape, Record* record);

  absl::Status DecodeRequests(schema::Requests::Reader table, std::uint32_t count_max);
  absl::Status DecodeSteps(schema::Steps::Reader table, std::uint32_t count_max);
  absl::Status DecodeTruths(schema::Truths::Reader table, std::uint32_t count_max);
  absl::Status DecodeShapes(schema::Shapes::Reader table, std::uint32_t count_max);
  absl::Status CheckShapes();
  absl::Status ReadShapeColumns(schema::Columns::Reader columns, std::uint32_t count);
  absl::Status ReadColumns(schema::Columns::Reader columns, const ChunkExtent& extent);
  absl::Status ReadGroups(capnp::List<schema::Integers>::Reader groups,
                          std::uint8_t Shape::* group_of, std::int64_t max, const char* name,
                          std::array<std::vector<std::int64_t>, kGroupsMax>* out) const;
  absl::Status ReadSlots(schema::Columns::Reader columns);
  absl::Status ReadSlotColumn(schema::Integers::Reader column, SlotKind kind, std::size_t count,
                              std::vector<std::int64_t>* out);
  absl::Status ReadFields(schema::Requests::Reader table);
  absl::Status Fill(const ChunkExtent& extent, std::vector<Record>* records);
  absl::Status TakeFields(std::uint8_t shown, Request* request);
  static void FillSlots(const Request& request, SlotSources* sources, Record* record);

  const Catalogue& catalogue_;
  const std::int64_t unit_;  // nanoseconds
  std::vector<std::vector<sim::EntityId>> hosts_of_service_;
  std::vector<std::vector<SlotKind>> stored_kinds_;  // by template

  // Of the chunk in hand.
  std::vector<Request> requests_;
  std::vector<FieldColumn> fields_;  // by number
  std::vector<Step> steps_;
  std::vector<Truth> truths_;
  std::vector<Shape> shapes_;
  std::vector<std::int64_t> values_;  // the table's column in hand

  // One value for each record unless a comment says otherwise.
  std::vector<std::int64_t> request_age_column_;
  std::vector<std::int64_t> shape_column_;
  std::vector<std::int64_t> pick_column_;
  std::array<std::vector<std::int64_t>, kGroupsMax> time_deltas_;  // by group
  std::array<std::vector<std::int64_t>, kGroupsMax> durations_;    // by group
  std::vector<std::int64_t> queue_wait_column_;                    // for each record that waited
  std::vector<std::int64_t> clock_skew_column_;                    // or none at all
  std::array<std::vector<std::int64_t>, kStoredKindCount> slot_columns_;  // by kind
  std::vector<std::size_t> count_by_template_;
  std::vector<SlotSources> slot_sources_;  // by template
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COLUMNS_DECODER_H_
