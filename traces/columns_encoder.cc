#include "traces/columns_encoder.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>

#include "traces/catalogue_check.h"
#include "traces/format.h"

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
  return {.high = std::uint64_t{Index(truth.fault)} << 16 | Index(truth.root),
          .low = std::uint64_t{truth.occurrence} << 8 | truth.hops};
}

// step 16 | truth 16 | message 16 | service 16, dependency 16 | error code 16 | level 8 | waited 8.
// A chunk has at most 65,536 records, so its steps and truths have 16-bit indices.
InternKey ShapeKey(const Record& record, std::uint32_t step, std::uint32_t truth, bool waited) {
  return {.high = std::uint64_t{step} << 48 | std::uint64_t{truth} << 32 |
                  std::uint64_t{Index(record.message)} << 16 | Index(record.service),
          .low = std::uint64_t{Index(record.dependency)} << 32 |
                 std::uint64_t{Index(record.error_code)} << 16 |
                 std::uint64_t{Index(record.level)} << 8 | (waited ? 1u : 0u)};
}
static_assert(kChunkRecordsMax <= 65'536);

std::int64_t ZigZag(std::int64_t value) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(value) << 1) ^
                                   static_cast<std::uint64_t>(value >> 63));
}

void BuildIntegers(std::span<const std::int64_t> values, schema::Integers::Builder out,
                   const ColumnsEncoder::OnPlane& on_plane) {
  if (values.empty()) return;
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  const std::uint64_t base = static_cast<std::uint64_t>(*min);
  const std::uint64_t range = static_cast<std::uint64_t>(*max) - base;
  out.setBase(*min);
  const unsigned plane_count = (static_cast<unsigned>(std::bit_width(range)) + 7) / 8;
  if (plane_count == 0) return;
  auto planes = out.initPlanes(plane_count);
  const unsigned size = static_cast<unsigned>(values.size());
  for (unsigned k = 0; k < plane_count; ++k) {
    auto plane = planes.init(k, size);
    unsigned char* const bytes = plane.begin();
    for (unsigned i = 0; i < size; ++i) {
      bytes[i] =
          static_cast<unsigned char>((static_cast<std::uint64_t>(values[i]) - base) >> (8 * k));
    }
    on_plane({bytes, size});
  }
}

}  // namespace

ColumnsEncoder::ColumnsEncoder(const Catalogue& catalogue) {
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

void ColumnsEncoder::Append(const Record& record) {
  if (is_empty()) first_time_ = last_time_ = record.time;
  time_deltas_.push_back((record.time - last_time_).nanoseconds());
  last_time_ = record.time;
  const bool waited = record.queue_wait != sim::Duration();
  if (waited) queue_waits_.push_back(record.queue_wait.nanoseconds());
  const std::uint32_t step = steps_.Intern(StepKey(record));
  const std::uint32_t truth = truths_.Intern(TruthKey(record.truth));
  shapes_.push_back(shape_table_.Intern(ShapeKey(record, step, truth, waited)));
  host_rank_column_.push_back(host_ranks_[sim::Index(record.host)]);
  const std::int64_t begun = static_cast<std::int64_t>(requests_.size());
  request_ages_.push_back(begun - 1 - std::int64_t{requests_.Intern(RequestKey(record.request))});
  durations_.push_back(record.duration.nanoseconds());
  if (record.clock_skew != sim::Duration()) {
    clock_skews_.resize(time_deltas_.size() - 1);
    clock_skews_.push_back(record.clock_skew.nanoseconds());
  }
  messages_.push_back(Index(record.message));
  const std::size_t stored = stored_kinds_[Index(record.message)].size();
  slot_values_.insert(slot_values_.end(), record.slots.begin(), record.slots.begin() + stored);
  plain_bytes_ += kRecordPlainBytes + 8 * stored;
}

// Numbers the shapes by how often they occur, so that the common ones have numbers below 256 and
// the high plane is nearly all zero. Shapes that occur equally often keep the order of first sight.
void ColumnsEncoder::RankShapes() {
  std::vector<std::uint32_t> frequency(shape_table_.size(), 0);
  for (const std::int64_t shape : shapes_) ++frequency[static_cast<std::size_t>(shape)];
  shape_order_.resize(shape_table_.size());
  std::iota(shape_order_.begin(), shape_order_.end(), 0u);
  std::stable_sort(
      shape_order_.begin(), shape_order_.end(),
      [&frequency](std::uint32_t a, std::uint32_t b) { return frequency[a] > frequency[b]; });
  std::vector<std::uint32_t> rank(shape_order_.size());
  for (std::uint32_t i = 0; i < shape_order_.size(); ++i) rank[shape_order_[i]] = i;
  for (std::int64_t& shape : shapes_) shape = rank[static_cast<std::size_t>(shape)];
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
      slots_by_kind_[static_cast<std::size_t>(kind)][(*cursor++)++] = *value++;
    }
  }
}

void ColumnsEncoder::Build(schema::Columns::Builder columns, const OnPlane& on_plane) {
  RankShapes();
  GroupSlots();
  BuildIntegers(time_deltas_, columns.initTimeDelta(), on_plane);
  BuildIntegers(shapes_, columns.initShape(), on_plane);
  BuildIntegers(host_rank_column_, columns.initHostRank(), on_plane);
  BuildIntegers(request_ages_, columns.initRequestAge(), on_plane);
  BuildIntegers(durations_, columns.initDuration(), on_plane);
  BuildIntegers(queue_waits_, columns.initQueueWait(), on_plane);
  auto slots = columns.initSlots(kStoredKindCount);
  for (unsigned kind = 0; kind < kStoredKindCount; ++kind) {
    BuildIntegers(slots_by_kind_[kind], slots[kind], on_plane);
  }
  BuildTables(columns, on_plane);
  if (clock_skews_.empty()) return;
  clock_skews_.resize(time_deltas_.size());
  BuildIntegers(clock_skews_, columns.initClockSkew(), on_plane);
}

void ColumnsEncoder::BuildTables(schema::Columns::Builder columns, const OnPlane& on_plane) {
  // Writes one column of a table: `field` of each key in turn.
  const auto build = [this, &on_plane](std::size_t count, schema::Integers::Builder out,
                                       const auto& field) {
    table_column_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      table_column_[i] = static_cast<std::int64_t>(field(i));
    }
    BuildIntegers(table_column_, out, on_plane);
  };

  const std::vector<InternKey>& requests = requests_.keys();
  auto request_table = columns.initRequests();
  request_table.setCount(static_cast<std::uint32_t>(requests.size()));
  build(requests.size(), request_table.initSource(), [&](auto i) { return requests[i].high; });
  std::unordered_map<std::uint64_t, std::uint64_t> ordinal_before;  // by source; only looked up
  build(requests.size(), request_table.initOrdinalDelta(), [&](auto i) {
    std::uint64_t& before = ordinal_before[requests[i].high];
    const std::uint64_t delta = requests[i].low - before;
    before = requests[i].low;
    return ZigZag(static_cast<std::int64_t>(delta));
  });

  auto shapes = columns.initShapes();
  const std::size_t shape_count = shape_order_.size();
  shapes.setCount(static_cast<std::uint32_t>(shape_count));
  const auto shape = [this](std::size_t i) -> const InternKey& {
    return shape_table_.keys()[shape_order_[i]];
  };
  build(shape_count, shapes.initStep(), [&](auto i) { return shape(i).high >> 48; });
  build(shape_count, shapes.initService(), [&](auto i) { return shape(i).high & 0xFFFF; });
  build(shape_count, shapes.initLevel(), [&](auto i) { return shape(i).low >> 8 & 0xFF; });
  build(shape_count, shapes.initMessage(), [&](auto i) { return shape(i).high >> 16 & 0xFFFF; });
  build(shape_count, shapes.initDependency(), [&](auto i) { return shape(i).low >> 32; });
  build(shape_count, shapes.initErrorCode(), [&](auto i) { return shape(i).low >> 16 & 0xFFFF; });
  build(shape_count, shapes.initTruth(), [&](auto i) { return shape(i).high >> 32 & 0xFFFF; });
  build(shape_count, shapes.initWaited(), [&](auto i) { return shape(i).low & 0xFF; });

  const std::vector<InternKey>& steps = steps_.keys();
  auto step_table = columns.initSteps();
  step_table.setCount(static_cast<std::uint32_t>(steps.size()));
  build(steps.size(), step_table.initCallPath(), [&](auto i) { return steps[i].high >> 16; });
  build(steps.size(), step_table.initSpan(), [&](auto i) { return steps[i].low >> 32; });
  build(steps.size(), step_table.initParentSpan(),
        [&](auto i) { return steps[i].low & 0xFFFF'FFFF; });
  build(steps.size(), step_table.initAttempt(), [&](auto i) { return steps[i].high & 0xFFFF; });

  const std::vector<InternKey>& truths = truths_.keys();
  auto truth_table = columns.initTruths();
  truth_table.setCount(static_cast<std::uint32_t>(truths.size()));
  build(truths.size(), truth_table.initFault(), [&](auto i) { return truths[i].high >> 16; });
  build(truths.size(), truth_table.initRoot(), [&](auto i) { return truths[i].high & 0xFFFF; });
  build(truths.size(), truth_table.initOccurrence(), [&](auto i) { return truths[i].low >> 8; });
  build(truths.size(), truth_table.initHops(), [&](auto i) { return truths[i].low & 0xFF; });
}

void ColumnsEncoder::Clear() {
  plain_bytes_ = 0;
  for (auto* column : {&time_deltas_, &shapes_, &host_rank_column_, &request_ages_, &durations_,
                       &queue_waits_, &clock_skews_, &slot_values_}) {
    column->clear();
  }
  messages_.clear();
  for (InternTable* table : {&requests_, &shape_table_, &steps_, &truths_}) table->Clear();
}

}  // namespace groundhog::traces
