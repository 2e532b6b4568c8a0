#include "traces/columns_encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "sim/check.h"
#include "traces/catalogue_check.h"
#include "traces/format.h"
#include "traces/integers.h"

namespace groundhog::traces {
namespace {

// The 128-bit keys of the tables. Each packs its fields without loss.
InternKey RequestKey(const RequestId& request) {
  return {.high = sim::Index(request.source), .low = request.ordinal};
}

InternKey StepKey(const Record& record) {
  return {.high = std::uint64_t{Index(record.call_path)} << 16 | record.attempt,
          .low = std::uint64_t{Index(record.span)} << 32 | Index(record.parent_span)};
}

InternKey TruthKey(const Truth& truth) {
  return {.high = std::uint64_t{Index(truth.also)} << 32 | std::uint64_t{Index(truth.fault)} << 16 |
                  Index(truth.root),
          .low = std::uint64_t{truth.occurrence} << 8 | truth.hops};
}

// step 16 | truth 16 | service 16, dependency 16 | error code 16 | level 8 | waited 8. A chunk has
// at most 65,536 records, so its steps and truths have 16-bit indices.
InternKey ShapeKey(const Record& record, std::uint32_t step, std::uint32_t truth, bool waited) {
  return {.high = std::uint64_t{step} << 32 | std::uint64_t{truth} << 16 | Index(record.service),
          .low = std::uint64_t{Index(record.dependency)} << 32 |
                 std::uint64_t{Index(record.error_code)} << 16 |
                 std::uint64_t{Index(record.level)} << 8 | (waited ? 1u : 0u)};
}
static_assert(kChunkRecordsMax <= 65'536);

}  // namespace

std::size_t RequestFieldCount(const Catalogue& catalogue) {
  std::size_t count = 0;
  for (const MessageTemplate& message : catalogue.templates) {
    for (const SlotKind kind : message.slots) {
      if (IsRequestField(kind)) count = std::max(count, RequestFieldNumber(kind) + 1);
    }
  }
  return count;
}

ColumnsEncoder::ColumnsEncoder(const Catalogue& catalogue, sim::Duration resolution)
    : unit_(resolution.nanoseconds()), field_columns_(RequestFieldCount(catalogue)) {
  std::vector<std::uint32_t> hosts_of_service(catalogue.services.size(), 0);
  for (const EntityEntry& entity : catalogue.entities) {
    host_ranks_.push_back(
        entity.kind == EntityKind::kHost ? hosts_of_service[Index(entity.service)]++ : 0);
  }
  for (const MessageTemplate& message : catalogue.templates) {
    std::vector<SlotKind>& kinds = stored_kinds_.emplace_back();
    std::copy_if(message.slots.begin(), message.slots.end(), std::back_inserter(kinds), IsStored);
  }
}

std::size_t ColumnsEncoder::PlainBytesOf(const Record& record) const {
  return kRecordPlainBytes + 8 * stored_kinds_[Index(record.message)].size();
}

std::int64_t ColumnsEncoder::InUnits(sim::Duration duration) const {
  const std::int64_t units = duration.nanoseconds() / unit_;
  sim::Check(units * unit_ == duration.nanoseconds(),
             "times of records are multiples of the trace's resolution");
  return units;
}

void ColumnsEncoder::Append(const Record& record) {
  if (is_empty()) {
    first_time_ = last_time_ = record.time;
    InUnits(first_time_.since_start());  // on the grid, and then all deltas are
  }
  time_deltas_.push_back(InUnits(record.time - last_time_));
  last_time_ = record.time;
  const bool waited = record.queue_wait != sim::Duration();
  if (waited) queue_waits_.push_back(InUnits(record.queue_wait));
  AppendShape(record, waited);
  AppendRequest(record);
  host_rank_column_.push_back(host_ranks_[sim::Index(record.host)]);
  durations_.push_back(InUnits(record.duration));
  if (record.clock_skew != sim::Duration()) {
    clock_skews_.resize(time_deltas_.size() - 1);
    clock_skews_.push_back(InUnits(record.clock_skew));
  }
  plain_bytes_ += PlainBytesOf(record);
}

// Adds the fields that the record shows; false: one of them has another value in `fields`.
bool ColumnsEncoder::NoteFields(const Record& record, RequestFields* fields) const {
  const std::int64_t* value = record.slots.data();
  for (const SlotKind kind : stored_kinds_[Index(record.message)]) {
    const std::int64_t slot = *value++;
    if (!IsRequestField(kind)) continue;
    const std::size_t field = RequestFieldNumber(kind);
    const auto bit = static_cast<std::uint8_t>(1U << field);
    if ((fields->shown & bit) == 0) fields->values[field] = slot;
    fields->shown |= bit;
    if (fields->values[field] != slot) return false;
  }
  return true;
}

absl::Status ColumnsEncoder::Check(const Record& record) const {
  bool is_on_grid = true;
  const auto look = [&](std::int64_t nanoseconds) { is_on_grid &= nanoseconds % unit_ == 0; };
  look(record.time.nanoseconds());
  for (const sim::Duration each : {record.duration, record.queue_wait, record.clock_skew}) {
    look(each.nanoseconds());
  }
  const std::int64_t* value = record.slots.data();
  for (const SlotKind kind : stored_kinds_[Index(record.message)]) {
    if (kind == SlotKind::kMilliseconds) look(*value);
    ++value;
  }
  if (!is_on_grid) {
    return absl::InvalidArgumentError("a record's time is no multiple of the trace's resolution");
  }
  RequestFields fields;
  if (NoteFields(record, &fields)) return absl::OkStatus();
  return absl::InvalidArgumentError("a record has two values of one field of its request");
}

bool ColumnsEncoder::HasOtherField(const Record& record) const {
  if (field_columns_.empty()) return false;
  const std::optional<std::uint32_t> request = requests_.Find(RequestKey(record.request));
  if (!request) return false;
  RequestFields fields = request_fields_[*request];
  return !NoteFields(record, &fields);
}

void ColumnsEncoder::AppendShape(const Record& record, bool waited) {
  const std::uint32_t step = steps_.Intern(StepKey(record));
  const std::uint32_t truth = truths_.Intern(TruthKey(record.truth));
  const std::uint32_t shape = shape_table_.Intern(ShapeKey(record, step, truth, waited));
  const std::uint16_t message = Index(record.message);
  if (shape == shape_messages_.size()) shape_messages_.push_back({message, message});
  Messages& messages = shape_messages_[shape];
  messages.first = std::min(messages.first, message);
  messages.last = std::max(messages.last, message);
  shapes_.push_back(shape);
}

void ColumnsEncoder::AppendRequest(const Record& record) {
  const auto begun = static_cast<std::int64_t>(request_fields_.size());
  const std::uint32_t request = requests_.Intern(RequestKey(record.request));
  if (request == begun) request_fields_.emplace_back();
  request_ages_.push_back(begun - 1 - std::int64_t{request});
  AppendSlots(record, &request_fields_[request]);
}

void ColumnsEncoder::AppendSlots(const Record& record, RequestFields* fields) {
  messages_.push_back(Index(record.message));
  const std::int64_t* value = record.slots.data();
  for (const SlotKind kind : stored_kinds_[Index(record.message)]) {
    const std::int64_t slot = *value++;
    if (!IsRequestField(kind)) {
      slot_values_.push_back(kind == SlotKind::kMilliseconds ? InUnits(sim::Duration(slot)) : slot);
      continue;
    }
    const std::size_t field = RequestFieldNumber(kind);
    const auto bit = static_cast<std::uint8_t>(1U << field);
    if ((fields->shown & bit) == 0) {
      fields->shown |= bit;
      fields->values[field] = slot;
      field_columns_[field].push_back(slot);
    }
    sim::Check(fields->values[field] == slot, "a request's field has one value in all its records");
  }
}

// Numbers the shapes by how often they occur, so that the common ones have numbers below 256 and
// the high plane is nearly all zero. Shapes that occur equally often keep the order of first sight.
void ColumnsEncoder::RankShapes() {
  std::vector<std::uint32_t> frequency(shape_messages_.size(), 0);
  for (const std::uint32_t shape : shapes_) ++frequency[shape];
  shape_order_.resize(shape_messages_.size());
  std::iota(shape_order_.begin(), shape_order_.end(), 0u);
  std::stable_sort(
      shape_order_.begin(), shape_order_.end(),
      [&frequency](std::uint32_t a, std::uint32_t b) { return frequency[a] > frequency[b]; });
  std::vector<std::uint32_t> rank(shape_order_.size());
  for (std::uint32_t i = 0; i < shape_order_.size(); ++i) rank[shape_order_[i]] = i;
  shape_column_.resize(shapes_.size());
  picks_.resize(shapes_.size());
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    const Messages& messages = shape_messages_[shapes_[i]];
    shape_column_[i] = rank[shapes_[i]];
    picks_[i] = (host_rank_column_[i] << messages.bits()) + messages_[i] - messages.first;
  }
}

// The group of each shape. Shapes with values of similar length are in one group, and about as many
// records are in each group.
std::vector<std::uint8_t> ColumnsEncoder::GroupShapes(std::span<const std::int64_t> values) const {
  struct Sum {
    std::uint32_t records = 0;
    std::uint32_t bits = 0;
  };
  std::vector<Sum> sums(shape_messages_.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    Sum& sum = sums[shapes_[i]];
    ++sum.records;
    sum.bits += static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(values[i])));
  }
  // Groups follow the mean length, in 16ths of a bit. Counted, not sorted: a world of a thousand
  // services has thousands of shapes in a chunk.
  const auto mean = [&sums](std::size_t shape) {
    return sums[shape].bits * 16 / sums[shape].records;
  };
  std::array<std::uint64_t, 64 * 16 + 1> records_of{};
  for (std::size_t shape = 0; shape < sums.size(); ++shape) {
    records_of[mean(shape)] += sums[shape].records;
  }
  std::array<std::uint8_t, records_of.size()> group_of{};
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < records_of.size(); ++i) {
    const std::uint64_t middle = before + records_of[i] / 2;
    group_of[i] = static_cast<std::uint8_t>(middle * group_count() / values.size());
    before += records_of[i];
  }
  std::vector<std::uint8_t> groups(sums.size());
  for (std::size_t shape = 0; shape < sums.size(); ++shape) groups[shape] = group_of[mean(shape)];
  return groups;
}

void ColumnsEncoder::BuildByGroup(std::span<const std::int64_t> values,
                                  const std::vector<std::uint8_t>& groups,
                                  capnp::List<schema::Integers>::Builder out,
                                  const OnPlane& on_plane) {
  // All have room for all values, so that nothing is checked at each.
  std::array<std::int64_t*, kGroupsWritten> next;
  for (std::size_t i = 0; i < kGroupsWritten; ++i) {
    grouped_[i].resize(values.size());
    next[i] = grouped_[i].data();
  }
  for (std::size_t i = 0; i < values.size(); ++i) *next[groups[shapes_[i]]]++ = values[i];
  for (unsigned i = 0; i < out.size(); ++i) {
    BuildIntegers({grouped_[i].data(), next[i]}, out[i], on_plane);
  }
}

// Lays the stored slots out by kind; within a kind by template, then slot, then record.
void ColumnsEncoder::GroupSlots() {
  std::vector<std::size_t> count_by_template(stored_kinds_.size(), 0);
  for (const std::uint16_t message : messages_) ++count_by_template[message];
  std::array<std::size_t, kStoredKindCount> sizes{};
  std::vector<std::size_t> first_cursor(stored_kinds_.size());
  slot_cursors_.clear();
  for (std::size_t message = 0; message < stored_kinds_.size(); ++message) {
    first_cursor[message] = slot_cursors_.size();
    for (const SlotKind kind : stored_kinds_[message]) {
      if (IsRequestField(kind)) continue;
      std::size_t& size = sizes[static_cast<std::size_t>(kind)];
      slot_cursors_.push_back(size);
      size += count_by_template[message];
    }
  }
  for (std::size_t kind = 0; kind < kStoredKindCount; ++kind) {
    slots_by_kind_[kind].resize(sizes[kind]);
  }
  const std::int64_t* value = slot_values_.data();
  for (const std::uint16_t message : messages_) {
    std::size_t* cursor = slot_cursors_.data() + first_cursor[message];
    for (const SlotKind kind : stored_kinds_[message]) {
      if (IsRequestField(kind)) continue;
      slots_by_kind_[static_cast<std::size_t>(kind)][(*cursor++)++] = *value++;
    }
  }
}

void ColumnsEncoder::Build(schema::Columns::Builder columns, const OnPlane& on_plane) {
  RankShapes();
  GroupSlots();
  time_groups_ = GroupShapes(time_deltas_);
  duration_groups_ = GroupShapes(durations_);
  BuildIntegers(request_ages_, columns.initRequestAge(), on_plane);
  BuildIntegers(shape_column_, columns.initShape(), on_plane);
  BuildIntegers(picks_, columns.initPick(), on_plane);
  BuildByGroup(time_deltas_, time_groups_, columns.initTimeDelta(group_count()), on_plane);
  BuildByGroup(durations_, duration_groups_, columns.initDuration(group_count()), on_plane);
  BuildIntegers(queue_waits_, columns.initQueueWait(), on_plane);
  auto slots = columns.initSlots(kStoredKindCount);
  for (unsigned kind = 0; kind < kStoredKindCount; ++kind) {
    BuildIntegers(slots_by_kind_[kind], slots[kind], on_plane);
  }
  BuildRequests(columns.initRequests(), on_plane);
  BuildShapes(columns.initShapes(), on_plane);
  BuildTables(columns, on_plane);
  if (clock_skews_.empty()) return;
  clock_skews_.resize(time_deltas_.size());
  BuildIntegers(clock_skews_, columns.initClockSkew(), on_plane);
}

template <class Field>
void ColumnsEncoder::BuildColumn(std::size_t count, schema::Integers::Builder out,
                                 const OnPlane& on_plane, const Field& field) {
  table_column_.resize(count);
  for (std::size_t i = 0; i < count; ++i) table_column_[i] = static_cast<std::int64_t>(field(i));
  BuildIntegers(table_column_, out, on_plane);
}

void ColumnsEncoder::BuildRequests(schema::Requests::Builder table, const OnPlane& on_plane) {
  const std::vector<InternKey>& keys = requests_.keys();
  table.setCount(static_cast<std::uint32_t>(keys.size()));
  BuildColumn(keys.size(), table.initSource(), on_plane, [&](auto i) { return keys[i].high; });
  std::unordered_map<std::uint64_t, std::uint64_t> ordinal_before;  // by source; only looked up
  BuildColumn(keys.size(), table.initOrdinalDelta(), on_plane, [&](auto i) {
    const std::uint64_t before = std::exchange(ordinal_before[keys[i].high], keys[i].low);
    return ZigZag(static_cast<std::int64_t>(keys[i].low - before));
  });
  auto fields = table.initFields(static_cast<unsigned>(field_columns_.size()));
  for (unsigned i = 0; i < fields.size(); ++i) {
    BuildIntegers(field_columns_[i], fields[i], on_plane);
  }
}

void ColumnsEncoder::BuildShapes(schema::Shapes::Builder table, const OnPlane& on_plane) {
  table.setCount(static_cast<std::uint32_t>(shape_order_.size()));
  const auto build = [this, &on_plane](schema::Integers::Builder out, const auto& field) {
    BuildColumn(shape_order_.size(), out, on_plane, [this, &field](std::size_t i) {
      const std::uint32_t shape = shape_order_[i];
      return field(shape, shape_table_.keys()[shape]);
    });
  };
  build(table.initStep(), [](auto, const InternKey& key) { return key.high >> 32; });
  build(table.initService(), [](auto, const InternKey& key) { return key.high & 0xFFFF; });
  build(table.initLevel(), [](auto, const InternKey& key) { return key.low >> 8 & 0xFF; });
  build(table.initMessage(), [this](auto i, auto&) { return shape_messages_[i].first; });
  build(table.initMessageCount(), [this](auto i, auto&) { return shape_messages_[i].count(); });
  build(table.initDependency(), [](auto, const InternKey& key) { return key.low >> 32; });
  build(table.initErrorCode(), [](auto, const InternKey& key) { return key.low >> 16 & 0xFFFF; });
  build(table.initTruth(), [](auto, const InternKey& key) { return key.high >> 16 & 0xFFFF; });
  build(table.initWaited(), [](auto, const InternKey& key) { return key.low & 0xFF; });
  build(table.initTimeGroup(), [this](auto i, auto&) { return time_groups_[i]; });
  build(table.initDurationGroup(), [this](auto i, auto&) { return duration_groups_[i]; });
}

void ColumnsEncoder::BuildTables(schema::Columns::Builder columns, const OnPlane& on_plane) {
  const std::vector<InternKey>& steps = steps_.keys();
  auto step_table = columns.initSteps();
  step_table.setCount(static_cast<std::uint32_t>(steps.size()));
  const auto build_step = [&](schema::Integers::Builder out, const auto& field) {
    BuildColumn(steps.size(), out, on_plane, [&](std::size_t i) { return field(steps[i]); });
  };
  build_step(step_table.initCallPath(), [](const InternKey& key) { return key.high >> 16; });
  build_step(step_table.initSpan(), [](const InternKey& key) { return key.low >> 32; });
  build_step(step_table.initParentSpan(),
             [](const InternKey& key) { return key.low & 0xFFFF'FFFF; });
  build_step(step_table.initAttempt(), [](const InternKey& key) { return key.high & 0xFFFF; });

  const std::vector<InternKey>& truths = truths_.keys();
  auto truth_table = columns.initTruths();
  truth_table.setCount(static_cast<std::uint32_t>(truths.size()));
  const auto build_truth = [&](schema::Integers::Builder out, const auto& field) {
    BuildColumn(truths.size(), out, on_plane, [&](std::size_t i) { return field(truths[i]); });
  };
  build_truth(truth_table.initFault(),
              [](const InternKey& key) { return key.high >> 16 & 0xFFFF; });
  build_truth(truth_table.initRoot(), [](const InternKey& key) { return key.high & 0xFFFF; });
  build_truth(truth_table.initOccurrence(), [](const InternKey& key) { return key.low >> 8; });
  build_truth(truth_table.initHops(), [](const InternKey& key) { return key.low & 0xFF; });
  // 65535, none, becomes 0.
  build_truth(truth_table.initAlso(),
              [](const InternKey& key) { return ((key.high >> 32) + 1) & 0xFFFF; });
}

void ColumnsEncoder::Clear() {
  plain_bytes_ = 0;
  for (auto* column : {&time_deltas_, &host_rank_column_, &request_ages_, &durations_,
                       &queue_waits_, &clock_skews_, &slot_values_}) {
    column->clear();
  }
  shapes_.clear();
  messages_.clear();
  request_fields_.clear();
  for (std::vector<std::int64_t>& column : field_columns_) column.clear();
  shape_messages_.clear();
  for (InternTable* table : {&requests_, &shape_table_, &steps_, &truths_}) table->Clear();
}

}  // namespace groundhog::traces
