// Rollups that are forged: the reader refuses each, and allocates no more than a rollup may take.
#include <capnp/message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "tests/traces/allocation_count.h"
#include "tests/traces/sample_trace.h"
#include "traces/chunk_codec.h"
#include "traces/entry.h"
#include "traces/rollup_builder.h"
#include "traces/rollup_codec.h"
#include "traces/summary_builder.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

constexpr std::size_t kAllocatedMax = std::size_t{48} << 20;

// Two services and two minutes: of the first service an INFO of 3 ms and one of 9 ms, and a WARN;
// a minute later, an INFO of each.
std::vector<Record> SampleOfRollup() {
  std::vector<Record> records(5, SampleRecord(0));
  records[0].duration = sim::Milliseconds(3);
  records[1].duration = sim::Milliseconds(9);
  records[2].level = Level::kWarn;
  records[3].time = records[4].time = sim::VirtualTime(sim::Minutes(1));
  records[4].service = ServiceId{1};
  records[4].host = sim::EntityId{1};
  return records;
}

class HostileRollup : public testing::Test {
 protected:
  HostileRollup() : builder_(SampleInfo(), catalogue_) {
    builder_.AddRecords(SampleOfRollup(), 1);
    builder_.EndChunk(0);
    builder_.Finish(sim::VirtualTime());
  }

  // What reading the sample's rollup gives once it is forged.
  absl::Status ReadForged(const std::function<void(schema::Rollup::Builder)>& forge,
                          Compression compression = Compression::kNone) {
    capnp::MallocMessageBuilder message;
    auto rollup = message.initRoot<schema::Rollup>();
    ColumnsPacker packer(compression, 1);
    BuildRollup(*builder_.rollup(), packer, rollup);
    forge(rollup);
    const std::size_t before = AllocatedBytes();
    Rollup out;
    absl::Status status = ReadRollup(rollup.asReader(), builder_.summary(), &out);
    EXPECT_LT(AllocatedBytes() - before, kAllocatedMax);
    if (status.ok()) {
      EXPECT_EQ(out, *builder_.rollup());
    }
    return status;
  }

  void ExpectRefused(const std::function<void(schema::RollupColumns::Builder)>& forge,
                     const std::string& says) {
    const absl::Status status =
        ReadForged([&](schema::Rollup::Builder rollup) { forge(rollup.getColumns().getPlain()); });
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(says));
  }

  const Catalogue catalogue_ = SampleCatalogue();
  SummaryBuilder builder_;
};

// All values of the column become this one.
void SetAll(schema::Integers::Builder column, std::int64_t value) {
  column.disownPlanes();
  column.setBase(value);
}

TEST_F(HostileRollup, IsReadBeforeItIsForged) {
  for (const Compression compression :
       {Compression::kNone, Compression::kPacked, Compression::kZstd}) {
    EXPECT_EQ(ReadForged([](auto) {}, compression), absl::OkStatus());
  }
}

TEST_F(HostileRollup, WidthIsOneOfThoseAllowed) {
  for (const std::uint32_t minutes : {0U, 3U, 1'441U, 0xFFFF'FFFFU, 188'743'680U}) {
    const absl::Status status = ReadForged([&](auto rollup) { rollup.setMinutes(minutes); });
    EXPECT_THAT(std::string(status.message()), HasSubstr("a length that is not allowed"));
  }
  const absl::Status status = ReadForged([](auto rollup) { rollup.setMinutes(2); });
  EXPECT_THAT(std::string(status.message()), HasSubstr("after the last record"));
}

TEST_F(HostileRollup, CountsAreBoundedBeforeAnythingIsAllocated) {
  for (const std::uint32_t count : {65'537U, 0xFFFF'FFFFU}) {
    ExpectRefused([&](auto c) { c.getKeys().setCount(count); }, "it is too long");
    ExpectRefused([&](auto c) { c.getIntervals().setCount(count); }, "it is too long");
    ExpectRefused([&](auto c) { c.getCells().setCount(count); }, "it is too long");
  }
  ExpectRefused([](auto c) { c.getBins().setCount(524'289); }, "it is too long");
  ExpectRefused([](auto c) { c.getBins().setCount(524'288); }, "its bins are not its cells'");
  // Columns without planes, which take no room in the file.
  const auto claim = [](auto c, std::int64_t bins) {
    c.initCells().setCount(65'536);
    c.initBins().setCount(524'288);
    SetAll(c.getCells().initBins(), bins);
  };
  ExpectRefused([&](auto c) { claim(c, 8); }, "out of range or empty");
  ExpectRefused([&](auto c) { claim(c, 170); }, "cells.bins has 170");
}

TEST_F(HostileRollup, KeysAreInOrderAndInTheCatalogue) {
  ExpectRefused([](auto c) { SetAll(c.getKeys().getService(), 3); }, "service has 3");
  ExpectRefused([](auto c) { SetAll(c.getKeys().getService(), -1); }, "service has -1");
  ExpectRefused([](auto c) { SetAll(c.getKeys().getDependency(), 3); }, "not in the catalogue");
  ExpectRefused([](auto c) { SetAll(c.getKeys().getDependency(), 65'536); }, "has 65536");
  ExpectRefused([](auto c) { SetAll(c.getKeys().getLevel(), 3); }, "level has 3");
  ExpectRefused([](auto c) { SetAll(c.getKeys().getLevel(), 0); }, "keys are not in order");
  ExpectRefused([](auto c) { c.getKeys().setCount(2); }, "2");
  ExpectRefused([](auto c) { SetAll(c.getCells().getKeyStep(), 0); }, "keys of cells");
  ExpectRefused([](auto c) { SetAll(c.getCells().getKeyStep(), 4); }, "keys of cells");
  ExpectRefused([](auto c) { SetAll(c.getCells().getKeyStep(), -1); }, "keyStep has -1");
  ExpectRefused(
      [](auto c) { SetAll(c.getCells().getKeyStep(), std::numeric_limits<std::int64_t>::max()); },
      "keys of cells");
}

TEST_F(HostileRollup, IntervalsAreThoseOfTheRecords) {
  ExpectRefused([](auto c) { SetAll(c.getIntervals().getStep(), 0); }, "not in order");
  ExpectRefused([](auto c) { SetAll(c.getIntervals().getStep(), 2); }, "after the last record");
  ExpectRefused(
      [](auto c) { SetAll(c.getIntervals().getStep(), std::numeric_limits<std::int64_t>::max()); },
      "after the last record");
  ExpectRefused([](auto c) { SetAll(c.getIntervals().getCells(), 0); }, "not in order");
  ExpectRefused([](auto c) { SetAll(c.getIntervals().getCells(), 1); }, "not its intervals'");
  ExpectRefused([](auto c) { SetAll(c.getIntervals().getCells(), 3); }, "not its intervals'");
  ExpectRefused(
      [](auto c) {
        c.getIntervals().setCount(1);
        SetAll(c.getIntervals().getStep(), 1);
        SetAll(c.getIntervals().getCells(), 4);
        SetAll(c.getCells().getKeyStep(), 1);
      },
      "keys of cells");
}

TEST_F(HostileRollup, BinsAreInOrderAndNotEmpty) {
  ExpectRefused([](auto c) { SetAll(c.getCells().getBins(), 0); }, "a cell has no records");
  ExpectRefused([](auto c) { SetAll(c.getCells().getBins(), 2); }, "its bins are not its cells'");
  ExpectRefused([](auto c) { SetAll(c.getCells().getFirstBin(), 169); }, "firstBin has 169");
  ExpectRefused([](auto c) { SetAll(c.getCells().getFirstBin(), 167); }, "out of range");
  ExpectRefused([](auto c) { SetAll(c.getBins().getStep(), 0); }, "bins are not in order");
  ExpectRefused([](auto c) { SetAll(c.getBins().getRecords(), 0); }, "out of range or empty");
  ExpectRefused([](auto c) { SetAll(c.getBins().getRecords(), -1); }, "records has -1");
}

TEST_F(HostileRollup, SumsAreThoseOfTheFooter) {
  ExpectRefused([](auto c) { SetAll(c.getBins().getRecords(), 2); }, "those of the totals");
  ExpectRefused(
      [](auto c) { SetAll(c.getBins().getRecords(), std::numeric_limits<std::int64_t>::max()); },
      "those of the totals");
  ExpectRefused([](auto c) { SetAll(c.getCells().getRest(), 1); }, "beyond their bins");
  ExpectRefused([](auto c) { SetAll(c.getCells().getRest(), -1); }, "rest has -1");
}

TEST_F(HostileRollup, ColumnsAreUnpackedWithinABound) {
  const std::string zeros(1 << 20, '\0');
  const auto refused = [&](const std::function<void(schema::Rollup::Builder)>& forge) {
    EXPECT_EQ(ReadForged(forge).code(), absl::StatusCode::kDataLoss);
  };
  refused([&](auto rollup) {
    rollup.getColumns().setZstd({reinterpret_cast<const kj::byte*>(zeros.data()), 100});
  });
  refused([](auto rollup) { rollup.getColumns().initZstd(0); });
}

}  // namespace
}  // namespace groundhog::traces
