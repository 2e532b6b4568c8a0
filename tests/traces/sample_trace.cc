#include "tests/traces/sample_trace.h"

#include <algorithm>
#include <array>

#include "traces/catalogue_check.h"

namespace groundhog::traces {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// Mostly small, now and then as large as it gets.
std::int64_t RandomDuration(TestRandom& random) {
  switch (random.Below(8)) {
    case 0:
      return 0;
    case 1:
      return static_cast<std::int64_t>(random.Next() >> 1);
    default:
      return static_cast<std::int64_t>(random.Below(500 * kMillisecond));
  }
}

// Early or late, now and then by as much as there can be.
sim::Duration RandomSkew(TestRandom& random) {
  const std::int64_t most = kClockSkewMax.nanoseconds();
  const std::int64_t bound = random.OneIn(4) ? most : 100 * kMillisecond;
  return sim::Duration(static_cast<std::int64_t>(random.Below(std::uint64_t(2 * bound + 1))) -
                       bound);
}

// The same in all records of the request; now and then large.
std::int64_t FieldOf(const RequestId& request, std::size_t number) {
  const std::uint64_t mixed =
      (request.ordinal + sim::Index(request.source) * 31 + number * 7 + 1) * 0x9E37'79B9'7F4A'7C15;
  return static_cast<std::int64_t>(mixed % 5 == 0 ? mixed : mixed % 40'000);
}

std::int64_t RandomSlot(TestRandom& random, SlotKind kind, const Record& record,
                        const Catalogue& catalogue) {
  if (IsRequestField(kind)) return FieldOf(record.request, RequestFieldNumber(kind));
  if (kind == SlotKind::kService) {
    return static_cast<std::int64_t>(random.Below(catalogue.services.size()));
  }
  if (kind == SlotKind::kHost) {
    return static_cast<std::int64_t>(random.Below(catalogue.entities.size()));
  }
  if (random.OneIn(4)) return static_cast<std::int64_t>(random.Next());
  return static_cast<std::int64_t>(random.Below(2'000)) - 100;
}

std::string RandomName(TestRandom& random, const char* prefix, std::size_t number) {
  static constexpr std::array<std::string_view, 6> kTails = {
      "", "-service", "\"quoted\"", "\\back", "\n\t\x01", "\xC3\xA4\xF0\x9F\xA6\xAB"};
  return prefix + std::to_string(number) + std::string(kTails[random.Below(kTails.size())]);
}

MessageTemplate RandomTemplate(TestRandom& random) {
  static constexpr std::array<SlotKind, 19> kKinds = {SlotKind::kInteger,
                                                      SlotKind::kMilliseconds,
                                                      SlotKind::kHundredths,
                                                      SlotKind::kHex,
                                                      SlotKind::kService,
                                                      SlotKind::kHost,
                                                      SlotKind::kDuration,
                                                      SlotKind::kQueueWait,
                                                      SlotKind::kDependency,
                                                      SlotKind::kAttempt,
                                                      SlotKind::kErrorCode,
                                                      SlotKind::kOwnService,
                                                      SlotKind::kOwnHost,
                                                      SlotKind::kRequest,
                                                      SlotKind::kOrder,
                                                      RequestField(0, SlotKind::kInteger),
                                                      RequestField(1, SlotKind::kHundredths),
                                                      RequestField(1, SlotKind::kInteger),
                                                      RequestField(7, SlotKind::kHex)};
  MessageTemplate message{.text = "m"};
  for (std::uint64_t slots = random.Below(8); slots > 0; --slots) {
    const SlotKind kind = kKinds[random.Below(kKinds.size())];
    if (IsStored(kind) && StoredSlotCount(message) == kStoredSlotsMax) continue;
    message.slots.push_back(kind);
    message.text += random.OneIn(4) ? " {{x}} {}" : " {}";
  }
  return message;
}

// One whose occurrences are random, maybe none.
FaultEntry RandomFault(TestRandom& random) {
  FaultEntry fault{
      .name = RandomName(random, "r", 0), .kind = "crash", .target = "s0", .is_random = true};
  std::int64_t time = 0;
  for (std::size_t i = random.Below(20); i > 0; --i) {
    const std::int64_t start = time + static_cast<std::int64_t>(random.Below(30'000'000'000));
    time = start + 1 + static_cast<std::int64_t>(random.Below(1'000'000'000));
    fault.times.push_back({.start = sim::VirtualTime(start), .end = sim::VirtualTime(time)});
  }
  return fault;
}

Catalogue RandomCatalogue(TestRandom& random) {
  Catalogue catalogue;
  const std::size_t services = 1 + random.Below(6);
  for (std::size_t i = 0; i < services; ++i) {
    ServiceEntry& service = catalogue.services.emplace_back();
    service.name = RandomName(random, "s", i);
    for (std::size_t k = 0; k < i; ++k) {
      if (random.OneIn(2)) service.dependencies.push_back(ServiceId{std::uint16_t(k)});
    }
  }
  // Hosts of all services mixed with sources, so that ranks differ from indices.
  const std::size_t entities = services + random.Below(services > 4 ? 600 : 20);
  for (std::size_t i = 0; i < entities; ++i) {
    const bool is_host = i == 0 || !random.OneIn(4);
    catalogue.entities.push_back(
        {.name = RandomName(random, "e", i),
         .kind = is_host ? EntityKind::kHost
                         : EntityKind{std::uint8_t(1 + random.Below(kEntityKindCount - 1))},
         .service = ServiceId{std::uint16_t(random.Below(services))}});
  }
  for (std::size_t i = random.Below(10); i > 0; --i) {
    catalogue.call_paths.push_back({.name = RandomName(random, "p", i)});
  }
  for (std::size_t i = 1 + random.Below(random.OneIn(3) ? 300 : 8); i > 0; --i) {
    catalogue.templates.push_back(RandomTemplate(random));
  }
  for (std::size_t i = random.Below(4); i > 0; --i) {
    catalogue.error_codes.push_back(RandomName(random, "ERR_", i));
  }
  for (std::size_t i = random.Below(4); i > 0; --i) {
    catalogue.faults.push_back(
        {.name = RandomName(random, "f", i),
         .kind = "outage",
         .target = catalogue.services[0].name,
         .first_start = sim::VirtualTime(std::int64_t(random.Below(1'000'000'000))),
         .duration = sim::Duration(std::int64_t(random.Below(1'000'000'000))),
         .period = sim::Duration(random.OneIn(2) ? 0 : 1'000'000'000)});
  }
  if (random.OneIn(2)) catalogue.faults.push_back(RandomFault(random));
  return catalogue;
}

Truth RandomTruth(TestRandom& random, const Catalogue& catalogue) {
  if (catalogue.faults.empty() || random.OneIn(2)) return {};
  Truth truth{.fault = FaultId{std::uint16_t(random.Below(catalogue.faults.size()))},
              .occurrence = 1 + std::uint32_t(random.Below(random.OneIn(8) ? 0xFFFF'FFFF : 3)),
              .hops = std::uint8_t(random.Below(random.OneIn(8) ? 256 : 4))};
  if (!random.OneIn(4))
    truth.root = ServiceId{std::uint16_t(random.Below(catalogue.services.size()))};
  const FaultId other{std::uint16_t(random.Below(catalogue.faults.size()))};
  if (random.Below(8) == 0 && other != truth.fault) truth.also = other;
  return truth;
}

// Everything but time, host and clock skew.
Record RandomRecord(TestRandom& random, const Catalogue& catalogue) {
  Record record;
  record.level = Level(random.Below(catalogue.error_codes.empty() ? 2 : 3));
  if (record.level == Level::kError) {
    record.error_code = ErrorCodeId{std::uint16_t(random.Below(catalogue.error_codes.size()))};
  }
  const std::uint64_t ordinal = random.OneIn(16) ? random.Next() : random.Below(50);
  record.request = {.source = sim::EntityId{std::uint32_t(random.Below(catalogue.entities.size()))},
                    .ordinal = ordinal};
  if (!random.OneIn(4)) {
    const bool is_common = !random.OneIn(8);
    record.span = SpanId{std::uint32_t(is_common ? random.Below(4) : random.Next())};
    record.parent_span = SpanId{std::uint32_t(is_common ? random.Below(4) : random.Next())};
    record.attempt = std::uint16_t(is_common ? random.Below(3) : random.Next());
    if (!catalogue.call_paths.empty()) {
      record.call_path = CallPathId{std::uint16_t(random.Below(catalogue.call_paths.size()))};
    }
  }
  record.duration = sim::Duration(RandomDuration(random));
  record.queue_wait = sim::Duration(RandomDuration(random));
  if (random.OneIn(2)) {
    record.dependency = ServiceId{std::uint16_t(random.Below(catalogue.services.size()))};
  }
  record.message = TemplateId{std::uint16_t(random.Below(catalogue.templates.size()))};
  std::size_t stored = 0;
  for (const SlotKind kind : catalogue.templates[Index(record.message)].slots) {
    if (IsStored(kind)) record.slots[stored++] = RandomSlot(random, kind, record, catalogue);
  }
  record.truth = RandomTruth(random, catalogue);
  return record;
}

// Rounds every time of the record down to the grid.
void PutOnGrid(sim::Duration unit, const Catalogue& catalogue, Record* record) {
  record->time = sim::VirtualTime(record->time.since_start().RoundedDownTo(unit));
  for (sim::Duration* each : {&record->duration, &record->queue_wait, &record->clock_skew}) {
    *each = each->RoundedDownTo(unit);
  }
  std::size_t stored = 0;
  for (const SlotKind kind : catalogue.templates[Index(record->message)].slots) {
    if (!IsStored(kind)) continue;
    std::int64_t& slot = record->slots[stored++];
    if (kind == SlotKind::kMilliseconds) {
      slot = sim::Duration(slot).RoundedDownTo(unit).nanoseconds();
    }
  }
}

// Keys as in a merged trace: two entities may then have one name.
void PutKeyDeltas(TestRandom& random, std::vector<EntityEntry>* entities) {
  for (EntityEntry& entity : *entities) entity.key_delta = random.OneIn(3) ? 0 : random.Next();
  const EntityEntry& first = entities->front();
  EntityEntry& last = entities->back();
  if (first.kind == last.kind && first.key_delta != last.key_delta) last.name = first.name;
}

}  // namespace

SampleTrace RandomTrace(std::uint64_t seed, std::size_t records) {
  TestRandom random(seed);
  SampleTrace trace;
  trace.info = {.program_version = "0.0.0-test",
                .scenario_name = RandomName(random, "n", 1),
                .scenario_text = std::string(random.Below(2'000), 'y') + "\n",
                .overrides = {"seed=7", "--without x"},
                .seed = random.Next(),
                .trace_key = random.Next(),
                .start_unix_nanoseconds = 1'736'121'600'000'000'000,
                .duration = sim::Hours(24)};
  constexpr std::array<std::int64_t, 4> kUnits = {1'000, 1, 1'000'000, 100};
  trace.info.resolution = sim::Duration(kUnits[seed % kUnits.size()]);
  if (seed % 2 == 1) trace.info.truth_method = TruthMethod::kExact;
  trace.catalogue = RandomCatalogue(random);
  std::vector<sim::EntityId> hosts;
  for (std::uint32_t i = 0; i < trace.catalogue.entities.size(); ++i) {
    if (trace.catalogue.entities[i].kind == EntityKind::kHost) hosts.push_back(sim::EntityId{i});
  }
  std::int64_t time = 0;
  for (std::size_t i = 0; i < records; ++i) {
    Record record = RandomRecord(random, trace.catalogue);
    if (random.OneIn(8)) record.clock_skew = RandomSkew(random);
    const std::int64_t step = random.OneIn(100) ? 700'000 * kMillisecond : 100 * kMillisecond;
    if (!random.OneIn(3)) time += static_cast<std::int64_t>(random.Below(std::uint64_t(step)));
    record.time = sim::VirtualTime(time);
    record.host = hosts[random.Below(hosts.size())];
    record.service = trace.catalogue.entities[sim::Index(record.host)].service;
    PutOnGrid(trace.info.resolution, trace.catalogue, &record);
    trace.records.push_back(record);
  }
  std::stable_sort(trace.records.begin(), trace.records.end(), [](const auto& a, const auto& b) {
    return a.time != b.time ? a.time < b.time : a.host < b.host;
  });
  if (seed % 3 == 2) PutKeyDeltas(random, &trace.catalogue.entities);
  return trace;
}

SampleTrace TinyTrace() {
  SampleTrace trace;
  trace.info = {.program_version = "1",
                .scenario_name = "tiny",
                .scenario_text = "name: tiny\n",
                .seed = 7,
                .trace_key = 42,
                .start_unix_nanoseconds = 1'736'121'600'000'000'000,
                .duration = sim::Seconds(2),
                .resolution = sim::Microseconds(1)};
  trace.catalogue.services = {{.name = "api"}};
  trace.catalogue.entities = {
      {.name = "api-1", .kind = EntityKind::kHost, .service = ServiceId{0}},
      {.name = "visit", .kind = EntityKind::kJourney, .service = ServiceId{0}}};
  trace.catalogue.call_paths = {{.name = "visit/api"}};
  trace.catalogue.templates = {
      {.text = "Served {} items", .slots = {RequestField(0, SlotKind::kInteger)}},
      {.text = "Gave up after {} ms", .slots = {SlotKind::kDuration}}};
  trace.catalogue.error_codes = {"ERR_504"};
  Record served{.time = sim::VirtualTime(sim::Milliseconds(250)),
                .host = sim::EntityId{0},
                .service = ServiceId{0},
                .request = {.source = sim::EntityId{1}, .ordinal = 0},
                .span = SpanId{0x1234},
                .call_path = CallPathId{0},
                .attempt = 1,
                .duration = sim::Microseconds(12'345)};
  served.slots[0] = 3;
  Record failed = served;
  failed.time = sim::VirtualTime(sim::Milliseconds(1'500));
  failed.level = Level::kError;
  failed.request.ordinal = 1;
  failed.duration = sim::Milliseconds(500);
  failed.queue_wait = sim::Milliseconds(20);
  failed.error_code = ErrorCodeId{0};
  failed.message = TemplateId{1};
  failed.slots[0] = 0;
  trace.records = {served, failed};
  return trace;
}

TraceInfo SampleInfo() {
  return {.program_version = "0.1.0",
          .scenario_name = "sample",
          .scenario_text = "name: sample\n",
          .overrides = {"seed=5"},
          .seed = 5,
          .trace_key = 0x0123'4567'89AB'CDEF,
          .start_unix_nanoseconds = 1'736'121'600'000'000'000,  // 2025-01-06T00:00:00Z
          .duration = sim::Hours(1)};
}

Catalogue SampleCatalogue() {
  Catalogue catalogue;
  catalogue.services = {{.name = "gateway-service", .dependencies = {ServiceId{1}, ServiceId{2}}},
                        {.name = "order-service", .dependencies = {ServiceId{2}}},
                        {.name = "caf\xC3\xA9 \"b\\c\""}};
  const auto host = [](const char* name, std::uint16_t service) {
    return EntityEntry{.name = name, .kind = EntityKind::kHost, .service = ServiceId{service}};
  };
  catalogue.entities = {host("gateway-service-1", 0),
                        host("order-service-1", 1),
                        {.name = "checkout", .kind = EntityKind::kJourney, .service = ServiceId{0}},
                        host("order-service-2", 1),
                        host("caf\xC3\xA9-1", 2),
                        host("gateway-service-2", 0),
                        {.name = "rush", .kind = EntityKind::kSurge, .service = ServiceId{0}}};
  catalogue.call_paths = {{.name = "checkout/gateway-service"},
                          {.name = "checkout/gateway-service/order-service"}};
  catalogue.templates = {
      {.text = "Plain text with {{braces}} and \"quotes\"", .slots = {}},
      {.text = "{} items, {} ms, {} %",
       .slots = {SlotKind::kInteger, SlotKind::kMilliseconds, SlotKind::kHundredths}},
      {.text = "user {} at {} on {}",
       .slots = {SlotKind::kHex, SlotKind::kService, SlotKind::kHost}},
      {.text = "took {} ms, {} ms of it queued",
       .slots = {SlotKind::kDuration, SlotKind::kQueueWait}},
      {.text = "{} failed at attempt {}: {}",
       .slots = {SlotKind::kDependency, SlotKind::kAttempt, SlotKind::kErrorCode}},
      {.text = "{} on {} served request {}",
       .slots = {SlotKind::kOwnService, SlotKind::kOwnHost, SlotKind::kRequest}},
      {.text = "tab\t, line\n, bell\x07, na\xC3\xAFve \xF0\x9F\xA6\xAB {}",
       .slots = {SlotKind::kInteger}},
      {.text = "order {} of user {}: {}, item {}",
       .slots = {SlotKind::kOrder, RequestField(0, SlotKind::kInteger),
                 RequestField(2, SlotKind::kHundredths), RequestField(3, SlotKind::kHex)}},
      {.text = "user {} again, {}",
       .slots = {RequestField(0, SlotKind::kInteger), SlotKind::kInteger}}};
  catalogue.error_codes = {"ERR_503", "ERR_504"};
  catalogue.faults = {{.name = "order-outage",
                       .kind = "outage",
                       .target = "order-service",
                       .first_start = sim::VirtualTime(sim::Seconds(10)),
                       .duration = sim::Seconds(5),
                       .period = sim::Seconds(20)},
                      {.name = "slow",
                       .kind = "latency",
                       .target = "caf\xC3\xA9 \"b\\c\"",
                       .first_start = sim::VirtualTime(sim::Seconds(12)),
                       .duration = sim::Seconds(30),
                       .period = sim::Duration()}};
  return catalogue;
}

SampleTrace GoldenTrace() {
  SampleTrace trace{.info = SampleInfo(), .catalogue = SampleCatalogue(), .records = {}};
  trace.info.resolution = sim::Nanoseconds(100);
  trace.info.truth_method = TruthMethod::kExact;
  TestRandom random(2025);
  constexpr std::array<std::uint32_t, 5> kHosts = {0, 1, 3, 4, 5};
  for (std::size_t i = 0; i < 18; ++i) {
    Record record = RandomRecord(random, trace.catalogue);
    record.message = TemplateId{std::uint16_t(i % trace.catalogue.templates.size())};
    record.slots = {};
    std::size_t stored = 0;
    for (const SlotKind kind : trace.catalogue.templates[Index(record.message)].slots) {
      if (IsStored(kind))
        record.slots[stored++] = RandomSlot(random, kind, record, trace.catalogue);
    }
    record.time = sim::VirtualTime(static_cast<std::int64_t>(i / 2) * 1'700 * kMillisecond + 100);
    record.host = sim::EntityId{kHosts[i % 2 == 0 ? random.Below(2) : 2 + random.Below(3)]};
    record.service = trace.catalogue.entities[sim::Index(record.host)].service;
    PutOnGrid(trace.info.resolution, trace.catalogue, &record);
    trace.records.push_back(record);
  }
  return trace;
}

Record SampleRecord(std::int64_t time_ns) {
  Record record;
  record.time = sim::VirtualTime(time_ns);
  record.host = sim::EntityId{0};
  record.service = ServiceId{0};
  record.request = {.source = sim::EntityId{2}, .ordinal = 17};
  record.span = SpanId{0xABCD};
  record.call_path = CallPathId{0};
  record.attempt = 1;
  record.duration = sim::Microseconds(7'900);
  return record;
}

std::vector<Record> SampleRecords(std::size_t count, std::int64_t begin_ns, std::int64_t step_ns) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(SampleRecord(begin_ns + static_cast<std::int64_t>(i) * step_ns));
    records.back().request.ordinal = i;
  }
  return records;
}

}  // namespace groundhog::traces
