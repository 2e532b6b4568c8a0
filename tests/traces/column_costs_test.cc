#include "traces/column_costs.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace groundhog::traces {
namespace {

// Columns in one segment, as in a chunk, and compressed.
class TestColumns {
 public:
  explicit TestColumns(const std::function<void(schema::Columns::Builder)>& fill) {
    capnp::MallocMessageBuilder builder;
    fill(builder.initRoot<schema::Columns>());
    words_ = capnp::messageToFlatArray(builder);
    message_ = std::make_unique<capnp::FlatArrayMessageReader>(words_);
    zstd_.resize(ZSTD_compressBound(bytes().size()));
    zstd_.resize(ZSTD_compress(zstd_.data(), zstd_.size(), bytes().data(), bytes().size(), 1));
  }

  schema::Columns::Reader columns() { return message_->getRoot<schema::Columns>(); }
  std::span<const unsigned char> bytes() const {
    const auto all = words_.asBytes();
    return {all.begin(), all.size()};
  }
  std::span<const unsigned char> zstd() const { return zstd_; }

 private:
  kj::Array<capnp::word> words_;
  std::unique_ptr<capnp::FlatArrayMessageReader> message_;
  std::vector<unsigned char> zstd_;
};

// Bytes that cannot be compressed, other ones for each `state`.
void FillPlane(std::uint32_t state, capnp::Data::Builder plane) {
  for (kj::byte& value : plane) {
    state = state * 1'664'525 + 1'013'904'223;
    value = static_cast<kj::byte>(state >> 24);
  }
}

TEST(ColumnCosts, OfWhatCannotBeCompressedAreItsBytes) {
  constexpr unsigned kPick = 300'000;  // several blocks of zstd
  constexpr unsigned kAge = 100'000;
  TestColumns test([](schema::Columns::Builder columns) {
    FillPlane(1, columns.initPick().initPlanes(1).init(0, kPick));
    FillPlane(2, columns.initRequestAge().initPlanes(1).init(0, kAge));
  });
  ColumnCosts costs;
  costs.AddZstd(test.columns(), test.bytes(), test.zstd());
  ASSERT_EQ(costs.bytes().size(), 2u);
  EXPECT_NEAR(costs.bytes().at("pick"), kPick, 0.01 * kPick);
  EXPECT_NEAR(costs.bytes().at("requestAge"), kAge, 0.01 * kAge);
}

TEST(ColumnCosts, OfPlanesWithoutBytesAreNone) {
  TestColumns test([](schema::Columns::Builder columns) {
    FillPlane(1, columns.initPick().initPlanes(1).init(0, 1'000));
    columns.initShape().initPlanes(2).init(0, 0);  // and one that is a null pointer
  });
  ColumnCosts costs;
  costs.AddZstd(test.columns(), test.bytes(), test.zstd());
  costs.AddEven(test.columns(), 1);
  for (const auto& [column, bytes] : costs.bytes()) {
    EXPECT_EQ(column, "pick");
    EXPECT_GT(bytes, 0);
  }
}

}  // namespace
}  // namespace groundhog::traces
