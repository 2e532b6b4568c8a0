#include "traces/digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/compression.h"

namespace groundhog::traces {
namespace {

Hash128 DigestOf(const SampleTrace& trace) {
  DigestBuilder builder(trace.info, trace.catalogue);
  builder.Add(trace.records, trace.info.trace_key);
  return builder.Digest();
}

// A trace that has every field, so that each can be changed.
SampleTrace FullTrace() {
  SampleTrace trace{.info = SampleInfo(), .catalogue = SampleCatalogue(), .records = {}};
  Record record = SampleRecord(1'000);
  record.message = TemplateId{1};
  record.slots = {1, 2, 3};
  record.truth = {.fault = FaultId{0}, .root = ServiceId{0}, .occurrence = 1, .hops = 1};
  trace.records = {record, record, record};
  return trace;
}

void MakeRandom(std::vector<FaultTime> times, FaultEntry& fault) {
  fault = {.name = fault.name, .kind = fault.kind, .target = fault.target, .is_random = true};
  fault.times = std::move(times);
}

TEST(Digest, IsTheSameForAnyChunkSizeAndCompression) {
  const SampleTrace trace = RandomTrace(sim::TestSeed(), 2'000);
  const TestFile file("digest.ghog");
  for (const Compression compression :
       {Compression::kNone, Compression::kPacked, Compression::kZstd}) {
    for (const std::uint32_t chunk_records : {1u, 100u, 8'192u}) {
      const Summary summary = WriteTrace(
          trace, file.path(), {.compression = compression, .chunk_records = chunk_records});
      EXPECT_EQ(summary.digest, DigestOf(trace)) << kCompressionNames.NameOf(compression) << " "
                                                 << chunk_records << " --seed=" << sim::TestSeed();
    }
  }
}

TEST(Digest, IsTheSameHoweverRecordsAreAdded) {
  const SampleTrace trace{.info = SampleInfo(),
                          .catalogue = SampleCatalogue(),
                          .records = SampleRecords(140'000, 0, 1'000)};  // three blocks
  DigestBuilder builder(trace.info, trace.catalogue);
  TestRandom random(sim::TestSeed());
  for (std::span<const Record> rest = trace.records; !rest.empty();) {
    const std::size_t now = std::min<std::size_t>(rest.size(), random.Below(30'000));
    builder.Add(rest.first(now), trace.info.trace_key);
    rest = rest.subspan(now);
    EXPECT_EQ(builder.Digest(), builder.Digest()) << "asking changes nothing";
  }
  EXPECT_EQ(builder.records(), 140'000u);
  EXPECT_EQ(builder.Digest(), DigestOf(trace));
}

TEST(Digest, DiffersByEachFieldOfARecord) {
  const std::vector<std::function<void(Record&)>> changes = {
      [](Record& r) { r.time = sim::VirtualTime(1'001); },
      [](Record& r) { r.host = sim::EntityId{5}; },
      [](Record& r) { r.service = ServiceId{1}; },
      [](Record& r) { r.level = Level::kWarn; },
      [](Record& r) { r.request.source = sim::EntityId{6}; },
      [](Record& r) { r.request.ordinal = 18; },
      [](Record& r) { r.span = SpanId{1}; },
      [](Record& r) { r.parent_span = SpanId{1}; },
      [](Record& r) { r.call_path = CallPathId{1}; },
      [](Record& r) { r.attempt = 2; },
      [](Record& r) { r.duration = sim::Nanoseconds(7'900'001); },
      [](Record& r) { r.queue_wait = sim::Nanoseconds(1); },
      [](Record& r) { r.clock_skew = sim::Nanoseconds(1); },
      [](Record& r) { r.clock_skew = sim::Nanoseconds(-1); },
      [](Record& r) { r.dependency = ServiceId{0}; },
      [](Record& r) { r.error_code = ErrorCodeId{0}; },
      [](Record& r) { r.message = TemplateId{2}; },
      [](Record& r) { r.slots[0] = 9; },
      [](Record& r) { r.slots[2] = 9; },
      [](Record& r) { r.truth.fault = FaultId{1}; },
      [](Record& r) { r.truth.root = ServiceId{1}; },
      [](Record& r) { r.truth.occurrence = 2; },
      [](Record& r) { r.truth.hops = 2; }};
  std::set<Hash128> digests = {DigestOf(FullTrace())};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SampleTrace trace = FullTrace();
    changes[i](trace.records[1]);
    EXPECT_TRUE(digests.insert(DigestOf(trace)).second) << "change " << i;
  }
}

TEST(Digest, DiffersByEachPartOfTheCatalogue) {
  const std::vector<std::function<void(SampleTrace&)>> changes = {
      [](SampleTrace& t) { t.info.start_unix_nanoseconds += 1; },
      [](SampleTrace& t) { t.info.trace_key += 1; },
      [](SampleTrace& t) { t.catalogue.services[0].name += "x"; },
      [](SampleTrace& t) { t.catalogue.services[0].dependencies.pop_back(); },
      [](SampleTrace& t) { t.catalogue.services.push_back({.name = "new"}); },
      [](SampleTrace& t) { t.catalogue.entities[6].name += "x"; },
      [](SampleTrace& t) { t.catalogue.entities[6].kind = EntityKind::kJourney; },
      [](SampleTrace& t) { t.catalogue.entities[6].service = ServiceId{1}; },
      [](SampleTrace& t) { t.catalogue.entities[2].key_delta = 2; },
      [](SampleTrace& t) { t.catalogue.call_paths[0].name += "x"; },
      [](SampleTrace& t) { t.catalogue.templates[0].text += "x"; },
      [](SampleTrace& t) { t.catalogue.templates[3].slots[0] = SlotKind::kQueueWait; },
      [](SampleTrace& t) { t.catalogue.error_codes[0] += "x"; },
      [](SampleTrace& t) { t.catalogue.faults[0].name += "x"; },
      [](SampleTrace& t) { t.catalogue.faults[0].kind += "x"; },
      [](SampleTrace& t) { t.catalogue.faults[0].target += "x"; },
      [](SampleTrace& t) { t.catalogue.faults[0].first_start = sim::VirtualTime(1); },
      [](SampleTrace& t) { t.catalogue.faults[0].duration = sim::Duration(1); },
      [](SampleTrace& t) { t.catalogue.faults[0].period = sim::Duration(1); },
      [](SampleTrace& t) { t.catalogue.entities[6].kind = EntityKind::kUsers; },
      [](SampleTrace& t) { t.catalogue.faults[1].is_random = true; },
      [](SampleTrace& t) { MakeRandom({{.end = sim::VirtualTime(5)}}, t.catalogue.faults[1]); },
      [](SampleTrace& t) { MakeRandom({{.end = sim::VirtualTime(6)}}, t.catalogue.faults[1]); },
      [](SampleTrace& t) { MakeRandom({{.end = sim::VirtualTime(5)}}, t.catalogue.faults[0]); },
      [](SampleTrace& t) { MakeRandom({{}, {}}, t.catalogue.faults[1]); },
      [](SampleTrace& t) { std::swap(t.catalogue.error_codes[0], t.catalogue.error_codes[1]); }};
  std::set<Hash128> digests = {DigestOf(FullTrace())};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SampleTrace trace = FullTrace();
    changes[i](trace);
    EXPECT_TRUE(digests.insert(DigestOf(trace)).second) << "change " << i;
  }
}

TEST(Digest, DiffersByNumberAndOrderOfRecords) {
  SampleTrace trace = FullTrace();
  trace.records[1].duration = sim::Duration(5);
  std::set<Hash128> digests = {DigestOf(trace)};
  std::swap(trace.records[0], trace.records[1]);
  EXPECT_TRUE(digests.insert(DigestOf(trace)).second);
  trace.records.pop_back();
  EXPECT_TRUE(digests.insert(DigestOf(trace)).second);
  trace.records.clear();
  EXPECT_TRUE(digests.insert(DigestOf(trace)).second);
}

TEST(Digest, DoesNotDependOnWhatIsForPeople) {
  SampleTrace trace = FullTrace();
  const Hash128 before = DigestOf(trace);
  trace.info.program_version += "9";
  trace.info.scenario_name += "x";
  trace.info.scenario_text += "x";
  trace.info.overrides.clear();
  trace.info.seed = 99;
  trace.info.duration = sim::Seconds(1);
  EXPECT_EQ(DigestOf(trace), before);
}

}  // namespace
}  // namespace groundhog::traces
