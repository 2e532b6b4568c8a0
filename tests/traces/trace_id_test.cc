#include "traces/trace_id.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/traces/sample_trace.h"

namespace groundhog::traces {
namespace {

struct Vector {
  std::uint64_t key;
  EntityKind kind;
  std::string name;
  std::uint64_t ordinal;
  std::string id;
};

EntityKind KindNamed(const std::string& name) {
  return name == "host"      ? EntityKind::kHost
         : name == "journey" ? EntityKind::kJourney
         : name == "surge"   ? EntityKind::kSurge
                             : EntityKind::kUsers;
}

// The table of FORMAT.md, section "trace_id".
std::vector<Vector> VectorsOfThePage() {
  std::string page = ReadFile(GROUNDHOG_SOURCE_DIR "/traces/FORMAT.md");
  page = page.substr(page.find("\n## trace_id\n"));
  std::istringstream lines(page.substr(page.find("|---")));
  std::vector<Vector> vectors;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("|")) {
    std::istringstream cells(line);
    std::string bar;
    std::string kind;
    Vector vector;
    cells >> bar >> vector.key >> bar >> kind >> bar >> vector.name >> bar >> vector.ordinal >>
        bar >> vector.id;
    EXPECT_FALSE(cells.fail()) << line;
    vector.kind = KindNamed(kind);
    vectors.push_back(vector);
  }
  return vectors;
}

Catalogue CatalogueOf(EntityKind kind, const std::string& name) {
  Catalogue catalogue;
  catalogue.services = {{.name = "s"}};
  catalogue.entities = {{.name = "other", .kind = EntityKind::kHost, .service = ServiceId{0}},
                        {.name = name, .kind = kind, .service = ServiceId{0}}};
  return catalogue;
}

TEST(TraceId, IsThatOfThePagesVectors) {
  const std::vector<Vector> vectors = VectorsOfThePage();
  ASSERT_GE(vectors.size(), 7u);
  for (const Vector& vector : vectors) {
    TraceIdDeriver deriver(CatalogueOf(vector.kind, vector.name), vector.key);
    const TraceId id = deriver.Derive({.source = sim::EntityId{1}, .ordinal = vector.ordinal});
    EXPECT_EQ(ToHex(id), vector.id.substr(1, kHash128Digits))
        << vector.name << " " << vector.ordinal;
  }
}

// The cache has no effect on ids: requests of one ordinal and several sources, of ordinals that
// differ only in their high bits, and a key that changes and comes back.
TEST(TraceId, IsTheSameInHexWhateverWasAskedBefore) {
  const Catalogue catalogue = CatalogueOf(EntityKind::kJourney, "visit");
  TraceIdDeriver asked(catalogue, 1);
  for (const std::uint64_t key : {1, 2, 2, 1}) {
    asked.set_trace_key(key);
    for (std::uint64_t i = 0; i < 3'000; ++i) {
      const std::uint64_t some = i * i % 1'009;
      const RequestId request{.source = sim::EntityId{static_cast<std::uint32_t>(some % 2)},
                              .ordinal = some % 3 << 60 | some % 97};
      ASSERT_EQ(asked.DeriveHex(request), ToHex(TraceIdDeriver(catalogue, key).Derive(request)))
          << key << " " << i;
    }
  }
}

TEST(TraceId, DependsOnTheNameAndNotOnTheIndex) {
  Catalogue catalogue = CatalogueOf(EntityKind::kJourney, "visit");
  const TraceId before = TraceIdDeriver(catalogue, 1).Derive({.source = sim::EntityId{1}});
  catalogue.entities.insert(catalogue.entities.begin(), catalogue.entities[0]);
  EXPECT_EQ(TraceIdDeriver(catalogue, 1).Derive({.source = sim::EntityId{2}}), before);
}

TEST(TraceId, DiffersByEachOfItsInputs) {
  const auto derive = [](EntityKind kind, const char* name, std::uint64_t key,
                         std::uint64_t ordinal) {
    return TraceIdDeriver(CatalogueOf(kind, name), key)
        .Derive({.source = sim::EntityId{1}, .ordinal = ordinal});
  };
  const TraceId id = derive(EntityKind::kJourney, "visit", 1, 1);
  EXPECT_NE(id, derive(EntityKind::kSurge, "visit", 1, 1));
  EXPECT_NE(id, derive(EntityKind::kHost, "visit", 1, 1));
  EXPECT_NE(id, derive(EntityKind::kUsers, "visit", 1, 1));
  EXPECT_NE(id, derive(EntityKind::kJourney, "visit2", 1, 1));
  EXPECT_NE(id, derive(EntityKind::kJourney, "visit", 2, 1));
  EXPECT_NE(id, derive(EntityKind::kJourney, "visit", 1, 2));
}

TEST(TraceId, DoesNotDependOnWhatWasDerivedBefore) {
  TraceIdDeriver deriver(SampleCatalogue(), 5);
  const RequestId request{.source = sim::EntityId{2}, .ordinal = 9};
  const TraceId first = deriver.Derive(request);
  deriver.Derive({.source = sim::EntityId{2}, .ordinal = ~std::uint64_t{0}});
  deriver.Derive({.source = sim::EntityId{0}, .ordinal = 1});
  EXPECT_EQ(deriver.Derive(request), first);
  deriver.set_trace_key(6);
  EXPECT_NE(deriver.Derive(request), first);
  EXPECT_EQ(deriver.trace_key(), 6u);
}

TEST(Hash128Text, IsReadBack) {
  const Hash128 hash{.high = 0x0123'4567'89AB'CDEF, .low = 0xFEDC'BA98'7654'3210};
  EXPECT_EQ(ToHex(hash), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(ParseHash128(ToHex(hash)), hash);
  EXPECT_EQ(ParseHash128("0123456789ABCDEFFEDCBA9876543210"), hash);
}

TEST(Hash128Text, RefusesAllElse) {
  for (const char* text :
       {"", "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
        "0123456789abcdefgedcba9876543210", "0x23456789abcdeffedcba9876543210"}) {
    EXPECT_EQ(ParseHash128(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace groundhog::traces
