#include "traces/catalogue_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/traces/sample_trace.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

constexpr char kNotUtf8[] = "a\xFF";

template <class Value>
struct Breach {
  const char* says;
  std::function<void(Value&)> commit;
};

using Times = std::vector<std::pair<std::int64_t, std::int64_t>>;

// The catalogue's second fault, now with these occurrences.
FaultEntry& MakeRandom(const Times& times, Catalogue& catalogue) {
  FaultEntry& fault = catalogue.faults[1];
  fault = {.name = fault.name, .kind = fault.kind, .target = fault.target, .is_random = true};
  for (const auto& [start, end] : times) {
    fault.times.push_back({.start = sim::VirtualTime(start), .end = sim::VirtualTime(end)});
  }
  return fault;
}

TEST(CheckCatalogue, TakesSoundOnes) {
  EXPECT_EQ(CheckCatalogue(SampleCatalogue()), absl::OkStatus());
  EXPECT_EQ(CheckCatalogue(TinyTrace().catalogue), absl::OkStatus());
  EXPECT_EQ(CheckCatalogue({}), absl::OkStatus());
  Catalogue catalogue = SampleCatalogue();
  catalogue.entities[6].name = "checkout";  // a surge named as a journey
  catalogue.entities[6].service = ServiceId::kNone;
  EXPECT_EQ(CheckCatalogue(catalogue), absl::OkStatus());
  catalogue.entities[6].kind = EntityKind::kUsers;
  EXPECT_EQ(CheckCatalogue(catalogue), absl::OkStatus());
  catalogue.entities.push_back(catalogue.entities[6]);  // of another recording
  catalogue.entities.back().key_delta = 1;
  EXPECT_EQ(CheckCatalogue(catalogue), absl::OkStatus());
  for (const Times& times : {Times{}, Times{{0, 0}}, Times{{1, 5}, {5, 5}, {6, 7}}}) {
    MakeRandom(times, catalogue);
    EXPECT_EQ(CheckCatalogue(catalogue), absl::OkStatus());
  }
}

void ExpectEachNamed(const std::vector<Breach<Catalogue>>& breaches) {
  for (const Breach<Catalogue>& breach : breaches) {
    Catalogue catalogue = SampleCatalogue();
    breach.commit(catalogue);
    const absl::Status status = CheckCatalogue(catalogue);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << breach.says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(breach.says));
  }
}

TEST(CheckCatalogue, NamesEachBreach) {
  const std::vector<Breach<Catalogue>> breaches = {
      {"service without a name", [](auto& c) { c.services[0].name = ""; }},
      {"service's name is not UTF-8", [](auto& c) { c.services[0].name = kNotUtf8; }},
      {"depends on a service that is not",
       [](auto& c) { c.services[0].dependencies = {ServiceId{3}}; }},
      {"depends on a service that is not",
       [](auto& c) { c.services[0].dependencies = {ServiceId::kNone}; }},
      {"two services are named 'order-service'",
       [](auto& c) { c.services[0].name = "order-service"; }},
      {"source without a name", [](auto& c) { c.entities[2].name = ""; }},
      {"name is not UTF-8", [](auto& c) { c.entities[2].name = kNotUtf8; }},
      {"of an unknown kind", [](auto& c) { c.entities[2].kind = EntityKind{4}; }},
      {"has a service that is not in the catalogue",
       [](auto& c) { c.entities[0].service = ServiceId{3}; }},
      {"has a service that is not in the catalogue",
       [](auto& c) { c.entities[0].service = ServiceId::kNone; }},
      {"has a service that is not in the catalogue",
       [](auto& c) { c.entities[2].service = ServiceId{3}; }},
      {"two hosts are named", [](auto& c) { c.entities[0].name = c.entities[1].name; }},
      {"two journeys are named 'checkout'", [](auto& c) { c.entities.push_back(c.entities[2]); }},
      {"call path without a name", [](auto& c) { c.call_paths[0].name = ""; }},
      {"call path's name is not", [](auto& c) { c.call_paths[0].name = kNotUtf8; }},
      {"template 0 is not UTF-8", [](auto& c) { c.templates[0].text = kNotUtf8; }},
      {"template 1 has a brace", [](auto& c) { c.templates[1].text = "{} {} {"; }},
      {"template 1 has a brace", [](auto& c) { c.templates[1].text = "}{} {} {}"; }},
      {"template 1 has a brace", [](auto& c) { c.templates[1].text = "{x} {} {}"; }},
      {"template 1 has 2 slots and 3 kinds", [](auto& c) { c.templates[1].text = "{} {}"; }},
      {"template 1 has 4 slots and 3 kinds", [](auto& c) { c.templates[1].text = "{}{}{}{}"; }},
      {"slot of an unknown kind", [](auto& c) { c.templates[1].slots[0] = SlotKind{6}; }},
      {"slot of an unknown kind", [](auto& c) { c.templates[1].slots[0] = SlotKind{31}; }},
      {"slot of an unknown kind", [](auto& c) { c.templates[1].slots[0] = SlotKind{41}; }},
      {"slot of an unknown kind", [](auto& c) { c.templates[1].slots[0] = SlotKind{65}; }},
      {"slot of an unknown kind", [](auto& c) { c.templates[1].slots[0] = SlotKind{128}; }},
      {"stores more than 6 slots",
       [](auto& c) {
         c.templates[1] = {.text = "{}{}{}{}{}{}{}", .slots = {7, SlotKind::kInteger}};
       }},
      {"error code without a name", [](auto& c) { c.error_codes[0] = ""; }},
      {"error code's name is not", [](auto& c) { c.error_codes[0] = kNotUtf8; }},
      {"two error codes are named", [](auto& c) { c.error_codes[0] = c.error_codes[1]; }},
      {"fault without a name", [](auto& c) { c.faults[0].name = ""; }},
      {"fault's name is not", [](auto& c) { c.faults[0].name = kNotUtf8; }},
      {"kind or target", [](auto& c) { c.faults[0].kind = kNotUtf8; }},
      {"kind or target", [](auto& c) { c.faults[0].target = kNotUtf8; }},
      {"negative time", [](auto& c) { c.faults[0].first_start = sim::VirtualTime(-1); }},
      {"negative time", [](auto& c) { c.faults[0].duration = sim::Duration(-1); }},
      {"negative time", [](auto& c) { c.faults[0].period = sim::Duration(-1); }},
      {"two populations of users are named 'rush'",
       [](auto& c) {
         c.entities[6].kind = EntityKind::kUsers;
         c.entities.push_back(c.entities[6]);
       }},
      {"two hosts are named 'gateway-service-1' and have the same key",
       [](auto& c) {
         c.entities[0].key_delta = 9;
         c.entities.push_back(c.entities[0]);
       }},
      {"two faults are named 'slow'", [](auto& c) { c.faults[0].name = "slow"; }},
      {"two faults are named '\\x1b[2J\\x0a'",
       [](auto& c) { c.faults[0].name = c.faults[1].name = "\x1B[2J\n"; }},
      {"more than 65,535", [](auto& c) { c.error_codes.resize(65'536); }},
      {"more than 65,535", [](auto& c) { c.call_paths.resize(65'536); }},
      {"more than a million", [](auto& c) { c.entities.resize(1'000'001); }},
  };
  ExpectEachNamed(breaches);
}

TEST(CheckCatalogue, NamesEachBreachOfARandomFault) {
  ExpectEachNamed({
      {"both random and scheduled", [](auto& c) { c.faults[1].is_random = true; }},
      {"both random and scheduled", [](auto& c) { MakeRandom({}, c).period = sim::Duration(1); }},
      {"both random and scheduled",
       [](auto& c) { MakeRandom({}, c).first_start = sim::VirtualTime(1); }},
      {"times and is not random", [](auto& c) { MakeRandom({{1, 2}}, c).is_random = false; }},
      {"overlap or run back", [](auto& c) { MakeRandom({{-1, 2}}, c); }},
      {"overlap or run back", [](auto& c) { MakeRandom({{2, 1}}, c); }},
      {"overlap or run back", [](auto& c) { MakeRandom({{1, 3}, {2, 4}}, c); }},
      {"overlap or run back", [](auto& c) { MakeRandom({{5, 6}, {1, 2}}, c); }},
      {"overlap or run back", [](auto& c) { MakeRandom({{1, 1}, {1, 2}}, c); }},
      {"65,536 occurrences",
       [](auto& c) {
         Times times;
         for (std::int64_t i = 0; i <= 65'536; ++i) times.push_back({i, i + 1});
         MakeRandom(times, c);
       }},
  });
}

TEST(CheckTraceInfo, NamesEachBreach) {
  const std::vector<Breach<TraceInfo>> breaches = {
      {"not UTF-8", [](auto& i) { i.program_version = kNotUtf8; }},
      {"not UTF-8", [](auto& i) { i.scenario_name = kNotUtf8; }},
      {"not UTF-8", [](auto& i) { i.scenario_text = kNotUtf8; }},
      {"not UTF-8", [](auto& i) { i.overrides = {"a", kNotUtf8}; }},
      {"65,535 overrides", [](auto& i) { i.overrides.resize(65'536); }},
      {"longer than 16 MiB", [](auto& i) { i.scenario_text.assign((16u << 20) + 1, ' '); }},
      {"negative duration", [](auto& i) { i.duration = sim::Duration(-1); }},
      {"found in an unknown way, number 2", [](auto& i) { i.truth_method = TruthMethod{2}; }},
  };
  EXPECT_EQ(CheckTraceInfo(SampleInfo()), absl::OkStatus());
  for (const Breach<TraceInfo>& breach : breaches) {
    TraceInfo info = SampleInfo();
    breach.commit(info);
    EXPECT_THAT(std::string(CheckTraceInfo(info).message()), HasSubstr(breach.says));
  }
}

TEST(CheckRecord, NamesEachBreach) {
  const std::vector<Breach<Record>> breaches = {
      {"before the start", [](auto& r) { r.time = sim::VirtualTime(-1); }},
      {"host is not in", [](auto& r) { r.host = sim::EntityId{7}; }},
      {"host is not in", [](auto& r) { r.host = sim::EntityId{2}; }},
      {"service is not its host's", [](auto& r) { r.service = ServiceId{1}; }},
      {"a source that is not in the catalogue",
       [](auto& r) { r.request.source = sim::EntityId{7}; }},
      {"duration or queue wait", [](auto& r) { r.duration = sim::Duration(-1); }},
      {"duration or queue wait", [](auto& r) { r.queue_wait = sim::Duration(-1); }},
      {"skew is more than a day",
       [](auto& r) { r.clock_skew = kClockSkewMax + sim::Nanoseconds(1); }},
      {"skew is more than a day",
       [](auto& r) { r.clock_skew = -kClockSkewMax - sim::Nanoseconds(1); }},
      {"level is unknown", [](auto& r) { r.level = Level{3}; }},
      {"belongs on ERROR", [](auto& r) { r.level = Level::kError; }},
      {"belongs on ERROR", [](auto& r) { r.error_code = ErrorCodeId{0}; }},
      {"error_code is not in",
       [](auto& r) {
         r.level = Level::kError;
         r.error_code = ErrorCodeId{2};
       }},
      {"dependency is not in", [](auto& r) { r.dependency = ServiceId{3}; }},
      {"call path is not in", [](auto& r) { r.call_path = CallPathId{2}; }},
      {"message is not in", [](auto& r) { r.message = TemplateId{9}; }},
      {"but no cause", [](auto& r) { r.truth.hops = 1; }},
      {"but no cause", [](auto& r) { r.truth.occurrence = 1; }},
      {"but no cause", [](auto& r) { r.truth.also = FaultId{0}; }},
      {"not another fault",
       [](auto& r) { r.truth = {.fault = FaultId{1}, .occurrence = 1, .also = FaultId{1}}; }},
      {"not another fault",
       [](auto& r) { r.truth = {.fault = FaultId{1}, .occurrence = 1, .also = FaultId{2}}; }},
      {"cause is not in", [](auto& r) { r.truth = {.fault = FaultId{2}, .occurrence = 1}; }},
      {"cause is not in", [](auto& r) { r.truth = {.fault = FaultId{1}}; }},
      {"cause is not in",
       [](auto& r) { r.truth = {.fault = FaultId{1}, .root = ServiceId{3}, .occurrence = 1}; }},
      {"more slot values", [](auto& r) { r.slots[0] = 1; }},
      {"slot names a service or host",
       [](auto& r) {
         r.message = TemplateId{2};
         r.slots[1] = 3;
       }},
      {"slot names a service or host",
       [](auto& r) {
         r.message = TemplateId{2};
         r.slots[2] = -1;
       }},
  };
  const Catalogue catalogue = SampleCatalogue();
  EXPECT_EQ(CheckRecord(SampleRecord(0), catalogue), absl::OkStatus());
  for (const sim::Duration skew : {kClockSkewMax, -kClockSkewMax}) {
    Record record = SampleRecord(0);
    record.clock_skew = skew;
    EXPECT_EQ(CheckRecord(record, catalogue), absl::OkStatus());
  }
  for (const Breach<Record>& breach : breaches) {
    Record record = SampleRecord(0);
    breach.commit(record);
    EXPECT_THAT(std::string(CheckRecord(record, catalogue).message()), HasSubstr(breach.says));
  }
}

}  // namespace
}  // namespace groundhog::traces
