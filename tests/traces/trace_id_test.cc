#include "traces/trace_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/traces/sample_trace.h"
#include "traces/json_renderer.h"
#include "traces/order_number.h"

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

// The table of a section of FORMAT.md; its last column is the id.
std::vector<Vector> VectorsOfThePage(const std::string& section) {
  std::string page = ReadFile(GROUNDHOG_SOURCE_DIR "/traces/FORMAT.md");
  page = page.substr(page.find("\n## " + section + "\n"));
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
  const std::vector<Vector> vectors = VectorsOfThePage("trace_id");
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

// As in a merged trace: two sources of one name, whose requests have keys of their own.
TEST(TraceId, HasTheKeyOfItsSource) {
  Catalogue catalogue = CatalogueOf(EntityKind::kJourney, "visit");
  catalogue.entities.push_back(catalogue.entities[1]);
  catalogue.entities[2].key_delta = ~std::uint64_t{0} - 2;
  TraceIdDeriver deriver(catalogue, 45);
  const RequestId own{.source = sim::EntityId{1}, .ordinal = 9};
  const RequestId other{.source = sim::EntityId{2}, .ordinal = 9};
  const auto of_key = [&](std::uint64_t key) {
    return ToHex(TraceIdDeriver(CatalogueOf(EntityKind::kJourney, "visit"), key).Derive(own));
  };
  EXPECT_EQ(deriver.DeriveHex(own), of_key(45));
  EXPECT_EQ(deriver.DeriveHex(other), of_key(42));
  EXPECT_EQ(deriver.trace_key(), 45u);
  deriver.set_trace_key(2);
  EXPECT_EQ(deriver.DeriveHex(other), of_key(~std::uint64_t{0}));
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

std::string OrderText(const Vector& vector) {
  Catalogue catalogue = CatalogueOf(vector.kind, vector.name);
  catalogue.templates = {{.text = "[{}]", .slots = {SlotKind::kOrder}}};
  Record record;
  record.service = ServiceId{0};
  record.request = {.source = sim::EntityId{1}, .ordinal = vector.ordinal};
  JsonRenderer renderer({.trace_key = vector.key}, catalogue);
  const std::string line(renderer.Render(record));
  const std::size_t begin = line.find('[') + 1;
  return line.substr(begin, line.find(']') - begin);
}

TEST(OrderNumber, IsThatOfThePagesVectors) {
  const std::vector<Vector> vectors = VectorsOfThePage("Order numbers");
  ASSERT_GE(vectors.size(), 7u);
  for (const Vector& vector : vectors) {
    EXPECT_EQ(OrderText(vector), vector.id.substr(1, 19)) << vector.name << " " << vector.ordinal;
  }
}

TEST(OrderNumber, DiffersByEachOfItsInputs) {
  const Vector visit = {
      .key = 1, .kind = EntityKind::kJourney, .name = "visit", .ordinal = 1, .id = ""};
  std::set<std::string> orders = {OrderText(visit)};
  for (const auto& change : std::vector<void (*)(Vector&)>{
           [](Vector& v) { v.key = 2; }, [](Vector& v) { v.kind = EntityKind::kSurge; },
           [](Vector& v) { v.kind = EntityKind::kUsers; }, [](Vector& v) { v.name = "visit2"; },
           [](Vector& v) { v.ordinal = 2; }}) {
    Vector other = visit;
    change(other);
    EXPECT_TRUE(orders.insert(OrderText(other)).second) << OrderText(other);
  }
}

TEST(OrderNumber, DependsOnTheNameAndNotOnTheIndex) {
  Catalogue catalogue = CatalogueOf(EntityKind::kJourney, "visit");
  const std::uint64_t before = OrderNumbers(catalogue).Of({.source = sim::EntityId{1}}, 7);
  catalogue.entities.insert(catalogue.entities.begin(), catalogue.entities[0]);
  EXPECT_EQ(OrderNumbers(catalogue).Of({.source = sim::EntityId{2}}, 7), before);
}

TEST(OrderNumber, HasTheKeyOfItsSource) {
  Catalogue catalogue = CatalogueOf(EntityKind::kJourney, "visit");
  const std::uint64_t before = OrderNumbers(catalogue).Of({.source = sim::EntityId{1}}, 42);
  catalogue.entities[1].key_delta = ~std::uint64_t{0} - 2;
  EXPECT_EQ(OrderNumbers(catalogue).Of({.source = sim::EntityId{1}}, 45), before);
}

// A million requests of each of a journey, its surge and users of the same name.
TEST(OrderNumber, NamesOneRequest) {
  Catalogue catalogue = CatalogueOf(EntityKind::kJourney, "checkout");
  for (const auto kind : {EntityKind::kSurge, EntityKind::kUsers}) {
    catalogue.entities.push_back({.name = "checkout", .kind = kind});
  }
  const OrderNumbers numbers(catalogue);
  std::vector<std::uint64_t> all;
  for (std::uint32_t source = 1; source <= 3; ++source) {
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
      all.push_back(numbers.Of({.source = sim::EntityId{source}, .ordinal = i}, 42));
    }
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  EXPECT_LT(all.back(), std::uint64_t{1} << 56);
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
