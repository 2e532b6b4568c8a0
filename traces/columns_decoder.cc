#include "traces/columns_decoder.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/catalogue_check.h"
#include "traces/format.h"
#include "traces/integers.h"

namespace groundhog::traces {
namespace {

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

constexpr std::int64_t kNone16 = 0xFFFF;
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

std::int64_t Last(std::size_t size) { return static_cast<std::int64_t>(size) - 1; }

// Reads the columns of a table; after the first failure nothing more.
class TableReader {
 public:
  TableReader(std::uint32_t rows, std::uint32_t rows_max, const char* name) : rows_(rows) {
    if (rows <= rows_max) return;
    status_ = Damaged(absl::StrCat("table ", name, " has more rows than there are records"));
  }

  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }

  // Hands each value, which lies in [0, max], to `set`, with its row.
  template <class Set>
  void Column(schema::Integers::Reader column, std::int64_t max, const char* name, const Set& set) {
    if (status_.ok()) status_ = ReadBounded(column, rows_, max, name, &values_);
    if (!status_.ok()) return;
    for (std::uint32_t i = 0; i < rows_; ++i) set(i, values_[i]);
  }

 private:
  const std::uint32_t rows_;
  absl::Status status_;
  std::vector<std::int64_t> values_;
};

}  // namespace

ColumnsDecoder::ColumnsDecoder(const Catalogue& catalogue, sim::Duration resolution)
    : catalogue_(catalogue),
      unit_(resolution.nanoseconds()),
      hosts_of_service_(catalogue.services.size()),
      fields_(RequestFieldCount(catalogue)) {
  for (std::uint32_t i = 0; i < catalogue.entities.size(); ++i) {
    const EntityEntry& entity = catalogue.entities[i];
    if (entity.kind == EntityKind::kHost) {
      hosts_of_service_[Index(entity.service)].push_back(sim::EntityId{i});
    }
  }
  for (const MessageTemplate& message : catalogue.templates) {
    std::vector<SlotKind>& kinds = stored_kinds_.emplace_back();
    std::copy_if(message.slots.begin(), message.slots.end(), std::back_inserter(kinds), IsStored);
    SlotSources& sources = slot_sources_.emplace_back();
    for (const SlotKind kind : kinds) {
      const std::size_t field = IsRequestField(kind) ? RequestFieldNumber(kind) : kRequestFieldsMax;
      sources.field[sources.count++] = static_cast<std::uint8_t>(field);
      if (field < kRequestFieldsMax) sources.fields_shown |= static_cast<std::uint8_t>(1U << field);
    }
  }
}

absl::Status ColumnsDecoder::Decode(schema::Columns::Reader columns, const ChunkExtent& extent,
                                    std::vector<Record>* records) {
  if (absl::Status s = DecodeRequests(columns.getRequests(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeSteps(columns.getSteps(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeTruths(columns.getTruths(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeShapes(columns.getShapes(), extent.count); !s.ok()) return s;
  if (absl::Status s = CheckShapes(); !s.ok()) return s;
  if (absl::Status s = ReadShapeColumns(columns, extent.count); !s.ok()) return s;
  if (absl::Status s = ReadColumns(columns, extent); !s.ok()) return s;
  if (absl::Status s = ReadSlots(columns); !s.ok()) return s;
  if (absl::Status s = ReadFields(columns.getRequests()); !s.ok()) return s;
  records->resize(extent.count);
  return Fill(extent, records);
}

absl::Status ColumnsDecoder::DecodeRequests(schema::Requests::Reader table,
                                            std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  TableReader read(count, count_max, "requests");
  if (!read.ok()) return read.status();
  requests_.assign(count, Request{});
  read.Column(table.getSource(), Last(catalogue_.entities.size()), "requests.source",
              [this](auto i, auto v) {
                requests_[i].id.source = sim::EntityId{static_cast<std::uint32_t>(v)};
              });
  if (!read.ok()) return read.status();
  if (absl::Status s =
          ReadIntegers(table.getOrdinalDelta(), count, "requests.ordinalDelta", &values_);
      !s.ok()) {
    return s;
  }
  std::unordered_map<std::uint32_t, std::uint64_t> ordinal_before;  // by source; only looked up
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint64_t& before = ordinal_before[sim::Index(requests_[i].id.source)];
    before += static_cast<std::uint64_t>(UnZigZag(values_[i]));
    requests_[i].id.ordinal = before;
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::DecodeSteps(schema::Steps::Reader table, std::uint32_t count_max) {
  TableReader read(table.getCount(), count_max, "steps");
  if (!read.ok()) return read.status();
  steps_.resize(table.getCount());
  read.Column(table.getCallPath(), kNone16, "steps.callPath", [this](auto i, auto v) {
    steps_[i].call_path = CallPathId{static_cast<std::uint16_t>(v)};
  });
  read.Column(table.getSpan(), 0xFFFF'FFFF, "steps.span",
              [this](auto i, auto v) { steps_[i].span = SpanId{static_cast<std::uint32_t>(v)}; });
  read.Column(table.getParentSpan(), 0xFFFF'FFFF, "steps.parentSpan", [this](auto i, auto v) {
    steps_[i].parent_span = SpanId{static_cast<std::uint32_t>(v)};
  });
  read.Column(table.getAttempt(), 0xFFFF, "steps.attempt",
              [this](auto i, auto v) { steps_[i].attempt = static_cast<std::uint16_t>(v); });
  if (!read.ok()) return read.status();
  for (const Step& step : steps_) {
    if (step.call_path != CallPathId::kNone &&
        Index(step.call_path) >= catalogue_.call_paths.size()) {
      return Damaged("a step's call path is not in the catalogue");
    }
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::DecodeTruths(schema::Truths::Reader table, std::uint32_t count_max) {
  TableReader read(table.getCount(), count_max, "truths");
  if (!read.ok()) return read.status();
  truths_.resize(table.getCount());
  read.Column(table.getFault(), kNone16, "truths.fault", [this](auto i, auto v) {
    truths_[i].fault = FaultId{static_cast<std::uint16_t>(v)};
  });
  read.Column(table.getRoot(), kNone16, "truths.root", [this](auto i, auto v) {
    truths_[i].root = ServiceId{static_cast<std::uint16_t>(v)};
  });
  read.Column(table.getOccurrence(), 0xFFFF'FFFF, "truths.occurrence",
              [this](auto i, auto v) { truths_[i].occurrence = static_cast<std::uint32_t>(v); });
  read.Column(table.getHops(), 0xFF, "truths.hops",
              [this](auto i, auto v) { truths_[i].hops = static_cast<std::uint8_t>(v); });
  read.Column(table.getAlso(), kNone16, "truths.also", [this](auto i, auto v) {
    truths_[i].also = v == 0 ? FaultId::kNone : FaultId{static_cast<std::uint16_t>(v - 1)};
  });
  return read.status();
}

absl::Status ColumnsDecoder::DecodeShapes(schema::Shapes::Reader table, std::uint32_t count_max) {
  TableReader read(table.getCount(), count_max, "shapes");
  if (!read.ok()) return read.status();
  shapes_.assign(table.getCount(), Shape{});
  read.Column(table.getStep(), Last(steps_.size()), "shapes.step",
              [this](auto i, auto v) { shapes_[i].step = steps_[static_cast<std::size_t>(v)]; });
  read.Column(
      table.getService(), Last(catalogue_.services.size()), "shapes.service",
      [this](auto i, auto v) { shapes_[i].service = ServiceId{static_cast<std::uint16_t>(v)}; });
  read.Column(table.getLevel(), kLevelCount - 1, "shapes.level",
              [this](auto i, auto v) { shapes_[i].level = Level{static_cast<std::uint8_t>(v)}; });
  read.Column(
      table.getMessage(), Last(catalogue_.templates.size()), "shapes.message",
      [this](auto i, auto v) { shapes_[i].message = TemplateId{static_cast<std::uint16_t>(v)}; });
  read.Column(table.getMessageCount(), 0xFFFF, "shapes.messageCount",
              [this](auto i, auto v) { shapes_[i].message_count = static_cast<std::uint16_t>(v); });
  read.Column(table.getDependency(), kNone16, "shapes.dependency", [this](auto i, auto v) {
    shapes_[i].dependency = ServiceId{static_cast<std::uint16_t>(v)};
  });
  read.Column(table.getErrorCode(), kNone16, "shapes.errorCode", [this](auto i, auto v) {
    shapes_[i].error_code = ErrorCodeId{static_cast<std::uint16_t>(v)};
  });
  read.Column(table.getTruth(), Last(truths_.size()), "shapes.truth",
              [this](auto i, auto v) { shapes_[i].truth = truths_[static_cast<std::size_t>(v)]; });
  read.Column(table.getWaited(), 1, "shapes.waited",
              [this](auto i, auto v) { shapes_[i].has_waited = v != 0; });
  read.Column(table.getTimeGroup(), kGroupsMax - 1, "shapes.timeGroup",
              [this](auto i, auto v) { shapes_[i].time_group = static_cast<std::uint8_t>(v); });
  read.Column(table.getDurationGroup(), kGroupsMax - 1, "shapes.durationGroup",
              [this](auto i, auto v) { shapes_[i].duration_group = static_cast<std::uint8_t>(v); });
  return read.status();
}

// Runs CheckRecord once per shape, with a stand-in host and request, because its answer is the same
// for all records of a shape. Slots are checked when they are read.
absl::Status ColumnsDecoder::CheckShapes() {
  Record record;
  for (Shape& shape : shapes_) {
    const std::vector<sim::EntityId>& hosts = hosts_of_service_[Index(shape.service)];
    if (hosts.empty()) return Damaged("a record's service has no hosts");
    if (shape.message_count == 0 ||
        shape.message_count > catalogue_.templates.size() - Index(shape.message)) {
      return Damaged("a shape's messages are not in the catalogue");
    }
    shape.message_bits = static_cast<std::uint8_t>(std::bit_width(shape.message_count - 1U));
    PutShape(shape, &record);
    record.host = hosts[0];
    if (absl::Status s = CheckRecord(record, catalogue_); !s.ok()) {
      return Damaged(std::string(s.message()));
    }
  }
  return absl::OkStatus();
}

// Reads which record has which shape and template, by which the other columns are laid out.
absl::Status ColumnsDecoder::ReadShapeColumns(schema::Columns::Reader columns,
                                              std::uint32_t count) {
  if (absl::Status s =
          ReadBounded(columns.getShape(), count, Last(shapes_.size()), "shape", &shape_column_);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = ReadBounded(columns.getPick(), count, kInt64Max, "pick", &pick_column_);
      !s.ok()) {
    return s;
  }
  count_by_template_.assign(stored_kinds_.size(), 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    Shape& shape = shapes_[static_cast<std::size_t>(shape_column_[i])];
    ++shape.record_count;
    const std::size_t message = shape.MessageOf(pick_column_[i]);
    if (message >= shape.message_count) return Damaged("a record's message is not its shape's");
    ++count_by_template_[Index(shape.message) + message];
  }
  return absl::OkStatus();
}

// The columns of groups of shapes; `group_of` is a shape's.
absl::Status ColumnsDecoder::ReadGroups(
    capnp::List<schema::Integers>::Reader groups, std::uint8_t Shape::* group_of, std::int64_t max,
    const char* name, std::array<std::vector<std::int64_t>, kGroupsMax>* out) const {
  if (groups.size() > kGroupsMax) {
    return Damaged(absl::StrCat("column ", name, " has ", groups.size(), " groups"));
  }
  std::array<std::size_t, kGroupsMax> counts{};
  for (const Shape& shape : shapes_) counts[shape.*group_of] += shape.record_count;
  for (unsigned i = 0; i < kGroupsMax; ++i) {
    if (i >= groups.size()) {
      if (counts[i] > 0) return Damaged(absl::StrCat("column ", name, " lacks a group"));
      continue;
    }
    if (absl::Status s = ReadBounded(groups[i], counts[i], max, name, &(*out)[i]); !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::ReadColumns(schema::Columns::Reader columns,
                                         const ChunkExtent& extent) {
  if (extent.first_time.nanoseconds() % unit_ != 0) {
    return Damaged("firstTime is not a multiple of the resolution");
  }
  if (absl::Status s =
          ReadIntegers(columns.getRequestAge(), extent.count, "requestAge", &request_age_column_);
      !s.ok()) {
    return s;
  }
  const std::int64_t span_max = (extent.last_time - extent.first_time).nanoseconds() / unit_;
  if (absl::Status s = ReadGroups(columns.getTimeDelta(), &Shape::time_group, span_max, "timeDelta",
                                  &time_deltas_);
      !s.ok()) {
    return s;
  }
  const std::int64_t duration_max = kInt64Max / unit_;
  if (absl::Status s = ReadGroups(columns.getDuration(), &Shape::duration_group, duration_max,
                                  "duration", &durations_);
      !s.ok()) {
    return s;
  }
  std::size_t waited = 0;
  for (const Shape& shape : shapes_) waited += shape.has_waited ? shape.record_count : 0;
  if (absl::Status s = ReadBounded(columns.getQueueWait(), waited, duration_max, "queueWait",
                                   &queue_wait_column_);
      !s.ok()) {
    return s;
  }
  clock_skew_column_.clear();
  if (!columns.hasClockSkew()) return absl::OkStatus();
  if (absl::Status s =
          ReadIntegers(columns.getClockSkew(), extent.count, "clockSkew", &clock_skew_column_);
      !s.ok()) {
    return s;
  }
  const std::int64_t skew_max = kClockSkewMax.nanoseconds() / unit_;
  for (const std::int64_t skew : clock_skew_column_) {
    if (skew < -skew_max || skew > skew_max) {
      return Damaged(absl::StrCat("column clockSkew has ", skew, ", more than a day"));
    }
  }
  return absl::OkStatus();
}

// A kind's column has the values of each template's slots in turn.
absl::Status ColumnsDecoder::ReadSlots(schema::Columns::Reader columns) {
  std::array<std::size_t, kStoredKindCount> sizes{};
  for (std::size_t message = 0; message < stored_kinds_.size(); ++message) {
    for (const SlotKind kind : stored_kinds_[message]) {
      if (IsRequestField(kind)) continue;
      sizes[static_cast<std::size_t>(kind)] += count_by_template_[message];
    }
  }
  const auto slots = columns.getSlots();
  if (slots.size() != kStoredKindCount) return Damaged("the slots are not those of six kinds");
  for (std::size_t kind = 0; kind < kStoredKindCount; ++kind) {
    if (absl::Status s = ReadSlotColumn(slots[static_cast<unsigned>(kind)], SlotKind(kind),
                                        sizes[kind], &slot_columns_[kind]);
        !s.ok()) {
      return s;
    }
  }
  std::array<const std::int64_t*, kStoredKindCount> next;
  for (std::size_t kind = 0; kind < kStoredKindCount; ++kind) {
    next[kind] = slot_columns_[kind].data();
  }
  for (std::size_t message = 0; message < stored_kinds_.size(); ++message) {
    for (std::size_t slot = 0; slot < stored_kinds_[message].size(); ++slot) {
      const SlotKind kind = stored_kinds_[message][slot];
      if (IsRequestField(kind)) continue;
      const std::int64_t*& values = next[static_cast<std::size_t>(kind)];
      slot_sources_[message].next[slot] = values;
      values += count_by_template_[message];
    }
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::ReadSlotColumn(schema::Integers::Reader column, SlotKind kind,
                                            std::size_t count, std::vector<std::int64_t>* out) {
  if (kind == SlotKind::kService || kind == SlotKind::kHost) {
    const std::size_t names =
        kind == SlotKind::kService ? catalogue_.services.size() : catalogue_.entities.size();
    return ReadBounded(column, count, static_cast<std::int64_t>(names) - 1, "slots", out);
  }
  if (absl::Status s = ReadIntegers(column, count, "slots", out); !s.ok()) return s;
  if (kind != SlotKind::kMilliseconds) return absl::OkStatus();
  const std::int64_t max = kInt64Max / unit_;
  for (std::int64_t& value : *out) {
    if (value > max || value < -max) return Damaged("a slot's time overflows");
    value *= unit_;
  }
  return absl::OkStatus();
}

// A field's column has a value for each request that shows it. How many do is known in the end.
absl::Status ColumnsDecoder::ReadFields(schema::Requests::Reader table) {
  const auto columns = table.getFields();
  if (columns.size() != fields_.size()) {
    return Damaged("the requests' fields are not those of the templates");
  }
  for (unsigned i = 0; i < columns.size(); ++i) {
    const auto planes = columns[i].getPlanes();
    const std::size_t count = planes.size() == 0 ? requests_.size() : planes[0].size();
    if (count > requests_.size()) return Damaged("more requests show a field than there are");
    FieldColumn& field = fields_[i];
    if (absl::Status s = ReadIntegers(columns[i], count, "requests.fields", &field.values);
        !s.ok()) {
      return s;
    }
    field.next = 0;
    field.is_counted = planes.size() != 0;
  }
  return absl::OkStatus();
}

// The values of fields, a bit for each, that no record of the request showed before.
absl::Status ColumnsDecoder::TakeFields(std::uint8_t shown, Request* request) {
  for (unsigned left = shown; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    FieldColumn& field = fields_[i];
    if (field.next == field.values.size()) return Damaged("a request lacks a field's value");
    request->fields[i] = field.values[field.next++];
  }
  request->shown |= shown;
  return absl::OkStatus();
}

void ColumnsDecoder::PutShape(const Shape& shape, Record* record) {
  record->service = shape.service;
  record->level = shape.level;
  record->span = shape.step.span;
  record->parent_span = shape.step.parent_span;
  record->call_path = shape.step.call_path;
  record->attempt = shape.step.attempt;
  record->dependency = shape.dependency;
  record->error_code = shape.error_code;
  record->message = shape.message;
  record->truth = shape.truth;
}

// Fills each record completely before the next: a chunk's records do not fit into the caches.
absl::Status ColumnsDecoder::Fill(const ChunkExtent& extent, std::vector<Record>* records) {
  const std::int64_t span_max = (extent.last_time - extent.first_time).nanoseconds();
  std::array<const std::int64_t*, kGroupsMax> next_delta;
  std::array<const std::int64_t*, kGroupsMax> next_duration;
  for (std::size_t i = 0; i < kGroupsMax; ++i) {
    next_delta[i] = time_deltas_[i].data();
    next_duration[i] = durations_[i].data();
  }
  const std::int64_t* queue_wait = queue_wait_column_.data();
  std::int64_t since_first = 0;
  std::int64_t requests_begun = 0;
  const Record* before = nullptr;
  for (std::size_t i = 0; i < extent.count; ++i) {
    const Shape& shape = shapes_[static_cast<std::size_t>(shape_column_[i])];
    Record& record = (*records)[i];
    PutShape(shape, &record);
    const std::size_t message = Index(shape.message) + shape.MessageOf(pick_column_[i]);
    record.message = TemplateId{static_cast<std::uint16_t>(message)};

    // Each delta, in nanoseconds, is at most span_max, so that nothing overflows.
    const std::int64_t delta = *next_delta[shape.time_group]++ * unit_;
    if (i == 0 && delta != 0) return Damaged("the first record's time is not firstTime");
    if (delta > span_max - since_first) return Damaged("a record's time is after lastTime");
    since_first += delta;
    record.time = extent.first_time + sim::Duration(since_first);

    const std::vector<sim::EntityId>& hosts = hosts_of_service_[Index(shape.service)];
    const std::size_t rank = shape.HostRankOf(pick_column_[i]);
    if (rank >= hosts.size()) return Damaged("a record's host is not in the catalogue");
    record.host = hosts[rank];
    if (before != nullptr && before->time == record.time && before->host > record.host) {
      return Damaged("two records of one time are not in the order of their hosts");
    }
    before = &record;

    const std::int64_t age = request_age_column_[i];
    if (age < -1 || age >= requests_begun) return Damaged("a record's request has not begun");
    if (age == -1) ++requests_begun;
    const std::int64_t row = age == -1 ? requests_begun - 1 : requests_begun - 1 - age;
    if (row >= static_cast<std::int64_t>(requests_.size())) {
      return Damaged("more requests begin than the chunk has");
    }
    Request& request = requests_[static_cast<std::size_t>(row)];
    record.request = request.id;
    SlotSources& slot_sources = slot_sources_[message];
    const unsigned new_fields = slot_sources.fields_shown & ~unsigned{request.shown};
    if (new_fields != 0) {
      absl::Status s = TakeFields(static_cast<std::uint8_t>(new_fields), &request);
      if (!s.ok()) return s;
    }
    FillSlots(request, &slot_sources, &record);

    record.duration = sim::Duration(*next_duration[shape.duration_group]++ * unit_);
    record.queue_wait = shape.has_waited ? sim::Duration(*queue_wait++ * unit_) : sim::Duration();
    record.clock_skew =
        clock_skew_column_.empty() ? sim::Duration() : sim::Duration(clock_skew_column_[i] * unit_);
  }
  if (since_first != span_max) return Damaged("the last record's time is not lastTime");
  if (requests_begun != static_cast<std::int64_t>(requests_.size())) {
    return Damaged("fewer requests begin than the chunk has");
  }
  for (const FieldColumn& field : fields_) {
    if (field.is_counted && field.next != field.values.size()) {
      return Damaged("fewer requests show a field than it has values");
    }
  }
  return absl::OkStatus();
}

inline void ColumnsDecoder::FillSlots(const Request& request, SlotSources* sources,
                                      Record* record) {
  record->slots = {};
  for (std::size_t slot = 0; slot < sources->count; ++slot) {
    const std::size_t field = sources->field[slot];
    const bool is_field = field < kRequestFieldsMax;
    // Chosen without a branch: which kinds follow each other cannot be foreseen.
    const std::int64_t* const value = is_field ? &request.fields[field] : sources->next[slot];
    record->slots[slot] = *value;
    sources->next[slot] += is_field ? 0 : 1;
  }
}

}  // namespace groundhog::traces
