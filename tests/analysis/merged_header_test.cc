#include "analysis/merged_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/traces/sample_trace.h"
#include "traces/catalogue_check.h"
#include "traces/order_number.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using traces::Catalogue;
using traces::EntityEntry;
using traces::EntityKind;
using traces::FaultEntry;
using traces::ServiceId;
using traces::TraceInfo;

struct Source {
  TraceInfo info = traces::SampleInfo();
  Catalogue catalogue = traces::SampleCatalogue();
  std::optional<sim::VirtualTime> end = sim::VirtualTime(sim::Hours(1));
};

// The name of the n-th is "n.ghog", from 0.
absl::StatusOr<MergedHeader> Merge(const std::vector<Source>& sources) {
  std::vector<MergeInput> inputs;
  for (const Source& source : sources) {
    inputs.push_back({.name = absl::StrCat(inputs.size(), ".ghog"),
                      .info = &source.info,
                      .catalogue = &source.catalogue,
                      .end = source.end});
  }
  absl::StatusOr<MergedHeader> header = MergeHeaders(inputs, "9.9.9");
  if (header.ok()) {
    EXPECT_EQ(CheckCatalogue(header->catalogue), absl::OkStatus());
    EXPECT_EQ(CheckTraceInfo(header->info), absl::OkStatus());
  }
  return header;
}

std::string Refusal(const std::vector<Source>& sources) {
  return std::string(Merge(sources).status().message());
}

// Another recording: of another seed.
Source OfSeed(std::uint64_t seed) {
  Source source;
  source.info.seed = seed;
  source.info.trace_key = seed * 1'000;
  return source;
}

FaultEntry Once(const char* name, sim::Duration start) {
  return {.name = name,
          .kind = "outage",
          .target = "order-service",
          .first_start = sim::VirtualTime(start),
          .duration = sim::Minutes(1),
          .period = {}};
}

FaultEntry Repeated(const char* name, sim::Duration period) {
  FaultEntry fault = Once(name, period);
  fault.period = period;
  return fault;
}

TEST(MergeHeaders, OfOneRecordingIsItsOwn) {
  Source whole;
  whole.catalogue.templates.push_back(whole.catalogue.templates[0]);  // said twice, and kept
  Source longer = whole;
  longer.info.duration = sim::Hours(2);
  longer.info.overrides.emplace_back("duration=2h");
  longer.end = sim::VirtualTime(sim::Hours(2));
  const MergedHeader header = Merge({whole, longer, whole}).value();
  EXPECT_TRUE(header.catalogue == whole.catalogue);
  EXPECT_TRUE(header.info == longer.info);
  for (const MergedPart& part : header.parts) {
    EXPECT_EQ(part.recording, 0u);
    EXPECT_FALSE(part.has_own_indices);
    EXPECT_EQ(part.shift, sim::Duration());
  }
  EXPECT_THAT(header.notices, IsEmpty());
}

TEST(MergeHeaders, OfOneIsItsOwnWithKeyDeltasToo) {
  Source merged;
  for (EntityEntry& entity : merged.catalogue.entities) entity.key_delta = 77;
  EXPECT_TRUE(Merge({merged}).value().catalogue == merged.catalogue);
}

TEST(MergeHeaders, GivesHostsAndSourcesTheKeysThatTheyHad) {
  const Source a = OfSeed(1);
  Source b = OfSeed(2);
  b.catalogue.entities[2].key_delta = 5;  // merged itself
  const MergedHeader header = Merge({a, b}).value();
  const std::size_t count = a.catalogue.entities.size();
  ASSERT_EQ(header.catalogue.entities.size(), 2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(header.catalogue.entities[i] == a.catalogue.entities[i]);
    EntityEntry expected = b.catalogue.entities[i];
    expected.key_delta += b.info.trace_key - a.info.trace_key;
    EXPECT_TRUE(header.catalogue.entities[count + i] == expected) << i;
    EXPECT_EQ(header.parts[1].indices.entities[i], count + i);
  }
  EXPECT_EQ(header.info.trace_key, a.info.trace_key);
  EXPECT_THAT(header.notices, IsEmpty());
  // What is equal is there once.
  EXPECT_TRUE(header.catalogue.templates == a.catalogue.templates);
  EXPECT_TRUE(header.catalogue.services == a.catalogue.services);
  EXPECT_TRUE(header.catalogue.faults == a.catalogue.faults);
}

TEST(MergeHeaders, NoRequestOfARecordingIsOneOfAnother) {
  const Source a = OfSeed(1);
  Source b = a;
  b.info.scenario_text += "# changed\n";
  Source c = a;
  c.info.scenario_text += "# changed again\n";
  c.catalogue.entities.resize(1);
  const MergedHeader header = Merge({a, b, c}).value();
  ASSERT_EQ(header.notices.size(), 2u);
  EXPECT_THAT(header.notices[0],
              HasSubstr("1.ghog: has trace ids of an earlier FILE, another recording"));
  EXPECT_THAT(header.notices[0], HasSubstr("7 hosts and traffic sources get"));
  EXPECT_THAT(header.notices[1], HasSubstr("2.ghog"));
  EXPECT_THAT(header.notices[1], HasSubstr("1 host or traffic source get"));
  // The numbers of their orders do not meet either.
  const traces::OrderNumbers numbers(header.catalogue);
  std::vector<std::uint64_t> all;
  for (const std::uint32_t source : {2U, 9U}) {  // checkout
    EXPECT_EQ(header.catalogue.entities[source].name, "checkout");
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
      all.push_back(numbers.Of({.source = sim::EntityId{source}, .ordinal = i}, 1));
    }
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST(MergeHeaders, JoinsServicesByNameAndTheirDependencies) {
  const Source a = OfSeed(1);
  Source b = OfSeed(2);
  b.catalogue.services = {{.name = "new", .dependencies = {ServiceId{1}, ServiceId{2}}},
                          {.name = "order-service", .dependencies = {ServiceId{0}}},
                          {.name = "other"}};
  for (EntityEntry& entity : b.catalogue.entities) entity.service = ServiceId{1};
  b.catalogue.entities[2].service = ServiceId::kNone;
  const MergedHeader header = Merge({a, b}).value();
  ASSERT_EQ(header.catalogue.services.size(), 5u);
  EXPECT_THAT(header.parts[1].indices.services, ElementsAre(3, 1, 4));
  EXPECT_THAT(header.catalogue.services[3].dependencies, ElementsAre(ServiceId{1}, ServiceId{4}));
  EXPECT_THAT(header.catalogue.services[1].dependencies, ElementsAre(ServiceId{2}, ServiceId{3}));
  EXPECT_EQ(header.catalogue.entities[7].service, ServiceId{1});
  EXPECT_EQ(header.catalogue.entities[9].service, ServiceId::kNone);
}

TEST(MergeHeaders, TimesAreThoseOfTheEarliestStart) {
  Source late = OfSeed(1);
  late.info.start_unix_nanoseconds += 90'000'000'000;
  late.info.resolution = sim::Milliseconds(1);
  late.info.truth_method = traces::TruthMethod::kExact;
  late.info.duration = sim::Hours(2);
  Source early = OfSeed(2);
  early.info.resolution = sim::Microseconds(10);
  const MergedHeader header = Merge({late, early}).value();
  EXPECT_EQ(header.info.start_unix_nanoseconds, early.info.start_unix_nanoseconds);
  EXPECT_EQ(header.parts[0].shift, sim::Seconds(90));
  EXPECT_EQ(header.parts[1].shift, sim::Duration());
  EXPECT_EQ(header.info.resolution, sim::Microseconds(10));
  EXPECT_EQ(header.info.duration, sim::Hours(2) + sim::Seconds(90));
  EXPECT_EQ(header.info.truth_method, traces::TruthMethod::kLocal);
  // No scenario that would not give these records.
  EXPECT_EQ(header.info.scenario_text, "");
  EXPECT_THAT(header.info.overrides, IsEmpty());
  EXPECT_EQ(header.info.seed, 0u);
  EXPECT_EQ(header.info.scenario_name, "2 recordings of sample");
  EXPECT_EQ(header.info.program_version, "9.9.9");
  ASSERT_EQ(header.catalogue.faults.size(), 4u);
  EXPECT_EQ(header.catalogue.faults[0].first_start, sim::VirtualTime(sim::Seconds(100)));
}

TEST(MergeHeaders, OffsetsOffTheGridMakeItFiner) {
  for (const auto& [offset, expected] :
       {std::pair<std::int64_t, std::int64_t>{2'000'000, 1'000'000}, {300, 100}, {7, 1}}) {
    Source a = OfSeed(1);
    Source b = OfSeed(2);
    a.info.resolution = b.info.resolution = sim::Milliseconds(1);
    b.info.start_unix_nanoseconds += offset;
    EXPECT_EQ(Merge({a, b})->info.resolution, sim::Nanoseconds(expected)) << offset;
  }
}

TEST(MergeHeaders, ForeverStaysForever) {
  Source a = OfSeed(1);
  a.info.start_unix_nanoseconds += 1;
  a.info.duration = sim::Duration::Max();
  a.end = std::nullopt;
  EXPECT_EQ(Merge({a, OfSeed(2)})->info.duration, sim::Duration::Max());
}

TEST(MergeHeaders, StartsTooFarApartAreRefused) {
  Source a = OfSeed(1);
  a.info.start_unix_nanoseconds = std::numeric_limits<std::int64_t>::min();
  EXPECT_THAT(Refusal({OfSeed(2), a}), HasSubstr("0.ghog"));
  EXPECT_THAT(Refusal({OfSeed(2), a}), HasSubstr("292 years apart"));
}

TEST(MergeHeaders, ScenarioNamesAreListed) {
  std::vector<Source> sources;
  for (std::uint64_t i = 0; i < 6; ++i) {
    sources.push_back(OfSeed(i));
    sources.back().info.scenario_name = absl::StrCat("s", i % 5);
  }
  sources.push_back(sources[2]);
  EXPECT_EQ(Merge(sources)->info.scenario_name, "6 recordings of s0, s1, s2 and 2 more");
}

TEST(MergeHeaders, FaultsOfOneNameGetANumberUnlessTheyAreTheSame) {
  Source a = OfSeed(1);
  a.catalogue.faults = {Once("down", sim::Minutes(5)), Once("slow", sim::Minutes(9)),
                        Once("down-2", sim::Minutes(1))};
  Source b = OfSeed(2);
  b.catalogue.faults = {Once("slow", sim::Minutes(9)), Once("down", sim::Minutes(6))};
  Source c = OfSeed(3);  // at the same time as b's
  c.info.start_unix_nanoseconds -= sim::Minutes(1).nanoseconds();
  c.catalogue.faults = {Once("down", sim::Minutes(7))};
  const MergedHeader header = Merge({a, b, c}).value();
  std::vector<std::string> names;
  for (const FaultEntry& fault : header.catalogue.faults) names.push_back(fault.name);
  EXPECT_THAT(names, ElementsAre("down", "slow", "down-2", "down-3"));
  EXPECT_THAT(header.parts[1].indices.faults, ElementsAre(1, 3));
  EXPECT_THAT(header.parts[2].indices.faults, ElementsAre(3));
  ASSERT_EQ(header.notices.size(), 1u);
  EXPECT_THAT(header.notices[0], HasSubstr("1.ghog: "));
  EXPECT_THAT(header.notices[0], HasSubstr("down is down-3"));
}

// What a trace has had does not go on in the time that only others cover.
TEST(MergeHeaders, FaultsDoNotReturnAfterTheEndOfTheirTraces) {
  Source a = OfSeed(1);
  a.catalogue.faults = {Repeated("often", sim::Minutes(10)), Once("late", sim::Minutes(61)),
                        Repeated("both", sim::Minutes(20))};
  Source b = OfSeed(2);
  b.end = sim::VirtualTime(sim::Hours(2));
  b.catalogue.faults = {Repeated("both", sim::Minutes(20))};
  const MergedHeader header = Merge({a, b}).value();
  const std::vector<FaultEntry>& faults = header.catalogue.faults;
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_TRUE(faults[0].is_random);
  ASSERT_EQ(faults[0].times.size(), 5u);
  EXPECT_EQ(faults[0].times[4].start, sim::VirtualTime(sim::Minutes(50)));
  EXPECT_EQ(faults[0].times[4].end, sim::VirtualTime(sim::Minutes(51)));
  EXPECT_TRUE(faults[1].is_random);
  EXPECT_THAT(faults[1].times, IsEmpty());
  EXPECT_TRUE(faults[2] == b.catalogue.faults[0]);
  // Of a pipe it is not known when it ends.
  a.end = std::nullopt;
  EXPECT_TRUE(Merge({a, b})->catalogue.faults[0] == a.catalogue.faults[0]);
}

TEST(MergeHeaders, ListedOccurrencesDoNotOverlap) {
  Source a = OfSeed(1);
  a.catalogue.faults = {Repeated("long", sim::Minutes(10))};
  a.catalogue.faults[0].duration = sim::Minutes(25);
  Source b = OfSeed(2);
  b.end = sim::VirtualTime(sim::Hours(2));
  EXPECT_EQ(Merge({a, b})->catalogue.faults[0].times.size(), 5u);
}

TEST(MergeHeaders, TooManyNamesAreRefusedInOneLine) {
  const auto refused = [](auto&& fill, const char* says) {
    Source a = OfSeed(1);
    Source b = OfSeed(2);
    for (int i = 0; i < 40'000; ++i) {
      fill(a, absl::StrCat("a", i));
      fill(b, absl::StrCat("b", i));
    }
    EXPECT_THAT(Refusal({a, b}), HasSubstr(absl::StrCat("more than 65535 ", says)));
    EXPECT_EQ(Refusal({a, b}).find('\n'), std::string::npos);
  };
  refused([](Source& s, auto name) { s.catalogue.services.push_back({.name = name}); }, "services");
  refused([](Source& s, auto name) { s.catalogue.call_paths.push_back({.name = name}); },
          "call paths");
  refused(
      [](Source& s, auto name) { s.catalogue.templates.push_back({.text = name, .slots = {}}); },
      "message templates");
  refused([](Source& s, auto name) { s.catalogue.error_codes.push_back(name); }, "error codes");
  refused([](Source& s, auto name) { s.catalogue.faults.push_back(Once(name.c_str(), {})); },
          "faults");
  Source many = OfSeed(1);
  for (int i = 0; i < 600'000; ++i) {
    many.catalogue.entities.push_back(
        {.name = absl::StrCat("j", i), .kind = EntityKind::kJourney, .service = ServiceId{0}});
  }
  Source more = many;
  more.info.seed = 2;
  EXPECT_THAT(Refusal({many, more}), HasSubstr("more than 1000000 hosts"));
}

}  // namespace
}  // namespace groundhog::analysis
