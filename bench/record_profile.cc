// record_profile SCENARIO [--duration D] [--start T] [--scale N]
//
// Records a scenario (a file, or the name of a shipped one) once, to /dev/null, and prints the CPU
// time as JSON: of starting (parsing, creating the world), of simulating, and of the work of
// `record` on the records: encoding into columns, the digest, and compression. scripts/bench-record
// makes a table of it.
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "bench/scenario_input.h"
#include "model/scenario/parse/parser.h"
#include "model/world/world.h"
#include "traces/digest.h"
#include "traces/writer.h"

namespace groundhog {
namespace {

// This thread's CPU time.
std::int64_t CpuNanoseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

// Adds the CPU time of `work` to `total`.
template <class Work>
void Measure(std::int64_t* total, const Work& work) {
  const std::int64_t began = CpuNanoseconds();
  work();
  *total += CpuNanoseconds() - began;
}

model::Overrides OverridesOf(const std::vector<std::string>& arguments) {
  using Kind = model::Override::Kind;
  model::Overrides overrides;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string& option = arguments[i];
    if (i + 1 == arguments.size()) Fail(option + " wants a value");
    if (option != "--duration" && option != "--start" && option != "--scale") {
      Fail("unknown argument '" + option + "'");
    }
    const Kind kind = option == "--duration" ? Kind::kDuration
                      : option == "--start"  ? Kind::kStart
                                             : Kind::kScale;
    overrides.push_back({.kind = kind, .value = arguments[i + 1]});
  }
  return overrides;
}

struct Profile {
  std::int64_t start = 0;
  std::int64_t simulate = 0;
  std::int64_t digest = 0;
  std::int64_t write = 0;               // with digest and compression, as `record` does by default
  std::int64_t write_uncompressed = 0;  // with digest
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::vector<model::World::EventCount> event_counts;
};

class Profiler {
 public:
  explicit Profiler(const model::Scenario& scenario)
      : end_(scenario.duration),
        info_{.scenario_name = scenario.name,
              .seed = scenario.seed,
              .trace_key = model::World::TraceKey(scenario.seed),
              .start_unix_nanoseconds = scenario.start_unix_nanoseconds,
              .duration = scenario.duration,
              .resolution = model::UnitOf(scenario.resolution)} {
    Measure(&profile_.start, [&] {
      world_ = std::make_unique<model::World>(OrFail(model::World::Create(scenario)));
    });
  }

  // Steps of a chunk's size, as `record` makes them.
  Profile Run() {
    const auto compressed = Open(traces::Compression::kZstd);
    const auto uncompressed = Open(traces::Compression::kNone);
    traces::DigestBuilder digest(info_, world_->catalogue());
    std::vector<traces::Record> records;
    for (sim::VirtualTime reached; reached < end_;) {
      records.clear();
      Measure(&profile_.simulate, [&] {
        reached = OrFail(world_->Run(end_, traces::WriterOptions{}.chunk_records, &records));
      });
      Measure(&profile_.write, [&] { OrFail(compressed->Append(records)); });
      Measure(&profile_.write_uncompressed, [&] { OrFail(uncompressed->Append(records)); });
      Measure(&profile_.digest, [&] { digest.Add(records, info_.trace_key); });
      profile_.records += records.size();
    }
    Measure(&profile_.write, [&] { OrFail(compressed->Finish()); });
    Measure(&profile_.write_uncompressed, [&] { OrFail(uncompressed->Finish()); });
    profile_.events = world_->events();
    profile_.event_counts = world_->event_counts();
    return profile_;
  }

 private:
  // `/dev/null` is a device, so it is written directly: no disk is measured.
  std::unique_ptr<traces::Writer> Open(traces::Compression compression) {
    return OrFail(traces::Writer::Open("/dev/null", info_, world_->catalogue(),
                                       {.compression = compression}));
  }

  sim::VirtualTime end_;
  traces::TraceInfo info_;
  std::unique_ptr<model::World> world_;
  Profile profile_;
};

void Print(const Profile& profile) {
  const auto print = [](const char* name, auto value, const char* end) {
    std::printf("\"%s\": %lld%s", name, static_cast<long long>(value), end);
  };
  std::printf("{");
  print("records", profile.records, ", ");
  print("events", profile.events, ", ");
  print("start_ns", profile.start, ", ");
  print("simulate_ns", profile.simulate, ", ");
  print("encode_ns", profile.write_uncompressed - profile.digest, ", ");
  print("digest_ns", profile.digest, ", ");
  print("compress_ns", profile.write - profile.write_uncompressed, ", \"events_by_kind\": {");
  const char* separator = "";
  for (const model::World::EventCount& count : profile.event_counts) {
    std::printf("%s", separator);
    print(count.kind, count.count, "");
    separator = ", ";
  }
  std::printf("}}\n");
}

int Run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) Fail("which scenario?");
  const std::string text = TextOf(arguments[0]);
  std::int64_t parse = 0;
  model::Scenario scenario;
  Measure(&parse, [&] {
    scenario = OrFail(model::ParseScenario(text, arguments[0], OverridesOf(arguments))).scenario;
  });
  if (scenario.duration == sim::Duration::Max()) Fail("forever is too long");
  Profile profile = Profiler(scenario).Run();
  profile.start += parse;
  Print(profile);
  return 0;
}

}  // namespace
}  // namespace groundhog

int main(int argc, char** argv) {
  return groundhog::Run(std::vector<std::string>(argv + 1, argv + argc));
}
