#include "analysis/joint_catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/traces/sample_trace.h"
#include "traces/catalogue_check.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;
using traces::Catalogue;
using traces::Record;

// The catalogue with every list reversed, and the records with the indices that fit it.
Catalogue Reversed(Catalogue catalogue, std::vector<Record>* records) {
  const auto flip = [](auto* id, std::size_t size) {
    using Id = std::remove_pointer_t<decltype(id)>;
    if constexpr (requires { Id::kNone; }) {
      if (*id == Id::kNone) return;
    }
    *id = static_cast<Id>(size - 1 - static_cast<std::size_t>(*id));
  };
  const std::size_t services = catalogue.services.size();
  const std::size_t entities = catalogue.entities.size();
  for (Record& record : *records) {
    std::size_t stored = 0;
    for (const auto kind : catalogue.templates[traces::Index(record.message)].slots) {
      if (!traces::IsStored(kind)) continue;
      std::int64_t& value = record.slots[stored++];
      if (kind == traces::SlotKind::kService) flip(&value, services);
      if (kind == traces::SlotKind::kHost) flip(&value, entities);
    }
    flip(&record.service, services);
    flip(&record.dependency, services);
    flip(&record.truth.root, services);
    flip(&record.host, entities);
    flip(&record.request.source, entities);
    flip(&record.call_path, catalogue.call_paths.size());
    flip(&record.message, catalogue.templates.size());
    flip(&record.error_code, catalogue.error_codes.size());
    flip(&record.truth.fault, catalogue.faults.size());
    flip(&record.truth.also, catalogue.faults.size());
  }
  for (traces::ServiceEntry& service : catalogue.services) {
    for (traces::ServiceId& id : service.dependencies) flip(&id, services);
    std::reverse(service.dependencies.begin(), service.dependencies.end());
  }
  for (traces::EntityEntry& entity : catalogue.entities) flip(&entity.service, services);
  std::reverse(catalogue.services.begin(), catalogue.services.end());
  std::reverse(catalogue.entities.begin(), catalogue.entities.end());
  std::reverse(catalogue.call_paths.begin(), catalogue.call_paths.end());
  std::reverse(catalogue.templates.begin(), catalogue.templates.end());
  std::reverse(catalogue.error_codes.begin(), catalogue.error_codes.end());
  std::reverse(catalogue.faults.begin(), catalogue.faults.end());
  return catalogue;
}

TEST(JointCatalogue, OfOneCatalogueIsIt) {
  const Catalogue sample = traces::SampleCatalogue();
  const JointCatalogue joint = JointCatalogue::Make(sample, sample).value();
  EXPECT_EQ(joint.catalogue(), sample);
  std::vector<Record> records = traces::GoldenTrace().records;
  joint.Translate(Side::kB, records);
  EXPECT_EQ(records, traces::GoldenTrace().records);
}

TEST(JointCatalogue, GoesByNamesAndNotByNumbers) {
  const traces::SampleTrace trace = traces::GoldenTrace();
  std::vector<Record> records = trace.records;
  const Catalogue reversed = Reversed(trace.catalogue, &records);
  ASSERT_EQ(traces::CheckCatalogue(reversed), absl::OkStatus());
  ASSERT_NE(records, trace.records);
  const JointCatalogue joint = JointCatalogue::Make(trace.catalogue, reversed).value();
  EXPECT_EQ(joint.catalogue(), trace.catalogue);
  joint.Translate(Side::kB, records);
  EXPECT_EQ(records, trace.records);
}

TEST(JointCatalogue, HasWhatOnlyOneTraceHas) {
  Catalogue a = traces::SampleCatalogue();
  Catalogue b;
  b.services = {{.name = "new-service"}, {.name = a.services[0].name}};
  b.services[0].dependencies = {traces::ServiceId{1}};
  b.entities = {{.name = "new-service-1", .service = traces::ServiceId{0}}};
  b.templates = {{.text = "New"}};
  const JointCatalogue joint = JointCatalogue::Make(a, b).value();
  const auto id = static_cast<traces::ServiceId>(a.services.size());
  EXPECT_EQ(joint.catalogue().services.size(), a.services.size() + 1);
  EXPECT_EQ(joint.catalogue().services.back().name, "new-service");
  EXPECT_THAT(joint.catalogue().services.back().dependencies, ElementsAre(traces::ServiceId{0}));
  EXPECT_EQ(joint.catalogue().entities.back().service, id);
  std::vector<Record> records(1);
  records[0].service = traces::ServiceId{0};
  joint.Translate(Side::kB, records);
  EXPECT_EQ(records[0].service, id);
  EXPECT_EQ(sim::Index(records[0].host), a.entities.size());
  EXPECT_EQ(traces::Index(records[0].message), a.templates.size());
}

TEST(JointCatalogue, TellsEntitiesOfOneNameApartByTheirKind) {
  Catalogue a = traces::SampleCatalogue();
  Catalogue b = a;
  b.entities = {{.name = a.entities[0].name, .kind = traces::EntityKind::kJourney}, a.entities[0]};
  const JointCatalogue joint = JointCatalogue::Make(a, b).value();
  EXPECT_EQ(joint.catalogue().entities.size(), a.entities.size() + 1);
}

TEST(JointCatalogue, GivesRecordsOfADoubledEntryItsFirstIndex) {
  Catalogue a = traces::SampleCatalogue();
  a.templates.push_back(a.templates[0]);
  const JointCatalogue joint = JointCatalogue::Make(a, traces::SampleCatalogue()).value();
  std::vector<Record> records(1, traces::SampleRecord(0));
  records[0].message = static_cast<traces::TemplateId>(a.templates.size() - 1);
  joint.Translate(Side::kA, records);
  EXPECT_EQ(records[0].message, traces::TemplateId{0});
}

TEST(JointCatalogue, RefusesMoreNamesThanIndicesCanNumber) {
  Catalogue a = traces::SampleCatalogue();
  Catalogue b = a;
  for (std::size_t i = 0; i < 40'000; ++i) {
    a.call_paths.push_back({.name = absl::StrCat("a", i)});
    b.call_paths.push_back({.name = absl::StrCat("b", i)});
  }
  EXPECT_EQ(JointCatalogue::Make(a, b).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace groundhog::analysis
