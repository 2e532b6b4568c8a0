#include "traces/columns_decoder.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "traces/catalogue_check.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

// Reads `count` integers into `out`.
absl::Status ReadIntegers(schema::Integers::Reader column, std::size_t count, const char* name,
                          std::vector<std::int64_t>* out) {
  const auto planes = column.getPlanes();
  if (planes.size() > 8) return Damaged(absl::StrCat("column ", name, " has too many planes"));
  std::array<const unsigned char*, 8> bytes{};
  for (unsigned k = 0; k < planes.size(); ++k) {
    const auto plane = planes[k];
    if (plane.size() != count) {
      return Damaged(absl::StrCat("column ", name, " has ", plane.size(), " values, not ", count));
    }
    bytes[k] = plane.begin();
  }
  const std::uint64_t base = static_cast<std::uint64_t>(column.getBase());
  out->resize(count);
  std::int64_t* const values = out->data();
  std::fill(values, values + count, static_cast<std::int64_t>(base));
  for (unsigned k = 0; k < planes.size(); ++k) {
    const unsigned char* const plane = bytes[k];
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(values[i]) +
                                            (std::uint64_t{plane[i]} << (8 * k)));
    }
  }
  return absl::OkStatus();
}

// A column whose values must lie in [0, max].
absl::Status ReadBounded(schema::Integers::Reader column, std::size_t count, std::int64_t max,
                         const char* name, std::vector<std::int64_t>* out) {
  if (absl::Status s = ReadIntegers(column, count, name, out); !s.ok()) return s;
  for (const std::int64_t value : *out) {
    if (value < 0 || value > max) {
      return Damaged(absl::StrCat("column ", name, " has ", value, ", not 0 to ", max));
    }
  }
  return absl::OkStatus();
}

std::int64_t UnZigZag(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return static_cast<std::int64_t>((bits >> 1) ^ (0 - (bits & 1)));
}

absl::Status CheckTableSize(std::uint32_t count, std::uint32_t count_max, const char* name) {
  if (count <= count_max) return absl::OkStatus();
  return Damaged(absl::StrCat("table ", name, " has more rows than there are records"));
}

constexpr std::int64_t kNone16 = 0xFFFF;
constexpr std::int64_t kNanosecondsMax = std::numeric_limits<std::int64_t>::max();

}  // namespace

ColumnsDecoder::ColumnsDecoder(const Catalogue& catalogue)
    : catalogue_(catalogue), hosts_of_service_(catalogue.services.size()) {
  for (std::uint32_t i = 0; i < catalogue.entities.size(); ++i) {
    const EntityEntry& entity = catalogue.entities[i];
    if (entity.kind == EntityKind::kHost) {
      hosts_of_service_[Index(entity.service)].push_back(sim::EntityId{i});
    }
  }
  for (const MessageTemplate& message : catalogue.templates) {
    std::vector<SlotKind>& kinds = stored_kinds_.emplace_back();
    std::copy_if(message.slots.begin(), message.slots.end(), std::back_inserter(kinds), IsStored);
  }
}

absl::Status ColumnsDecoder::Decode(schema::Columns::Reader columns, const ChunkExtent& extent,
                                    std::vector<Record>* records) {
  if (absl::Status s = DecodeRequests(columns.getRequests(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeSteps(columns.getSteps(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeTruths(columns.getTruths(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeShapes(columns.getShapes(), extent.count); !s.ok()) return s;
  records->resize(extent.count);
  if (absl::Status s = FillShapes(columns, records); !s.ok()) return s;
  if (absl::Status s = FillTimes(columns, extent, records); !s.ok()) return s;
  if (absl::Status s = FillHosts(columns, records); !s.ok()) return s;
  if (absl::Status s = FillRequests(columns, records); !s.ok()) return s;
  if (absl::Status s = FillDurations(columns, records); !s.ok()) return s;
  if (absl::Status s = FillClockSkews(columns, records); !s.ok()) return s;
  return FillSlots(columns, records);
}

absl::Status ColumnsDecoder::DecodeRequests(schema::Requests::Reader table,
                                            std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "requests"); !s.ok()) return s;
  const auto entity_max = static_cast<std::int64_t>(catalogue_.entities.size()) - 1;
  if (absl::Status s =
          ReadBounded(table.getSource(), count, entity_max, "requests.source", &values_);
      !s.ok()) {
    return s;
  }
  requests_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    requests_[i].source = sim::EntityId{static_cast<std::uint32_t>(values_[i])};
  }
  if (absl::Status s =
          ReadIntegers(table.getOrdinalDelta(), count, "requests.ordinalDelta", &values_);
      !s.ok()) {
    return s;
  }
  std::unordered_map<std::uint32_t, std::uint64_t> ordinal_before;  // by source; only looked up
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint64_t& before = ordinal_before[sim::Index(requests_[i].source)];
    before += static_cast<std::uint64_t>(UnZigZag(values_[i]));
    requests_[i].ordinal = before;
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::DecodeSteps(schema::Steps::Reader table, std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "steps"); !s.ok()) return s;
  steps_.resize(count);
  if (absl::Status s = ReadBounded(table.getCallPath(), count, kNone16, "steps.callPath", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (values_[i] != kNone16 &&
        values_[i] >= static_cast<std::int64_t>(catalogue_.call_paths.size())) {
      return Damaged("a step's call path is not in the catalogue");
    }
    steps_[i].call_path = CallPathId{static_cast<std::uint16_t>(values_[i])};
  }
  if (absl::Status s = ReadBounded(table.getSpan(), count, 0xFFFF'FFFF, "steps.span", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    steps_[i].span = SpanId{static_cast<std::uint32_t>(values_[i])};
  }
  if (absl::Status s =
          ReadBounded(table.getParentSpan(), count, 0xFFFF'FFFF, "steps.parentSpan", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    steps_[i].parent_span = SpanId{static_cast<std::uint32_t>(values_[i])};
  }
  if (absl::Status s = ReadBounded(table.getAttempt(), count, 0xFFFF, "steps.attempt", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    steps_[i].attempt = static_cast<std::uint16_t>(values_[i]);
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::DecodeTruths(schema::Truths::Reader table, std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "truths"); !s.ok()) return s;
  truths_.resize(count);
  if (absl::Status s = ReadBounded(table.getFault(), count, kNone16, "truths.fault", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    truths_[i].fault = FaultId{static_cast<std::uint16_t>(values_[i])};
  }
  if (absl::Status s = ReadBounded(table.getRoot(), count, kNone16, "truths.root", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    truths_[i].root = ServiceId{static_cast<std::uint16_t>(values_[i])};
  }
  if (absl::Status s =
          ReadBounded(table.getOccurrence(), count, 0xFFFF'FFFF, "truths.occurrence", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    truths_[i].occurrence = static_cast<std::uint32_t>(values_[i]);
  }
  if (absl::Status s = ReadBounded(table.getHops(), count, 0xFF, "truths.hops", &values_);
      !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    truths_[i].hops = static_cast<std::uint8_t>(values_[i]);
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::DecodeShapes(schema::Shapes::Reader table, std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "shapes"); !s.ok()) return s;
  shapes_.assign(count, Record{});
  shape_waited_.assign(count, false);
  // Reads one column of the table and hands each value to `set`.
  const auto read = [this, count](schema::Integers::Reader column, std::int64_t max,
                                  const char* name, const auto& set) -> absl::Status {
    if (absl::Status s = ReadBounded(column, count, max, name, &values_); !s.ok()) return s;
    for (std::uint32_t i = 0; i < count; ++i) set(i, values_[i]);
    return absl::OkStatus();
  };
  const auto last = [](std::size_t size) { return static_cast<std::int64_t>(size) - 1; };
  absl::Status s = read(table.getStep(), last(steps_.size()), "shapes.step", [&](auto i, auto v) {
    const Step& step = steps_[static_cast<std::size_t>(v)];
    shapes_[i].call_path = step.call_path;
    shapes_[i].span = step.span;
    shapes_[i].parent_span = step.parent_span;
    shapes_[i].attempt = step.attempt;
  });
  if (!s.ok()) return s;
  s = read(table.getService(), last(catalogue_.services.size()), "shapes.service",
           [&](auto i, auto v) { shapes_[i].service = ServiceId{static_cast<std::uint16_t>(v)}; });
  if (!s.ok()) return s;
  s = read(table.getLevel(), kLevelCount - 1, "shapes.level",
           [&](auto i, auto v) { shapes_[i].level = Level{static_cast<std::uint8_t>(v)}; });
  if (!s.ok()) return s;
  s = read(table.getMessage(), last(catalogue_.templates.size()), "shapes.message",
           [&](auto i, auto v) { shapes_[i].message = TemplateId{static_cast<std::uint16_t>(v)}; });
  if (!s.ok()) return s;
  s = read(table.getDependency(), kNone16, "shapes.dependency", [&](auto i, auto v) {
    shapes_[i].dependency = ServiceId{static_cast<std::uint16_t>(v)};
  });
  if (!s.ok()) return s;
  s = read(table.getErrorCode(), kNone16, "shapes.errorCode", [&](auto i, auto v) {
    shapes_[i].error_code = ErrorCodeId{static_cast<std::uint16_t>(v)};
  });
  if (!s.ok()) return s;
  s = read(table.getTruth(), last(truths_.size()), "shapes.truth",
           [&](auto i, auto v) { shapes_[i].truth = truths_[static_cast<std::size_t>(v)]; });
  if (!s.ok()) return s;
  return read(table.getWaited(), 1, "shapes.waited",
              [&](auto i, auto v) { shape_waited_[i] = v != 0; });
}

absl::Status ColumnsDecoder::FillShapes(schema::Columns::Reader columns,
                                        std::vector<Record>* records) {
  const auto shape_max = static_cast<std::int64_t>(shapes_.size()) - 1;
  if (absl::Status s =
          ReadBounded(columns.getShape(), records->size(), shape_max, "shape", &shape_column_);
      !s.ok()) {
    return s;
  }
  // What holds for a shape holds for its records: CheckRecord is asked once a shape. Its slots are
  // looked at when they are filled in; its host and request are stood in for.
  for (Record& shape : shapes_) {
    const std::vector<sim::EntityId>& hosts = hosts_of_service_[Index(shape.service)];
    if (hosts.empty()) return Damaged("a record's service has no hosts");
    shape.host = hosts[0];
    if (absl::Status s = CheckRecord(shape, catalogue_); !s.ok()) {
      return Damaged(std::string(s.message()));
    }
  }
  for (std::size_t i = 0; i < records->size(); ++i) {
    (*records)[i] = shapes_[static_cast<std::size_t>(shape_column_[i])];
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::FillTimes(schema::Columns::Reader columns, const ChunkExtent& extent,
                                       std::vector<Record>* records) {
  const std::int64_t span_max = (extent.last_time - extent.first_time).nanoseconds();
  if (absl::Status s =
          ReadBounded(columns.getTimeDelta(), records->size(), span_max, "timeDelta", &values_);
      !s.ok()) {
    return s;
  }
  std::int64_t since_first = 0;
  for (std::size_t i = 0; i < records->size(); ++i) {
    // Neither term exceeds span_max, which is below 2^63: the difference cannot overflow.
    if (values_[i] > span_max - since_first) return Damaged("a record's time is after lastTime");
    since_first += values_[i];
    (*records)[i].time = extent.first_time + sim::Duration(since_first);
  }
  if (values_.front() != 0) return Damaged("the first record's time is not firstTime");
  if (since_first != span_max) return Damaged("the last record's time is not lastTime");
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::FillHosts(schema::Columns::Reader columns,
                                       std::vector<Record>* records) {
  if (absl::Status s =
          ReadBounded(columns.getHostRank(), records->size(), 0xFFFF'FFFF, "hostRank", &values_);
      !s.ok()) {
    return s;
  }
  const Record* before = nullptr;
  for (std::size_t i = 0; i < records->size(); ++i) {
    Record& record = (*records)[i];
    const std::vector<sim::EntityId>& hosts = hosts_of_service_[Index(record.service)];
    if (values_[i] >= static_cast<std::int64_t>(hosts.size())) {
      return Damaged("a record's host is not in the catalogue");
    }
    record.host = hosts[static_cast<std::size_t>(values_[i])];
    if (before != nullptr && before->time == record.time && before->host > record.host) {
      return Damaged("two records of one time are not in the order of their hosts");
    }
    before = &record;
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::FillRequests(schema::Columns::Reader columns,
                                          std::vector<Record>* records) {
  if (absl::Status s =
          ReadIntegers(columns.getRequestAge(), records->size(), "requestAge", &values_);
      !s.ok()) {
    return s;
  }
  std::int64_t begun = 0;
  for (std::size_t i = 0; i < records->size(); ++i) {
    const std::int64_t age = values_[i];
    if (age < -1 || age >= begun) return Damaged("a record's request has not begun");
    if (age == -1) ++begun;
    const std::int64_t request = age == -1 ? begun - 1 : begun - 1 - age;
    if (request >= static_cast<std::int64_t>(requests_.size())) {
      return Damaged("more requests begin than the chunk has");
    }
    (*records)[i].request = requests_[static_cast<std::size_t>(request)];
  }
  if (begun != static_cast<std::int64_t>(requests_.size())) {
    return Damaged("fewer requests begin than the chunk has");
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::FillDurations(schema::Columns::Reader columns,
                                           std::vector<Record>* records) {
  if (absl::Status s = ReadBounded(columns.getDuration(), records->size(), kNanosecondsMax,
                                   "duration", &values_);
      !s.ok()) {
    return s;
  }
  std::size_t waited = 0;
  for (std::size_t i = 0; i < records->size(); ++i) {
    (*records)[i].duration = sim::Duration(values_[i]);
    waited += shape_waited_[static_cast<std::size_t>(shape_column_[i])] ? 1 : 0;
  }
  if (absl::Status s =
          ReadBounded(columns.getQueueWait(), waited, kNanosecondsMax, "queueWait", &values_);
      !s.ok()) {
    return s;
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < records->size(); ++i) {
    if (shape_waited_[static_cast<std::size_t>(shape_column_[i])]) {
      (*records)[i].queue_wait = sim::Duration(values_[next++]);
    }
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::FillClockSkews(schema::Columns::Reader columns,
                                            std::vector<Record>* records) {
  if (!columns.hasClockSkew()) return absl::OkStatus();
  if (absl::Status s = ReadIntegers(columns.getClockSkew(), records->size(), "clockSkew", &values_);
      !s.ok()) {
    return s;
  }
  for (std::size_t i = 0; i < records->size(); ++i) {
    const sim::Duration skew(values_[i]);
    if (skew > kClockSkewMax || skew < -kClockSkewMax) {
      return Damaged(absl::StrCat("column clockSkew has ", values_[i], ", more than a day"));
    }
    (*records)[i].clock_skew = skew;
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::FillSlots(schema::Columns::Reader columns,
                                       std::vector<Record>* records) {
  std::vector<std::size_t> count_by_template(stored_kinds_.size(), 0);
  for (const Record& record : *records) ++count_by_template[Index(record.message)];
  // Where each template's next value of each slot stands in its kind's column.
  std::array<std::size_t, kStoredKindCount> sizes{};
  std::vector<std::array<std::size_t, kMaxStoredSlots>> cursors(stored_kinds_.size());
  for (std::size_t message = 0; message < stored_kinds_.size(); ++message) {
    for (std::size_t slot = 0; slot < stored_kinds_[message].size(); ++slot) {
      std::size_t& size = sizes[static_cast<std::size_t>(stored_kinds_[message][slot])];
      cursors[message][slot] = size;
      size += count_by_template[message];
    }
  }
  const auto slots = columns.getSlots();
  if (slots.size() != kStoredKindCount) return Damaged("the slots are not those of six kinds");
  std::array<std::vector<std::int64_t>, kStoredKindCount> values;
  for (std::size_t kind = 0; kind < kStoredKindCount; ++kind) {
    const auto column = slots[static_cast<unsigned>(kind)];
    absl::Status s;
    if (kind == static_cast<std::size_t>(SlotKind::kService)) {
      const auto max = static_cast<std::int64_t>(catalogue_.services.size()) - 1;
      s = ReadBounded(column, sizes[kind], max, "slots", &values[kind]);
    } else if (kind == static_cast<std::size_t>(SlotKind::kHost)) {
      const auto max = static_cast<std::int64_t>(catalogue_.entities.size()) - 1;
      s = ReadBounded(column, sizes[kind], max, "slots", &values[kind]);
    } else {
      s = ReadIntegers(column, sizes[kind], "slots", &values[kind]);
    }
    if (!s.ok()) return s;
  }
  for (Record& record : *records) {
    const std::size_t message = Index(record.message);
    const std::vector<SlotKind>& kinds = stored_kinds_[message];
    for (std::size_t slot = 0; slot < kinds.size(); ++slot) {
      record.slots[slot] = values[static_cast<std::size_t>(kinds[slot])][cursors[message][slot]++];
    }
  }
  return absl::OkStatus();
}

}  // namespace groundhog::traces
