#include "traces/rollup_codec.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "traces/format.h"
#include "traces/integers.h"
#include "traces/intern_table.h"

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

// Gives each key its row, in the order of keys.
class KeyRows {
 public:
  explicit KeyRows(const Rollup& rollup) {
    for (const RollupCell& cell : rollup.cells) {
      if (seen_.Intern(NumberOf(cell.key)) == keys_.size()) keys_.push_back(cell.key);
    }
    std::ranges::sort(keys_);
    rows_.resize(keys_.size());
    for (std::size_t row = 0; row < keys_.size(); ++row) {
      rows_[seen_.Intern(NumberOf(keys_[row]))] = static_cast<std::int64_t>(row);
    }
  }

  std::int64_t Of(const RollupKey& key) { return rows_[seen_.Intern(NumberOf(key))]; }
  const std::vector<RollupKey>& keys() const { return keys_; }

 private:
  static InternKey NumberOf(const RollupKey& key) {
    return {.high = std::uint64_t{Index(key.service)} << 16 | Index(key.dependency),
            .low = Index(key.level)};
  }

  InternTable seen_;
  std::vector<std::int64_t> rows_;  // by index in `seen_`
  std::vector<RollupKey> keys_;     // by row
};

// Writes a rollup's columns, once. They are made one after the other in the same memory.
class RollupWriter {
 public:
  RollupWriter(const Rollup& rollup, OnPlane on_plane)
      : rollup_(rollup), keys_(rollup), on_plane_(std::move(on_plane)) {
    column_.reserve(std::max(rollup.cells.size(), rollup.bins.size()));
  }

  void Write(schema::RollupColumns::Builder out) {
    WriteKeys(out.initKeys());
    WriteIntervals(out.initIntervals());
    WriteCells(out.initCells());
    WriteBins(out.initBins());
  }

 private:
  void WriteColumn(schema::Integers::Builder out) {
    BuildIntegers(column_, out, on_plane_);
    column_.clear();
  }
  // `value` of each row, in their order.
  template <class Row, class Value>
  void WriteEach(const std::vector<Row>& rows, const Value& value, schema::Integers::Builder out) {
    for (const Row& row : rows) column_.push_back(static_cast<std::int64_t>(value(row)));
    WriteColumn(out);
  }

  void WriteKeys(schema::RollupKeys::Builder out) {
    const std::vector<RollupKey>& keys = keys_.keys();
    out.setCount(static_cast<unsigned>(keys.size()));
    WriteEach(keys, [](const RollupKey& key) { return Index(key.service); }, out.initService());
    WriteEach(
        keys, [](const RollupKey& key) { return Index(key.dependency); }, out.initDependency());
    WriteEach(keys, [](const RollupKey& key) { return Index(key.level); }, out.initLevel());
  }

  void WriteIntervals(schema::RollupIntervals::Builder out) {
    std::int64_t interval = -1;
    Column cells;
    for (const RollupCell& cell : rollup_.cells) {
      if (cell.interval != interval) {
        column_.push_back(cell.interval - std::exchange(interval, cell.interval));
        cells.push_back(0);
      }
      ++cells.back();
    }
    out.setCount(static_cast<unsigned>(cells.size()));
    WriteColumn(out.initStep());
    BuildIntegers(cells, out.initCells(), on_plane_);
  }

  void WriteCells(schema::RollupCells::Builder out) {
    out.setCount(static_cast<unsigned>(rollup_.cells.size()));
    std::int64_t interval = -1;
    std::int64_t row = -1;
    const auto key_step = [&](const RollupCell& cell) {
      if (std::exchange(interval, cell.interval) != cell.interval) row = -1;
      const std::int64_t before = std::exchange(row, keys_.Of(cell.key));
      return row - before;
    };
    WriteEach(rollup_.cells, key_step, out.initKeyStep());
    WriteEach(rollup_.cells, [](const RollupCell& cell) { return cell.bins; }, out.initBins());
    const RollupBin* bin = rollup_.bins.data();
    const auto first_bin = [&](const RollupCell& cell) {
      return std::exchange(bin, bin + cell.bins)->bin;
    };
    WriteEach(rollup_.cells, first_bin, out.initFirstBin());
    WriteEach(rollup_.cells, [](const RollupCell& cell) { return cell.rest_ms; }, out.initRest());
  }

  void WriteBins(schema::RollupBins::Builder out) {
    out.setCount(static_cast<unsigned>(rollup_.bins.size()));
    const RollupBin* bin = rollup_.bins.data();
    for (const RollupCell& cell : rollup_.cells) {
      for (std::uint32_t i = 1; i < cell.bins; ++i) column_.push_back(bin[i].bin - bin[i - 1].bin);
      bin += cell.bins;
    }
    WriteColumn(out.initStep());
    WriteEach(rollup_.bins, [](const RollupBin& each) { return each.records; }, out.initRecords());
  }

  const Rollup& rollup_;
  KeyRows keys_;
  const OnPlane on_plane_;
  Column column_;
};

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
  if (packer.compression() == Compression::kNone) {
    RollupWriter(rollup, [](auto) {}).Write(out.getColumns().initPlain());
    return;
  }
  // As much as columns can be, of which only what they are is ever touched.
  capnp::MallocMessageBuilder message(kRollupBytesMax / sizeof(capnp::word));
  BlockEnds blocks;
  RollupWriter(rollup, [&blocks](auto plane) {
    blocks.Take(plane);
  }).Write(message.initRoot<schema::RollupColumns>());
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

absl::StatusOr<std::optional<Rollup>> ReadRollupIn(const EntryBuffer& entry,
                                                   const Summary& summary) {
  std::optional<Rollup> rollup;
  absl::Status s = WithEntry(entry, [&](schema::Entry::Reader root) -> absl::Status {
    const bool is_appendix = root.isAppendix();
    if (!(is_appendix ? root.getAppendix().hasRollup() : root.getFooter().hasRollup())) {
      return absl::OkStatus();
    }
    return ReadRollup(is_appendix ? root.getAppendix().getRollup() : root.getFooter().getRollup(),
                      summary, &rollup.emplace());
  });
  if (!s.ok()) return s;
  return rollup;
}

}  // namespace groundhog::traces
