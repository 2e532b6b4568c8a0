#include "traces/columns_decoder.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/catalogue_check.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

constexpr std::size_t kPlanesMax = 8;
using Planes = std::array<const unsigned char*, kPlanesMax>;

template <std::size_t kCount>
void AddPlanes(const Planes& planes, std::uint64_t base, std::size_t count, std::int64_t* values) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t value = base;
    for (std::size_t k = 0; k < kCount; ++k) value += std::uint64_t{planes[k][i]} << (8 * k);
    values[i] = static_cast<std::int64_t>(value);
  }
}

// For each number of planes a loop of its own, which the compiler unrolls.
constexpr auto kAddPlanes = []<std::size_t... kCounts>(std::index_sequence<kCounts...>) {
  return std::array{&AddPlanes<kCounts>...};
}(std::make_index_sequence<kPlanesMax + 1>());

// Reads `count` integers into `out`.
absl::Status ReadIntegers(schema::Integers::Reader column, std::size_t count, const char* name,
                          std::vector<std::int64_t>* out) {
  const auto planes = column.getPlanes();
  if (planes.size() > kPlanesMax) {
    return Damaged(absl::StrCat("column ", name, " has too many planes"));
  }
  Planes bytes{};
  for (unsigned k = 0; k < planes.size(); ++k) {
    const auto plane = planes[k];
    if (plane.size() != count) {
      return Damaged(absl::StrCat("column ", name, " has ", plane.size(), " values, not ", count));
    }
    bytes[k] = plane.begin();
  }
  out->resize(count);
  kAddPlanes[planes.size()](bytes, static_cast<std::uint64_t>(column.getBase()), count,
                            out->data());
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
  slot_values_.resize(stored_kinds_.size());
}

absl::Status ColumnsDecoder::Decode(schema::Columns::Reader columns, const ChunkExtent& extent,
                                    std::vector<Record>* records) {
  if (absl::Status s = DecodeRequests(columns.getRequests(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeSteps(columns.getSteps(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeTruths(columns.getTruths(), extent.count); !s.ok()) return s;
  if (absl::Status s = DecodeShapes(columns.getShapes(), extent.count); !s.ok()) return s;
  if (absl::Status s = CheckShapes(); !s.ok()) return s;
  if (absl::Status s = ReadColumns(columns, extent); !s.ok()) return s;
  if (absl::Status s = ReadSlots(columns); !s.ok()) return s;
  records->resize(extent.count);
  return Fill(extent, records);
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

// Reads one column of a table, whose values must lie in [0, max], and hands each to `set`.
template <class Set>
absl::Status ColumnsDecoder::ReadEach(schema::Integers::Reader column, std::uint32_t count,
                                      std::int64_t max, const char* name, const Set& set) {
  if (absl::Status s = ReadBounded(column, count, max, name, &values_); !s.ok()) return s;
  for (std::uint32_t i = 0; i < count; ++i) set(i, values_[i]);
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::DecodeSteps(schema::Steps::Reader table, std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "steps"); !s.ok()) return s;
  steps_.resize(count);
  absl::Status s = ReadEach(
      table.getCallPath(), count, kNone16, "steps.callPath",
      [&](auto i, auto v) { steps_[i].call_path = CallPathId{static_cast<std::uint16_t>(v)}; });
  if (!s.ok()) return s;
  const bool are_paths_known = std::ranges::all_of(steps_, [&](const Step& step) {
    return step.call_path == CallPathId::kNone ||
           Index(step.call_path) < catalogue_.call_paths.size();
  });
  if (!are_paths_known) return Damaged("a step's call path is not in the catalogue");
  s = ReadEach(table.getSpan(), count, 0xFFFF'FFFF, "steps.span",
               [&](auto i, auto v) { steps_[i].span = SpanId{static_cast<std::uint32_t>(v)}; });
  if (!s.ok()) return s;
  s = ReadEach(table.getParentSpan(), count, 0xFFFF'FFFF, "steps.parentSpan", [&](auto i, auto v) {
    steps_[i].parent_span = SpanId{static_cast<std::uint32_t>(v)};
  });
  if (!s.ok()) return s;
  return ReadEach(table.getAttempt(), count, 0xFFFF, "steps.attempt",
                  [&](auto i, auto v) { steps_[i].attempt = static_cast<std::uint16_t>(v); });
}

absl::Status ColumnsDecoder::DecodeTruths(schema::Truths::Reader table, std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "truths"); !s.ok()) return s;
  truths_.resize(count);
  absl::Status s = ReadEach(table.getFault(), count, kNone16, "truths.fault", [&](auto i, auto v) {
    truths_[i].fault = FaultId{static_cast<std::uint16_t>(v)};
  });
  if (!s.ok()) return s;
  s = ReadEach(table.getRoot(), count, kNone16, "truths.root",
               [&](auto i, auto v) { truths_[i].root = ServiceId{static_cast<std::uint16_t>(v)}; });
  if (!s.ok()) return s;
  s = ReadEach(table.getOccurrence(), count, 0xFFFF'FFFF, "truths.occurrence",
               [&](auto i, auto v) { truths_[i].occurrence = static_cast<std::uint32_t>(v); });
  if (!s.ok()) return s;
  return ReadEach(table.getHops(), count, 0xFF, "truths.hops",
                  [&](auto i, auto v) { truths_[i].hops = static_cast<std::uint8_t>(v); });
}

absl::Status ColumnsDecoder::DecodeShapes(schema::Shapes::Reader table, std::uint32_t count_max) {
  const std::uint32_t count = table.getCount();
  if (absl::Status s = CheckTableSize(count, count_max, "shapes"); !s.ok()) return s;
  shapes_.assign(count, Shape{});
  const auto last = [](std::size_t size) { return static_cast<std::int64_t>(size) - 1; };
  absl::Status s =
      ReadEach(table.getStep(), count, last(steps_.size()), "shapes.step",
               [&](auto i, auto v) { shapes_[i].step = steps_[static_cast<std::size_t>(v)]; });
  if (!s.ok()) return s;
  s = ReadEach(
      table.getService(), count, last(catalogue_.services.size()), "shapes.service",
      [&](auto i, auto v) { shapes_[i].service = ServiceId{static_cast<std::uint16_t>(v)}; });
  if (!s.ok()) return s;
  s = ReadEach(table.getLevel(), count, kLevelCount - 1, "shapes.level",
               [&](auto i, auto v) { shapes_[i].level = Level{static_cast<std::uint8_t>(v)}; });
  if (!s.ok()) return s;
  s = ReadEach(
      table.getMessage(), count, last(catalogue_.templates.size()), "shapes.message",
      [&](auto i, auto v) { shapes_[i].message = TemplateId{static_cast<std::uint16_t>(v)}; });
  if (!s.ok()) return s;
  s = ReadEach(table.getDependency(), count, kNone16, "shapes.dependency", [&](auto i, auto v) {
    shapes_[i].dependency = ServiceId{static_cast<std::uint16_t>(v)};
  });
  if (!s.ok()) return s;
  s = ReadEach(table.getErrorCode(), count, kNone16, "shapes.errorCode", [&](auto i, auto v) {
    shapes_[i].error_code = ErrorCodeId{static_cast<std::uint16_t>(v)};
  });
  if (!s.ok()) return s;
  s = ReadEach(table.getTruth(), count, last(truths_.size()), "shapes.truth",
               [&](auto i, auto v) { shapes_[i].truth = truths_[static_cast<std::size_t>(v)]; });
  if (!s.ok()) return s;
  return ReadEach(table.getWaited(), count, 1, "shapes.waited",
                  [&](auto i, auto v) { shapes_[i].has_waited = v != 0; });
}

// Runs CheckRecord once per shape, with a stand-in host and request, because its answer is the same
// for all records of a shape. Slots are checked when they are read.
absl::Status ColumnsDecoder::CheckShapes() {
  Record record;
  for (const Shape& shape : shapes_) {
    const std::vector<sim::EntityId>& hosts = hosts_of_service_[Index(shape.service)];
    if (hosts.empty()) return Damaged("a record's service has no hosts");
    PutShape(shape, &record);
    record.host = hosts[0];
    if (absl::Status s = CheckRecord(record, catalogue_); !s.ok()) {
      return Damaged(std::string(s.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status ColumnsDecoder::ReadColumns(schema::Columns::Reader columns,
                                         const ChunkExtent& extent) {
  const auto shape_max = static_cast<std::int64_t>(shapes_.size()) - 1;
  if (absl::Status s =
          ReadBounded(columns.getShape(), extent.count, shape_max, "shape", &shape_column_);
      !s.ok()) {
    return s;
  }
  const std::int64_t span_max = (extent.last_time - extent.first_time).nanoseconds();
  if (absl::Status s = ReadBounded(columns.getTimeDelta(), extent.count, span_max, "timeDelta",
                                   &time_delta_column_);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = ReadBounded(columns.getHostRank(), extent.count, 0xFFFF'FFFF, "hostRank",
                                   &host_rank_column_);
      !s.ok()) {
    return s;
  }
  if (absl::Status s =
          ReadIntegers(columns.getRequestAge(), extent.count, "requestAge", &request_age_column_);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = ReadBounded(columns.getDuration(), extent.count, kNanosecondsMax, "duration",
                                   &duration_column_);
      !s.ok()) {
    return s;
  }
  std::size_t waited = 0;
  for (const std::int64_t shape : shape_column_) {
    waited += shapes_[static_cast<std::size_t>(shape)].has_waited ? 1 : 0;
  }
  if (absl::Status s = ReadBounded(columns.getQueueWait(), waited, kNanosecondsMax, "queueWait",
                                   &queue_wait_column_);
      !s.ok()) {
    return s;
  }
  clock_skew_column_.clear();
  if (!columns.hasClockSkew()) return absl::OkStatus();
  return ReadIntegers(columns.getClockSkew(), extent.count, "clockSkew", &clock_skew_column_);
}

// A kind's column has the values of each template's slots in turn.
absl::Status ColumnsDecoder::ReadSlots(schema::Columns::Reader columns) {
  count_by_template_.assign(stored_kinds_.size(), 0);
  for (const std::int64_t shape : shape_column_) {
    ++count_by_template_[Index(shapes_[static_cast<std::size_t>(shape)].message)];
  }
  std::array<std::size_t, kStoredKindCount> sizes{};
  for (std::size_t message = 0; message < stored_kinds_.size(); ++message) {
    for (const SlotKind kind : stored_kinds_[message]) {
      sizes[static_cast<std::size_t>(kind)] += count_by_template_[message];
    }
  }
  const auto slots = columns.getSlots();
  if (slots.size() != kStoredKindCount) return Damaged("the slots are not those of six kinds");
  for (std::size_t kind = 0; kind < kStoredKindCount; ++kind) {
    const auto column = slots[static_cast<unsigned>(kind)];
    absl::Status s;
    if (kind == static_cast<std::size_t>(SlotKind::kService)) {
      const auto max = static_cast<std::int64_t>(catalogue_.services.size()) - 1;
      s = ReadBounded(column, sizes[kind], max, "slots", &slot_columns_[kind]);
    } else if (kind == static_cast<std::size_t>(SlotKind::kHost)) {
      const auto max = static_cast<std::int64_t>(catalogue_.entities.size()) - 1;
      s = ReadBounded(column, sizes[kind], max, "slots", &slot_columns_[kind]);
    } else {
      s = ReadIntegers(column, sizes[kind], "slots", &slot_columns_[kind]);
    }
    if (!s.ok()) return s;
  }
  std::array<const std::int64_t*, kStoredKindCount> next;
  for (std::size_t kind = 0; kind < kStoredKindCount; ++kind) {
    next[kind] = slot_columns_[kind].data();
  }
  for (std::size_t message = 0; message < stored_kinds_.size(); ++message) {
    for (std::size_t slot = 0; slot < stored_kinds_[message].size(); ++slot) {
      const std::int64_t*& values = next[static_cast<std::size_t>(stored_kinds_[message][slot])];
      slot_values_[message][slot] = values;
      values += count_by_template_[message];
    }
  }
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
  std::int64_t since_first = 0;
  std::int64_t requests_begun = 0;
  const std::int64_t* queue_wait = queue_wait_column_.data();
  const Record* before = nullptr;
  for (std::size_t i = 0; i < extent.count; ++i) {
    const Shape& shape = shapes_[static_cast<std::size_t>(shape_column_[i])];
    Record& record = (*records)[i];
    PutShape(shape, &record);

    // Neither term exceeds span_max, which is below 2^63: the difference cannot overflow.
    if (time_delta_column_[i] > span_max - since_first) {
      return Damaged("a record's time is after lastTime");
    }
    since_first += time_delta_column_[i];
    record.time = extent.first_time + sim::Duration(since_first);

    const std::vector<sim::EntityId>& hosts = hosts_of_service_[Index(record.service)];
    const auto rank = static_cast<std::size_t>(host_rank_column_[i]);
    if (rank >= hosts.size()) return Damaged("a record's host is not in the catalogue");
    record.host = hosts[rank];
    if (before != nullptr && before->time == record.time && before->host > record.host) {
      return Damaged("two records of one time are not in the order of their hosts");
    }
    before = &record;

    const std::int64_t age = request_age_column_[i];
    if (age < -1 || age >= requests_begun) return Damaged("a record's request has not begun");
    if (age == -1) ++requests_begun;
    const std::int64_t request = age == -1 ? requests_begun - 1 : requests_begun - 1 - age;
    if (request >= static_cast<std::int64_t>(requests_.size())) {
      return Damaged("more requests begin than the chunk has");
    }
    record.request = requests_[static_cast<std::size_t>(request)];

    record.duration = sim::Duration(duration_column_[i]);
    record.queue_wait = shape.has_waited ? sim::Duration(*queue_wait++) : sim::Duration();
    record.clock_skew = sim::Duration();
    if (!clock_skew_column_.empty()) {
      record.clock_skew = sim::Duration(clock_skew_column_[i]);
      if (record.clock_skew > kClockSkewMax || record.clock_skew < -kClockSkewMax) {
        return Damaged(
            absl::StrCat("column clockSkew has ", clock_skew_column_[i], ", more than a day"));
      }
    }

    const std::size_t message = Index(record.message);
    const std::size_t slots = stored_kinds_[message].size();
    record.slots = {};
    for (std::size_t slot = 0; slot < slots; ++slot) {
      record.slots[slot] = *slot_values_[message][slot]++;
    }
  }
  if (time_delta_column_.front() != 0) return Damaged("the first record's time is not firstTime");
  if (since_first != span_max) return Damaged("the last record's time is not lastTime");
  if (requests_begun != static_cast<std::int64_t>(requests_.size())) {
    return Damaged("fewer requests begin than the chunk has");
  }
  return absl::OkStatus();
}

}  // namespace groundhog::traces
