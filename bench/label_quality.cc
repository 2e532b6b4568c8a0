// How good the `cause` of records is, with the counterfactual as the judge: kUsage says how to call
// it. The world is lived with the fault and without it. Draws are keyed by what they are for, so
// nothing else differs.
//
// A record of the world with the fault
//   - is *new* when it is only there, or has another level or error code without the fault;
//   - is *affected* when it is new, or shows another latency_ms.
// Of WARN and ERROR, the records that are labelled with the fault are compared with the new ones;
// of all levels, with the affected ones. Precision: the share of the labelled records that are new,
// or affected. Recall: the share of the new, or affected, records that are labelled. Unless
// --short, the services and the kinds of records with the most mistakes follow, each with an
// example as a JSON line with its truth, and what is in its place without the fault.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/alignment.h"
#include "analysis/joint_catalogue.h"
#include "bench/scenario_input.h"
#include "model/scenario/parse/parser.h"
#include "model/truth/exact_world.h"
#include "model/world/world.h"
#include "traces/json_renderer.h"

namespace groundhog {
namespace {

using analysis::AlignedRecord;
using traces::Record;

constexpr char kUsage[] =
    R"(label_quality [SCENARIO...] [--fault NAME] [--short] [--truth local|exact] [--set PATH=VALUE]
              [--seed N] [--duration D] [--start T]

Prints, for every fault of every scenario (files, or names of shipped ones; by default all shipped
ones), how well the causes of records agree with a world without that fault.

  --fault NAME          only this fault
  --short               only one line for each fault, without the largest mistakes
  --truth local|exact   the causes of `groundhog record --truth` (default: local)
  --set, --seed, --duration, --start
                        as `groundhog record` has them

Exit codes: 0 done; 2 wrong usage, or a scenario that cannot be read.
)";

constexpr std::size_t kChunkRecords = 8'192;
constexpr std::size_t kMistakesShownMax = 8;

// What precision and recall should reach.
struct Floors {
  double precision;
  double recall;
};
constexpr Floors kWarnErrorFloors = {.precision = 0.99, .recall = 0.98};
constexpr Floors kAllFloors = {.precision = 0.98, .recall = 0.90};

struct Options {
  std::vector<std::string> scenarios;
  std::optional<std::string> fault;
  model::Overrides overrides;
  bool is_short = false;
  bool is_exact = false;
};

// Counts of records that are labelled, or should be.
struct Tally {
  std::uint64_t right = 0;
  std::uint64_t wrong = 0;   // labelled, but the same without the fault
  std::uint64_t missed = 0;  // not labelled

  void Count(bool is_labelled, bool is_due) {
    right += is_labelled && is_due;
    wrong += is_labelled && !is_due;
    missed += !is_labelled && is_due;
  }
  // NaN where nothing is labelled, or nothing should be.
  double Precision() const { return Share(right, right + wrong); }
  double Recall() const { return Share(right, right + missed); }
  std::uint64_t Mistakes() const { return wrong + missed; }

 private:
  static double Share(std::uint64_t part, std::uint64_t all) {
    if (all == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(part) / static_cast<double>(all);
  }
};

struct Tallies {
  Tally warn_error;
  Tally all;
};

enum class Mistake : std::uint8_t { kMissed, kMissedLatency, kFalse, kFalseLatency };
constexpr std::array<const char*, 4> kMistakeTexts = {
    "missed: new, but not labelled", "missed: another latency, but not labelled",
    "false: the same without the fault", "false as WARN or ERROR: only its latency is another"};

// Records with the same mistake.
struct Kind {
  Mistake mistake;
  traces::ServiceId service;
  traces::Level level;
  traces::TemplateId message;
  traces::ErrorCodeId error_code;
  traces::FaultId cause;  // as labelled
  auto operator<=>(const Kind&) const = default;
};

struct Example {
  std::uint64_t count = 0;
  std::string line;          // of the first one
  std::string line_without;  // of its partner without the fault; empty: it has none
};

bool HaveSameOutcome(const Record& a, const Record& b) {
  return a.level == b.level && a.error_code == b.error_code;
}

// A world's records, as they come.
class WorldStream {
 public:
  // `scenario` must outlive this.
  WorldStream(const model::Scenario& scenario, bool is_exact)
      : end_(scenario.duration),
        trace_key_(model::World::TraceKey(scenario.seed)),
        world_(is_exact ? AnyWorld(OrFail(model::ExactWorld::Create(scenario)))
                        : AnyWorld(OrFail(model::World::Create(scenario)))) {}

  const traces::Catalogue& catalogue() const {
    return std::visit([](const auto& world) -> const auto& { return world.catalogue(); }, world_);
  }

  analysis::KeyedChunkSource chunks() {
    return [this](std::vector<Record>* records, std::uint64_t* trace_key) {
      records->clear();
      *trace_key = trace_key_;
      while (status_.ok() && reached_ < end_ && records->empty()) {
        const absl::StatusOr<sim::VirtualTime> reached = std::visit(
            [&](auto& world) { return world.Run(end_, kChunkRecords, records); }, world_);
        status_ = reached.status();
        if (reached.ok()) reached_ = *reached;
      }
      return !records->empty();
    };
  }
  // Whether the world has run away.
  const absl::Status& status() const { return status_; }

 private:
  using AnyWorld = std::variant<model::World, model::ExactWorld>;

  sim::VirtualTime end_;
  std::uint64_t trace_key_;
  AnyWorld world_;
  sim::VirtualTime reached_;
  absl::Status status_;
};

// One fault of one scenario.
class Judgement {
 public:
  Judgement(const model::Scenario& scenario, const std::string& fault,
            const traces::Catalogue& catalogue)
      : fault_(FaultNamed(fault, catalogue)),
        catalogue_(catalogue),
        renderer_({.trace_key = model::World::TraceKey(scenario.seed),
                   .start_unix_nanoseconds = scenario.start_unix_nanoseconds},
                  catalogue, {.with_truth = true}),
        services_(catalogue.services.size()) {}

  void Take(const AlignedRecord& aligned) {
    records_without_ += aligned.b.record != nullptr;
    if (aligned.a.record == nullptr) return;
    ++records_with_;
    const Record& record = *aligned.a.record;
    const Record* other = aligned.b.record;
    const bool is_labelled = record.truth.fault == fault_ || record.truth.also == fault_;
    const bool is_new = other == nullptr || !HaveSameOutcome(record, *other);
    const bool is_affected =
        is_new || record.duration.milliseconds() != other->duration.milliseconds();
    if (!is_labelled && !is_affected) return;
    for (Tallies* tallies : {&tallies_, &services_[traces::Index(record.service)]}) {
      tallies->all.Count(is_labelled, is_affected);
      if (record.level != traces::Level::kInfo) tallies->warn_error.Count(is_labelled, is_new);
    }
    Judge(record, other, is_labelled, is_new, is_affected);
  }

  const Tallies& tallies() const { return tallies_; }
  std::uint64_t records_with() const { return records_with_; }
  std::uint64_t records_without() const { return records_without_; }

  void PrintMistakes() const {
    PrintServices();
    std::vector<std::pair<Kind, Example>> kinds(kinds_.begin(), kinds_.end());
    std::stable_sort(kinds.begin(), kinds.end(), [](const auto& one, const auto& other) {
      return one.second.count > other.second.count;
    });
    if (kinds.size() > kMistakesShownMax) kinds.resize(kMistakesShownMax);
    for (const auto& [kind, example] : kinds) {
      const bool has_code = kind.error_code != traces::ErrorCodeId::kNone;
      std::printf("    %8llu %s\n             %s %s%s%s, \"%s\"\n             e.g. %s\n",
                  static_cast<unsigned long long>(example.count),
                  kMistakeTexts[static_cast<std::size_t>(kind.mistake)],
                  catalogue_.services[traces::Index(kind.service)].name.c_str(),
                  std::string(traces::kLevelNames.NameOf(kind.level)).c_str(), has_code ? " " : "",
                  has_code ? catalogue_.error_codes[traces::Index(kind.error_code)].c_str() : "",
                  catalogue_.templates[traces::Index(kind.message)].text.c_str(),
                  example.line.c_str());
      if (example.line_without.empty()) continue;
      std::printf("             without: %s\n", example.line_without.c_str());
    }
  }

 private:
  static traces::FaultId FaultNamed(const std::string& name, const traces::Catalogue& catalogue) {
    for (std::size_t i = 0; i < catalogue.faults.size(); ++i) {
      if (catalogue.faults[i].name == name) return static_cast<traces::FaultId>(i);
    }
    Fail("the world with the fault '" + name + "' does not have it");
  }

  void Judge(const Record& record, const Record* other, bool is_labelled, bool is_new,
             bool is_affected) {
    std::optional<Mistake> mistake;
    if (!is_labelled) {
      mistake = is_new ? Mistake::kMissed : Mistake::kMissedLatency;
    } else if (!is_affected) {
      mistake = Mistake::kFalse;
    } else if (!is_new && record.level != traces::Level::kInfo) {
      mistake = Mistake::kFalseLatency;
    }
    if (!mistake) return;
    Example& example = kinds_[{.mistake = *mistake,
                               .service = record.service,
                               .level = record.level,
                               .message = record.message,
                               .error_code = record.error_code,
                               .cause = record.truth.fault}];
    if (example.count++ > 0) return;
    example.line = renderer_.Render(record);
    if (other != nullptr) example.line_without = renderer_.Render(*other);
  }

  void PrintServices() const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < services_.size(); ++i) {
      if (services_[i].warn_error.Mistakes() + services_[i].all.Mistakes() > 0) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
      return services_[one].all.Mistakes() > services_[other].all.Mistakes();
    });
    if (order.size() > kMistakesShownMax) order.resize(kMistakesShownMax);
    for (const std::size_t i : order) {
      const auto count = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
      std::printf(
          "    %-28s WARN and ERROR: %llu missed, %llu false; all: %llu missed, %llu false\n",
          catalogue_.services[i].name.c_str(), count(services_[i].warn_error.missed),
          count(services_[i].warn_error.wrong), count(services_[i].all.missed),
          count(services_[i].all.wrong));
    }
  }

  const traces::FaultId fault_;
  const traces::Catalogue& catalogue_;
  traces::JsonRenderer renderer_;
  Tallies tallies_;
  std::vector<Tallies> services_;  // by joint service
  std::map<Kind, Example> kinds_;
  std::uint64_t records_with_ = 0;
  std::uint64_t records_without_ = 0;
};

// "0.998", with a mark where it is below the floor; "-" for none.
std::string Figure(double value, double floor) {
  if (std::isnan(value)) return "- ";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.3f%c", value, value < floor ? '!' : ' ');
  return text.data();
}

// The columns of one comparison.
void PrintTally(const Tally& tally, const Floors& floors) {
  std::printf(" %8s%8s%8llu%7llu", Figure(tally.Precision(), floors.precision).c_str(),
              Figure(tally.Recall(), floors.recall).c_str(),
              static_cast<unsigned long long>(tally.missed),
              static_cast<unsigned long long>(tally.wrong));
}

void PrintHead() {
  std::printf("%-38s%9s%9s  %-30s  %s\n", "", "records", "records", "WARN and ERROR", "all");
  std::printf("%-38s%9s%9s", "scenario: fault", "with", "without");
  for (int i = 0; i < 2; ++i) {
    std::printf(" %8s%8s%8s%7s", "precis. ", "recall ", "missed", "false");
  }
  std::printf("\n%-56s", "at least (! where it is less)");
  for (const Floors& floors : {kWarnErrorFloors, kAllFloors}) {
    std::printf(" %8s%8s%15s", Figure(floors.precision, 0).c_str(),
                Figure(floors.recall, 0).c_str(), "");
  }
  std::printf("\n");
}

void PrintFigures(const std::string& title, const Judgement& judgement) {
  std::printf("%-38s%9llu%9llu", title.c_str(),
              static_cast<unsigned long long>(judgement.records_with()),
              static_cast<unsigned long long>(judgement.records_without()));
  PrintTally(judgement.tallies().warn_error, kWarnErrorFloors);
  PrintTally(judgement.tallies().all, kAllFloors);
  std::printf("\n");
}

model::Scenario Parse(const std::string& name, const std::string& text,
                      const model::Overrides& overrides) {
  return OrFail(model::ParseScenario(text, name, overrides)).scenario;
}

void JudgeFault(const Options& options, const std::string& name, const std::string& text,
                const model::Scenario& scenario, const std::string& fault) {
  model::Overrides overrides = options.overrides;
  overrides.push_back({.kind = model::Override::Kind::kWithout, .value = fault});
  const model::Scenario healthy = Parse(name, text, overrides);
  WorldStream with(scenario, options.is_exact);
  WorldStream without(healthy, /*is_exact=*/false);
  const auto joint = OrFail(analysis::JointCatalogue::Make(with.catalogue(), without.catalogue()));
  Judgement judgement(scenario, fault, joint.catalogue());
  analysis::Align(joint, with.chunks(), without.chunks(),
                  {.window = sim::Hours(24), .unmatched_max = 2'000'000},
                  [&](const AlignedRecord& aligned) { judgement.Take(aligned); });
  const std::string title = absl::StrCat(std::filesystem::path(name).stem().string(), ": ", fault);
  for (const WorldStream* stream : {&with, &without}) {
    if (stream->status().ok()) continue;
    std::printf("%-38s%s\n", title.c_str(), std::string(stream->status().message()).c_str());
    return;
  }
  PrintFigures(title, judgement);
  if (!options.is_short) judgement.PrintMistakes();
  std::fflush(stdout);
}

Options OptionsOf(const std::vector<std::string>& arguments) {
  using OverrideKind = model::Override::Kind;
  const std::map<std::string, OverrideKind> overrides = {{"--set", OverrideKind::kSet},
                                                         {"--seed", OverrideKind::kSeed},
                                                         {"--duration", OverrideKind::kDuration},
                                                         {"--start", OverrideKind::kStart}};
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const auto kind = overrides.find(argument);
    const auto value = [&] {
      if (++i == arguments.size()) Fail(argument + " needs a value");
      return arguments[i];
    };
    if (argument == "--help" || argument == "-h") {
      std::fputs(kUsage, stdout);
      std::exit(0);
    } else if (argument == "--short") {
      options.is_short = true;
    } else if (argument == "--fault") {
      options.fault = value();
    } else if (argument == "--truth") {
      const std::string method = value();
      if (method != "local" && method != "exact") Fail("--truth is local or exact");
      options.is_exact = method == "exact";
    } else if (kind != overrides.end()) {
      options.overrides.push_back({.kind = kind->second, .value = value()});
    } else if (argument.starts_with('-')) {
      Fail("unknown argument '" + argument + "'");
    } else {
      options.scenarios.push_back(argument);
    }
  }
  if (!options.scenarios.empty()) return options;
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    options.scenarios.emplace_back(shipped.name);
  }
  return options;
}

int Run(const Options& options) {
  bool has_fault = !options.fault;
  PrintHead();
  for (const std::string& name : options.scenarios) {
    const std::string text = TextOf(name);
    const model::Scenario scenario = Parse(name, text, options.overrides);
    if (scenario.duration == sim::Duration::Max()) Fail(name + ": forever is too long");
    for (const model::Fault& fault : scenario.faults) {
      if (options.fault && fault.name != *options.fault) continue;
      has_fault = true;
      JudgeFault(options, name, text, scenario, fault.name);
    }
  }
  if (!has_fault) Fail("no scenario has a fault '" + *options.fault + "'");
  return 0;
}

}  // namespace
}  // namespace groundhog

int main(int argc, char** argv) {
  return groundhog::Run(groundhog::OptionsOf(std::vector<std::string>(argv + 1, argv + argc)));
}
