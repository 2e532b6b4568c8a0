// The header: what is written is read, packed or not; what contradicts itself is refused.
#include "traces/header_codec.h"

#include <capnp/message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <functional>
#include <limits>
#include <string>

#include "tests/traces/sample_trace.h"
#include "traces/catalogue_check.h"
#include "traces/columns_message.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

// What reading gives after `forge` has changed the header.
absl::Status ReadForged(const Catalogue& catalogue,
                        const std::function<void(schema::Header::Builder)>& forge,
                        HeaderContents* contents) {
  capnp::MallocMessageBuilder message;
  auto header = message.initRoot<schema::Header>();
  BuildHeader(SampleInfo(), catalogue, header);
  forge(header);
  return ReadHeader(header.asReader(), contents);
}

Catalogue Keyed() {
  Catalogue catalogue = SampleCatalogue();
  catalogue.entities.push_back(catalogue.entities[2]);
  catalogue.entities.back().key_delta = ~std::uint64_t{4};
  return catalogue;
}

void Refuse(const Catalogue& catalogue, const std::function<void(schema::Header::Builder)>& forge,
            const char* says) {
  HeaderContents contents;
  const absl::Status status = ReadForged(catalogue, forge, &contents);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << says;
  EXPECT_THAT(std::string(status.message()), HasSubstr(says));
}

TEST(HeaderCodec, KeyDeltasAreThereExactlyWhenAnEntityHasOne) {
  for (const Catalogue& catalogue : {SampleCatalogue(), Keyed()}) {
    const bool is_keyed = catalogue == Keyed();
    HeaderContents contents;
    const auto check = [is_keyed](schema::Header::Builder header) {
      EXPECT_EQ(header.isKeyedEntities(), is_keyed);
    };
    EXPECT_EQ(ReadForged(catalogue, check, &contents), absl::OkStatus());
    EXPECT_EQ(contents.format_version, 4u);
    EXPECT_TRUE(contents.catalogue == catalogue);
  }
}

// A reader of version 2 would derive other ids.
TEST(HeaderCodec, EntitiesOfOlderVersionsAreListedAsInTheirVersion) {
  const auto version = [](std::uint32_t number) {
    return [number](schema::Header::Builder header) { header.setFormatVersion(number); };
  };
  Refuse(Keyed(), version(2), "not listed as in version 2");
  Refuse(SampleCatalogue(), version(3), "not listed as in version 3");
  HeaderContents contents;
  EXPECT_EQ(ReadForged(SampleCatalogue(), version(2), &contents), absl::OkStatus());
  EXPECT_EQ(contents.format_version, 2u);
  EXPECT_EQ(ReadForged(Keyed(), version(3), &contents), absl::OkStatus());
  EXPECT_TRUE(contents.catalogue == Keyed());
}

// What reading gives of a header that is packed, after `forge` has changed it.
absl::Status ReadForgedPacked(Compression compression,
                              const std::function<void(schema::Header::Builder)>& forge,
                              HeaderContents* contents) {
  capnp::MallocMessageBuilder message;
  auto header = message.initRoot<schema::Header>();
  ColumnsPacker packer(compression, 1);
  EXPECT_EQ(BuildPackedHeader(SampleInfo(), Keyed(), packer, header), absl::OkStatus());
  EXPECT_EQ(header.hasZstd(), compression == Compression::kZstd);
  forge(header);
  return ReadHeader(header.asReader(), contents);
}

TEST(HeaderCodec, PackedHeaderIsTheSame) {
  for (const Compression compression :
       {Compression::kNone, Compression::kPacked, Compression::kZstd}) {
    HeaderContents contents;
    EXPECT_EQ(ReadForgedPacked(compression, [](auto) {}, &contents), absl::OkStatus());
    EXPECT_TRUE(contents.info == SampleInfo() && contents.catalogue == Keyed());
  }
}

TEST(HeaderCodec, PackedHeaderIsUnpackedWithinItsBound) {
  const auto refused = [](const std::function<void(schema::Header::Builder)>& forge,
                          const char* says) {
    HeaderContents contents;
    const absl::Status status = ReadForgedPacked(Compression::kZstd, forge, &contents);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(says));
  };
  const auto with_zeros = [](std::size_t bytes) {
    return [bytes](schema::Header::Builder header) {
      const std::string zeros(bytes, '\0');
      std::string packed(ZSTD_compressBound(bytes), '\0');
      packed.resize(ZSTD_compress(packed.data(), packed.size(), zeros.data(), bytes, 1));
      header.setZstd({reinterpret_cast<const kj::byte*>(packed.data()), packed.size()});
    };
  };
  refused(with_zeros(kHeaderBytesMax + 8), "does not unpack to a length that is allowed");
  refused(with_zeros(12), "does not unpack to a length that is allowed");
  refused([](auto header) { header.initZstd(9); }, "does not unpack");
  refused([](auto header) { header.setFormatVersion(3); }, "a header of its version is plain");
}

TEST(HeaderCodec, OtherVersionsAreRefused) {
  HeaderContents contents;
  for (const std::uint32_t version : {1U, kFormatVersion + 1}) {
    const auto forge = [version](schema::Header::Builder h) { h.setFormatVersion(version); };
    EXPECT_EQ(ReadForged(Keyed(), forge, &contents).code(), absl::StatusCode::kUnimplemented);
  }
}

TEST(HeaderCodec, KeyDeltasAreCheckedLikeNames) {
  Refuse(
      Keyed(), [](auto header) { header.getKeyedEntities().initKeyDeltas(7); },
      "not one key delta");
  Refuse(
      Keyed(), [](auto header) { header.getKeyedEntities().initKeyDeltas(9); },
      "not one key delta");
  Refuse(
      Keyed(), [](auto header) { header.getKeyedEntities().initEntities(1'000'001); },
      "a list of its header is too long");
  Refuse(
      Keyed(), [](auto header) { header.getKeyedEntities().getKeyDeltas().set(7, 0); },
      "two journeys are named 'checkout'");
}

// --- The index

// What reading a footer gives whose index has these rows, changed by `forge`.
absl::Status ReadIndex(std::uint32_t rows,
                       const std::function<void(schema::ChunkIndex::Builder)>& forge) {
  const HeaderContents header{.format_version = kFormatVersion, .info = SampleInfo()};
  capnp::MallocMessageBuilder message;
  auto footer = message.initRoot<schema::Footer>();
  BuildSummary({}, header.info.resolution, footer);
  footer.initChunkIndex().setCount(rows);
  forge(footer.getChunkIndex());
  Summary summary;
  return ReadSummary(footer.asReader(), header, &summary);
}

TEST(ChunkIndex, IsCheckedBeforeItIsBelieved) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto refused = [](std::uint32_t rows, const auto& forge, const char* says) {
    const absl::Status status = ReadIndex(rows, forge);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(says));
  };
  const auto nothing = [](auto) {};
  EXPECT_EQ(ReadIndex(1, nothing), absl::OkStatus());
  refused(2, nothing, "index is not in order");
  refused(65'537, nothing, "index is too long");
  refused(0xFFFF'FFFF, nothing, "index is too long");
  refused(2, [](auto rows) { rows.initOffset().setBase(kMost); }, "index is not in order");
  refused(2, [](auto rows) { rows.initOffset().setBase(-1); }, "index.offset has -1");
  refused(1, [](auto rows) { rows.initInfo().initPlanes(1).init(0, 2); }, "2 values, not 1");
  const std::int64_t units = sim::Duration::Max() / SampleInfo().resolution;
  const auto with_end = [](std::int64_t begin, std::int64_t span) {
    return [begin, span](schema::ChunkIndex::Builder rows) {
      rows.initFirstTime().setBase(begin);
      rows.initSpan().setBase(span);
    };
  };
  EXPECT_EQ(ReadIndex(1, with_end(1, units - 1)), absl::OkStatus());
  refused(1, with_end(1, units), "beyond all time");
  const auto with_many_records = [](schema::ChunkIndex::Builder rows) {
    rows.initOffset().setBase(1);
    rows.initInfo().setBase(kMost);
  };
  refused(3, with_many_records, "more than 2^64 records");
}

}  // namespace
}  // namespace groundhog::traces
