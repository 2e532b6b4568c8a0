// Version 3 of the header, of merged traces: what is written is read, what contradicts itself is
// refused.
#include "traces/header_codec.h"

#include <capnp/message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/traces/sample_trace.h"
#include "traces/catalogue_check.h"
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

TEST(HeaderCodec, VersionFollowsFromKeyDeltas) {
  for (const Catalogue& catalogue : {SampleCatalogue(), Keyed()}) {
    const bool is_keyed = catalogue == Keyed();
    HeaderContents contents;
    const auto check = [is_keyed](schema::Header::Builder header) {
      EXPECT_EQ(header.isKeyedEntities(), is_keyed);
    };
    EXPECT_EQ(ReadForged(catalogue, check, &contents), absl::OkStatus());
    EXPECT_EQ(contents.format_version, is_keyed ? 3u : 2u);
    EXPECT_TRUE(contents.catalogue == catalogue);
  }
}

// A reader of version 2 would derive other ids.
TEST(HeaderCodec, EntitiesAreListedAsInTheirVersion) {
  Refuse(
      Keyed(), [](auto header) { header.setFormatVersion(kFormatVersion); },
      "not listed as in version 2");
  Refuse(
      SampleCatalogue(), [](auto header) { header.setFormatVersion(kKeyedFormatVersion); },
      "not listed as in version 3");
}

TEST(HeaderCodec, OtherVersionsAreRefused) {
  HeaderContents contents;
  for (const std::uint32_t version : {1U, kKeyedFormatVersion + 1}) {
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

}  // namespace
}  // namespace groundhog::traces
