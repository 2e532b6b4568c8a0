// The parts of the time of `groundhog record`: simulating the shop, encoding its records into
// chunks, and rendering them as JSON lines. Figures are per record.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "model/scenario/parse/parser.h"
#include "model/world/world.h"
#include "scenarios/shipped.h"
#include "traces/digest.h"
#include "traces/json_renderer.h"
#include "traces/writer.h"

namespace groundhog {
namespace {

// From the quietest to the busiest hour, with incidents.
constexpr sim::Duration kLived = sim::Hours(12);

template <class T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

void OrDie(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

model::Scenario Shop() {
  return OrDie(model::ParseScenario(scenarios::FindShippedScenario("shop")->text, "shop")).scenario;
}

// Half a day of the shop, simulated once for all benchmarks.
struct HalfDay {
  traces::TraceInfo info;
  traces::Catalogue catalogue;
  std::vector<traces::Record> records;
};

const HalfDay& TheHalfDay() {
  static const HalfDay* const half_day = [] {
    const model::Scenario shop = Shop();
    model::World world = OrDie(model::World::Create(shop));
    auto* made = new HalfDay{.info = {.trace_key = model::World::TraceKey(shop.seed),
                                      .start_unix_nanoseconds = shop.start_unix_nanoseconds,
                                      .duration = kLived,
                                      .resolution = model::UnitOf(shop.resolution)},
                             .catalogue = world.catalogue(),
                             .records = {}};
    (void)OrDie(world.Run(sim::VirtualTime(kLived), SIZE_MAX, &made->records));
    return made;
  }();
  return *half_day;
}

void BM_Simulate(benchmark::State& state) {
  const model::Scenario shop = Shop();
  std::uint64_t records_count = 0;
  std::uint64_t events = 0;
  std::vector<traces::Record> records;
  for (auto _ : state) {
    model::World world = OrDie(model::World::Create(shop));
    sim::VirtualTime reached;
    while (reached < sim::VirtualTime(kLived)) {
      records.clear();
      reached = OrDie(world.Run(sim::VirtualTime(kLived), 4096, &records));
      records_count += records.size();
    }
    events += world.events();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records_count));
  state.counters["events"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["events_per_record"] =
      static_cast<double>(events) / static_cast<double>(records_count);
}
BENCHMARK(BM_Simulate)->Unit(benchmark::kMillisecond);

// `/dev/null` is a device, so it is written directly: encoding alone.
void BM_Write(benchmark::State& state, traces::Compression compression) {
  const HalfDay& day = TheHalfDay();
  for (auto _ : state) {
    auto writer = OrDie(
        traces::Writer::Open("/dev/null", day.info, day.catalogue, {.compression = compression}));
    OrDie(writer->Append(day.records));
    OrDie(writer->Finish());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * day.records.size()));
}
BENCHMARK_CAPTURE(BM_Write, none, traces::Compression::kNone)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Write, packed, traces::Compression::kPacked)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Write, zstd, traces::Compression::kZstd)->Unit(benchmark::kMillisecond);

void BM_Digest(benchmark::State& state) {
  const HalfDay& day = TheHalfDay();
  for (auto _ : state) {
    traces::DigestBuilder digest(day.info, day.catalogue);
    digest.Add(day.records, day.info.trace_key);
    benchmark::DoNotOptimize(digest.Digest());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * day.records.size()));
}
BENCHMARK(BM_Digest)->Unit(benchmark::kMillisecond);

void BM_Render(benchmark::State& state) {
  const HalfDay& day = TheHalfDay();
  traces::JsonRenderer renderer(day.info, day.catalogue);
  for (auto _ : state) {
    for (const traces::Record& record : day.records) {
      benchmark::DoNotOptimize(renderer.Render(record).data());
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * day.records.size()));
}
BENCHMARK(BM_Render)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace groundhog
