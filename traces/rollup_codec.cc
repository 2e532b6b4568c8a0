#include "traces/rollup_codec.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "traces/format.h"
#include "traces/integers.h"

namespace groundhog::traces {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNone = Index(ServiceId::kNone);
constexpr auto kLastBin = static_cast<std::int64_t>(kLatencyBinCount) - 1;

using Column = std::vector<std::int64_t>;

absl::Status Damaged(const std::string& what) {
  return absl::DataLossError(absl::StrCat("the rollup: ", what));
}

// --- Writing

struct Columns {
  std::vector<RollupKey> keys;
  Column interval_step, interval_cells;
  Column key_step, cell_bins, first_bin, rest;
  Column bin_step, bin_records;
};

std::vector<RollupKey> DistinctKeys(const Rollup& rollup) {
  std::set<RollupKey> keys;
  for (const RollupCell& cell : rollup.cells) keys.insert(cell.key);
  return {keys.begin(), keys.end()};
}

Columns ColumnsOf(const Rollup& rollup) {
  Columns columns{.keys = DistinctKeys(rollup)};
  std::int64_t interval = -1;
  std::int64_t key = -1;
  const RollupBin* bin = rollup.bins.data();
  for (const RollupCell& cell : rollup.cells) {
    if (cell.interval != interval) {
      columns.interval_step.push_back(cell.interval - std::exchange(interval, cell.interval));
      columns.interval_cells.push_back(0);
      key = -1;
    }
    ++columns.interval_cells.back();
    const std::int64_t row =
        std::ranges::lower_bound(columns.keys, cell.key) - columns.keys.begin();
    columns.key_step.push_back(row - std::exchange(key, row));
    columns.cell_bins.push_back(cell.bins);
    columns.first_bin.push_back(bin->bin);
    columns.rest.push_back(static_cast<std::int64_t>(cell.rest_ms));
    for (std::uint32_t i = 0; i < cell.bins; ++i, ++bin) {
      if (i > 0) columns.bin_step.push_back(bin->bin - (bin - 1)->bin);
      columns.bin_records.push_back(static_cast<std::int64_t>(bin->records));
    }
  }
  return columns;
}

unsigned Count(const Column& column) { return static_cast<unsigned>(column.size()); }

void BuildKeys(const std::vector<RollupKey>& keys, schema::RollupKeys::Builder out,
               const OnPlane& on_plane) {
  Column service, dependency, level;
  for (const RollupKey& key : keys) {
    service.push_back(Index(key.service));
    dependency.push_back(Index(key.dependency));
    level.push_back(Index(key.level));
  }
  out.setCount(Count(service));
  BuildIntegers(service, out.initService(), on_plane);
  BuildIntegers(dependency, out.initDependency(), on_plane);
  BuildIntegers(level, out.initLevel(), on_plane);
}

void BuildColumns(const Columns& columns, schema::RollupColumns::Builder out,
                  const OnPlane& on_plane) {
  BuildKeys(columns.keys, out.initKeys(), on_plane);
  auto intervals = out.initIntervals();
  intervals.setCount(Count(columns.interval_step));
  BuildIntegers(columns.interval_step, intervals.initStep(), on_plane);
  BuildIntegers(columns.interval_cells, intervals.initCells(), on_plane);
  auto cells = out.initCells();
  cells.setCount(Count(columns.key_step));
  BuildIntegers(columns.key_step, cells.initKeyStep(), on_plane);
  BuildIntegers(columns.cell_bins, cells.initBins(), on_plane);
  BuildIntegers(columns.first_bin, cells.initFirstBin(), on_plane);
  BuildIntegers(columns.rest, cells.initRest(), on_plane);
  auto bins = out.initBins();
  bins.setCount(Count(columns.bin_records));
  BuildIntegers(columns.bin_step, bins.initStep(), on_plane);
  BuildIntegers(columns.bin_records, bins.initRecords(), on_plane);
}

// More than the columns take as a message of one segment.
unsigned WordsFor(const Columns& columns) {
  constexpr std::size_t kOverhead = 1'024;  // structs, lists of planes, and padding
  std::size_t bytes = columns.keys.size() * 3 * 8;
  for (const Column* column :
       {&columns.interval_step, &columns.interval_cells, &columns.key_step, &columns.cell_bins,
        &columns.first_bin, &columns.rest, &columns.bin_step, &columns.bin_records}) {
    if (column->empty()) continue;
    const auto [min, max] = std::ranges::minmax(*column);
    bytes += column->size() * PlaneCount(min, max);
  }
  return static_cast<unsigned>(bytes / 8 + kOverhead);
}

// --- Reading

// Reads a rollup's columns, once.
class RollupReader {
 public:
  RollupReader(schema::RollupColumns::Reader columns, const Summary& summary, Rollup* out)
      : columns_(columns), summary_(summary), out_(*out) {}

  absl::Status Read() {
    absl::Status s = CheckCounts();
    if (s.ok()) s = ReadKeys();
    if (s.ok()) s = ReadCells();
    if (s.ok()) s = ReadBins();
    if (s.ok()) s = ReadIntervals();
    if (s.ok()) s = CheckTotals();
    return s;
  }

 private:
  // Before anything is allocated: columns without planes take no room in the file.
  absl::Status CheckCounts() const {
    if (std::max({columns_.getKeys().getCount(), columns_.getIntervals().getCount(),
                  columns_.getCells().getCount()}) > kRollupCellsMax ||
        columns_.getBins().getCount() > kRollupBinsMax) {
      return Damaged("it is too long");
    }
    return absl::OkStatus();
  }

  absl::Status ReadKeys() {
    const auto in = columns_.getKeys();
    const auto services = static_cast<std::int64_t>(summary_.totals.size());
    Column service, dependency, level;
    absl::Status s = ReadBounded(in.getService(), in.getCount(), services - 1, "service", &service);
    if (s.ok()) {
      s = ReadBounded(in.getDependency(), in.getCount(), kNone, "dependency", &dependency);
    }
    if (s.ok()) s = ReadBounded(in.getLevel(), in.getCount(), kLevelCount - 1, "level", &level);
    if (!s.ok()) return Damaged(std::string(s.message()));
    for (std::size_t i = 0; i < service.size(); ++i) {
      if (dependency[i] >= services && dependency[i] != kNone) {
        return Damaged("a dependency is not in the catalogue");
      }
      const RollupKey key = {.service = ServiceId{static_cast<std::uint16_t>(service[i])},
                             .dependency = ServiceId{static_cast<std::uint16_t>(dependency[i])},
                             .level = Level{static_cast<std::uint8_t>(level[i])}};
      if (!keys_.empty() && key <= keys_.back()) return Damaged("its keys are not in order");
      keys_.push_back(key);
    }
    return absl::OkStatus();
  }

  // All of the cells but their keys and intervals.
  absl::Status ReadCells() {
    const auto in = columns_.getCells();
    const std::uint32_t count = in.getCount();
    Column bins, rest;
    absl::Status s = ReadBounded(in.getBins(), count, kLastBin + 1, "cells.bins", &bins);
    if (s.ok()) s = ReadBounded(in.getFirstBin(), count, kLastBin, "firstBin", &first_bin_);
    if (s.ok()) s = ReadBounded(in.getRest(), count, kMost, "rest", &rest);
    if (s.ok()) s = ReadBounded(in.getKeyStep(), count, kMost, "keyStep", &key_step_);
    if (!s.ok()) return Damaged(std::string(s.message()));
    std::size_t all_bins = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (bins[i] == 0) return Damaged("a cell has no records");
      all_bins += static_cast<std::size_t>(bins[i]);
      out_.cells.push_back({.bins = static_cast<std::uint32_t>(bins[i]),
                            .rest_ms = static_cast<std::uint64_t>(rest[i])});
    }
    if (all_bins != columns_.getBins().getCount()) return Damaged("its bins are not its cells'");
    return absl::OkStatus();
  }

  absl::Status ReadBins() {
    const auto in = columns_.getBins();
    Column step, records;
    absl::Status s =
        ReadBounded(in.getStep(), in.getCount() - out_.cells.size(), kLastBin, "bins.step", &step);
    if (s.ok()) s = ReadBounded(in.getRecords(), in.getCount(), kMost, "records", &records);
    if (!s.ok()) return Damaged(std::string(s.message()));
    std::size_t next = 0;
    out_.bins.reserve(in.getCount());
    for (std::size_t i = 0; i < out_.cells.size(); ++i) {
      const RollupCell& cell = out_.cells[i];
      std::int64_t bin = first_bin_[i];
      std::uint64_t rest_max = 0;
      for (std::uint32_t k = 0; k < cell.bins; ++k) {
        if (k > 0 && step[next] == 0) return Damaged("its bins are not in order");
        if (k > 0) bin += step[next++];
        const auto count = static_cast<std::uint64_t>(records[out_.bins.size()]);
        if (bin > kLastBin || count == 0) return Damaged("a bin is out of range or empty");
        out_.bins.push_back({.records = count, .bin = static_cast<std::uint8_t>(bin)});
        rest_max = SaturatingSum(rest_max, RestMax(out_.bins.back()));
      }
      if (cell.rest_ms > rest_max) return Damaged("latencies are beyond their bins");
    }
    return absl::OkStatus();
  }

  // The most by which the sum of a bin's latencies is above their least value.
  static std::uint64_t RestMax(const RollupBin& bin) {
    std::uint64_t rest = 0;
    const bool is_beyond =
        __builtin_mul_overflow(bin.records, LatencyBins::Width(bin.bin) - 1, &rest);
    return is_beyond ? kSumMax : std::min(rest, kSumMax);
  }

  absl::Status ReadIntervals() {
    const auto in = columns_.getIntervals();
    Column step, cells;
    absl::Status s = ReadBounded(in.getStep(), in.getCount(), kMost, "intervals.step", &step);
    if (s.ok()) {
      s = ReadBounded(in.getCells(), in.getCount(), static_cast<std::int64_t>(out_.cells.size()),
                      "intervals.cells", &cells);
    }
    if (!s.ok()) return Damaged(std::string(s.message()));
    const std::int64_t last = IntervalOf(summary_.last_time);
    std::int64_t interval = -1;
    std::size_t next = 0;
    for (std::size_t i = 0; i < step.size(); ++i) {
      if (step[i] == 0 || cells[i] == 0) return Damaged("its intervals are not in order");
      if (step[i] > last - interval) return Damaged("an interval is after the last record");
      interval += step[i];
      if (s = ReadKeySteps(static_cast<std::uint32_t>(interval), cells[i], &next); !s.ok())
        return s;
    }
    if (next != out_.cells.size()) return Damaged("its cells are not its intervals'");
    if (out_.cells.empty()) return absl::OkStatus();
    if (out_.cells.front().interval != IntervalOf(summary_.first_time) || interval != last) {
      return Damaged("its intervals are not those of the records");
    }
    return absl::OkStatus();
  }

  absl::Status ReadKeySteps(std::uint32_t interval, std::int64_t count, std::size_t* next) {
    const auto rows = static_cast<std::int64_t>(keys_.size());
    std::int64_t row = -1;
    for (std::int64_t i = 0; i < count; ++i, ++*next) {
      if (*next == out_.cells.size()) return Damaged("its cells are not its intervals'");
      const std::int64_t step = key_step_[*next];
      if (step == 0 || step >= rows - row) return Damaged("keys of cells are not in order");
      row += step;
      out_.cells[*next].interval = interval;
      out_.cells[*next].key = keys_[static_cast<std::size_t>(row)];
    }
    return absl::OkStatus();
  }

  absl::Status CheckTotals() const {
    std::vector<LevelCounts> totals(summary_.totals.size());
    const RollupBin* bin = out_.bins.data();
    for (const RollupCell& cell : out_.cells) {
      std::uint64_t& total = totals[Index(cell.key.service)].by_level[Index(cell.key.level)];
      for (std::uint32_t i = 0; i < cell.bins; ++i) {
        total = SaturatingSum(total, (bin++)->records);
      }
    }
    if (totals != summary_.totals) return Damaged("its records are not those of the totals");
    return absl::OkStatus();
  }

  std::int64_t IntervalOf(sim::VirtualTime time) const { return time.since_start() / out_.width; }

  schema::RollupColumns::Reader columns_;
  const Summary& summary_;
  Rollup& out_;
  std::vector<RollupKey> keys_;
  Column key_step_, first_bin_;
};

absl::Status WithColumns(schema::Rollup::Reader rollup,
                         absl::FunctionRef<absl::Status(schema::RollupColumns::Reader)> work) {
  const auto columns = rollup.getColumns();
  if (columns.isPlain()) return work(columns.getPlain());
  if (columns.isPacked()) {
    return WithPacked<schema::RollupColumns>(columns.getPacked(), kRollupBytesMax / 8, work);
  }
  if (!columns.isZstd()) return Damaged("it is compressed in an unknown way");
  const auto data = columns.getZstd();
  ZstdReader zstd;
  const absl::StatusOr<const EntryBuffer*> plain =
      zstd.Read({data.begin(), data.size()}, kRollupBytesMax);
  if (!plain.ok()) return Damaged(std::string(plain.status().message()));
  capnp::FlatArrayMessageReader message((*plain)->words(), LimitsFor((*plain)->bytes().size()));
  return work(message.getRoot<schema::RollupColumns>());
}

}  // namespace

void BuildRollup(const Rollup& rollup, ColumnsPacker& packer, schema::Rollup::Builder out) {
  out.setMinutes(static_cast<std::uint32_t>(rollup.width / sim::Minutes(1)));
  const Columns columns = ColumnsOf(rollup);
  if (packer.compression() == Compression::kNone) {
    BuildColumns(columns, out.getColumns().initPlain(), [](auto) {});
    return;
  }
  capnp::MallocMessageBuilder message(WordsFor(columns));
  BlockEnds blocks;
  BuildColumns(columns, message.initRoot<schema::RollupColumns>(),
               [&blocks](auto plane) { blocks.Take(plane); });
  std::vector<unsigned char> bytes;
  packer.Pack(message, blocks, &bytes);
  const capnp::Data::Reader data(bytes.data(), bytes.size());
  if (packer.compression() == Compression::kPacked) {
    out.getColumns().setPacked(data);
  } else {
    out.getColumns().setZstd(data);
  }
}

absl::Status ReadRollup(schema::Rollup::Reader rollup, const Summary& summary, Rollup* out) {
  const std::int64_t minutes = rollup.getMinutes();
  if (minutes > sim::Duration::Max() / sim::Minutes(1) || !IsRollupWidth(sim::Minutes(minutes))) {
    return Damaged("its intervals have a length that is not allowed");
  }
  *out = {.width = sim::Minutes(minutes)};
  return WithColumns(rollup, [&](schema::RollupColumns::Reader columns) {
    return RollupReader(columns, summary, out).Read();
  });
}

}  // namespace groundhog::traces
