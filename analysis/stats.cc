#include "analysis/stats.h"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

constexpr std::size_t kCausesMax = std::size_t{1} << 18;
constexpr std::int64_t kNanosecondsPerMillisecond = sim::Milliseconds(1).nanoseconds();
constexpr std::int64_t kNanosecondsPerSecond = sim::Seconds(1).nanoseconds();
constexpr std::int64_t kSecondsPerDay = 86'400;

// Saturates at the ends of the range.
std::int64_t Nanoseconds(std::int64_t count, std::int64_t unit) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return std::clamp(count, kMin / unit, kMax / unit) * unit;
}

// The runs of neighbours with the same `key`, one after the other.
template <class Key, class Work>
void ForEachRun(std::span<const LatencyCount> counts, const Key& key, const Work& work) {
  while (!counts.empty()) {
    std::size_t end = 1;
    while (end < counts.size() && key(counts[end]) == key(counts.front())) ++end;
    work(counts.first(end));
    counts = counts.subspan(end);
  }
}

ServiceStats StatsOfService(std::span<const LatencyCount> counts,
                            const std::vector<RecordKind>& kinds) {
  ServiceStats stats = {.service = counts.front().service,
                        .min_ms = counts.front().latency_ms,
                        .max_ms = counts.back().latency_ms,
                        .p50 = PercentileCont(counts, 0.5),
                        .p95 = PercentileCont(counts, 0.95),
                        .p99 = PercentileCont(counts, 0.99)};
  for (const LatencyCount& count : counts) {
    stats.by_level[traces::Index(kinds[count.kind].level)] += count.records;
    stats.latency.Add(count);
    const auto bin =
        std::lower_bound(kHistogramUpperMs.begin(), kHistogramUpperMs.end(), count.latency_ms);
    stats.histogram[static_cast<std::size_t>(bin - kHistogramUpperMs.begin())] += count.records;
  }
  return stats;
}

}  // namespace

double Health(double error_rate, double p95_ms) {
  return 100 * (1 - error_rate) * (kHealthyP95Ms / std::max(p95_ms, kHealthyP95Ms));
}

std::string TimestampText(std::int64_t unix_ms) {
  std::string text =
      text::FormatRfc3339Nanoseconds(Nanoseconds(unix_ms, kNanosecondsPerMillisecond));
  return text.replace(text.size() - 7, 7, "Z");
}

std::string StartText(std::int64_t unix_seconds) {
  return text::FormatRfc3339(Nanoseconds(unix_seconds, kNanosecondsPerSecond));
}

std::string DateText(std::int64_t days_since_1970) {
  return text::FormatRfc3339(Nanoseconds(days_since_1970, kSecondsPerDay * kNanosecondsPerSecond))
      .substr(0, 10);
}

StatsCollector::StatsCollector(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                               std::optional<sim::Duration> each)
    : catalogue_(catalogue),
      start_unix_nanoseconds_(info.start_unix_nanoseconds),
      each_(each),
      latencies_(info.start_unix_nanoseconds, each),
      requests_(catalogue.entities.size()) {}

void StatsCollector::CountCause(const traces::Record& record) {
  const Cause cause(record.truth.fault, record.truth.occurrence);
  if (last_cause_ == causes_.end() || last_cause_->first != cause) {
    if (causes_.size() == kCausesMax && !causes_.contains(cause)) {
      is_full_ = true;
      return;
    }
    last_cause_ = causes_.try_emplace(cause).first;
  }
  ++last_cause_->second.records;
  if (record.level == traces::Level::kError) ++last_cause_->second.errors;
}

void StatsCollector::AddServices(Stats* stats) const {
  ForEachRun(
      latencies_.counts(), [](const LatencyCount& count) { return count.service; },
      [&](std::span<const LatencyCount> counts) {
        const ServiceStats& service =
            stats->services.emplace_back(StatsOfService(counts, latencies_.kinds()));
        stats->records += service.latency.records;
        stats->alerts += service.errors();
      });
}

void StatsCollector::AddDependencies(Stats* stats) const {
  const std::vector<RecordKind>& kinds = latencies_.kinds();
  const auto dependency_of = [&](const LatencyCount& count) {
    return std::pair(count.service, kinds[count.kind].dependency);
  };
  std::vector<LatencyCount> counts;
  for (const LatencyCount& count : latencies_.counts()) {
    if (kinds[count.kind].dependency != traces::ServiceId::kNone) counts.push_back(count);
  }
  std::ranges::sort(counts, {}, [&](const LatencyCount& count) {
    return std::tuple(dependency_of(count), count.latency_ms);
  });
  ForEachRun(counts, dependency_of, [&](std::span<const LatencyCount> run) {
    const auto [service, dependency] = dependency_of(run.front());
    DependencyStats& found = stats->dependencies.emplace_back(
        DependencyStats{.service = service, .dependency = dependency});
    found.p95 = PercentileCont(run, 0.95);
    for (const LatencyCount& count : run) {
      found.latency.Add(count);
      if (kinds[count.kind].level == traces::Level::kError) found.errors += count.records;
    }
  });
}

void StatsCollector::AddErrors(Stats* stats) const {
  const std::vector<RecordKind>& kinds = latencies_.kinds();
  std::vector<std::uint64_t> records(kinds.size());
  for (const LatencyCount& count : latencies_.counts()) records[count.kind] += count.records;
  std::map<traces::ErrorCodeId, ErrorCodeStats> codes;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const RecordKind& kind = kinds[i];
    if (kind.error_code == traces::ErrorCodeId::kNone) continue;
    ErrorCodeStats& code = codes[kind.error_code];
    code.error_code = kind.error_code;
    code.records += records[i];
    code.services[kind.service] += records[i];
    if (kind.dependency == traces::ServiceId::kNone) continue;
    stats->failure_patterns.push_back({.service = kind.service,
                                       .dependency = kind.dependency,
                                       .error_code = kind.error_code,
                                       .records = records[i]});
  }
  for (auto& [id, code] : codes) stats->error_codes.push_back(std::move(code));
  const auto service = [&](traces::ServiceId id) -> const std::string& {
    return catalogue_.services[traces::Index(id)].name;
  };
  const auto code = [&](traces::ErrorCodeId id) -> const std::string& {
    return catalogue_.error_codes[traces::Index(id)];
  };
  std::ranges::sort(stats->failure_patterns, [&](const auto& a, const auto& b) {
    return std::tie(b.records, service(a.service), service(a.dependency), code(a.error_code)) <
           std::tie(a.records, service(b.service), service(b.dependency), code(b.error_code));
  });
  std::ranges::sort(stats->error_codes, [&](const auto& a, const auto& b) {
    return std::tie(b.records, code(a.error_code)) < std::tie(a.records, code(b.error_code));
  });
}

void StatsCollector::AddPeriods(Stats* stats) const {
  stats->hours = latencies_.hours();
  for (const PeriodRow& hour : stats->hours) {
    // An hour is whole within a day, so the quotient need only be rounded down.
    const std::int64_t day =
        hour.start / kSecondsPerDay - (hour.start % kSecondsPerDay < 0 ? 1 : 0);
    stats->days[day].records += hour.latency.records;
    stats->days[day].errors += hour.errors;
  }
  stats->each = each_;
  if (each_) stats->series = latencies_.series();
}

// Occurrences that have one name, because their fault comes once, are one cause.
void StatsCollector::AddCauses(Stats* stats) const {
  std::map<std::optional<std::string>, RecordsAndErrors> causes;
  RecordsAndErrors none = {.records = stats->records, .errors = stats->alerts};
  for (const auto& [cause, count] : causes_) {
    RecordsAndErrors& named =
        causes[traces::OccurrenceName(catalogue_.faults[traces::Index(cause.first)], cause.second)];
    named.records += count.records;
    named.errors += count.errors;
    none.records -= count.records;
    none.errors -= count.errors;
  }
  if (none.records > 0) causes[std::nullopt] = none;
  stats->causes.assign(causes.begin(), causes.end());
  std::ranges::stable_sort(stats->causes, [](const auto& a, const auto& b) {
    return a.second.records > b.second.records;
  });
}

absl::StatusOr<Stats> StatsCollector::Finish() {
  latencies_.Finish();
  if (is_full()) {
    return absl::ResourceExhaustedError(
        "there is more to count than memory for it: count a part of the trace, by --from, --until "
        "or --service, or a longer --series");
  }
  Stats stats;
  stats.trace_ids = requests_.count();
  AddServices(&stats);
  if (stats.records > 0) {
    constexpr std::int64_t kStart = 0;
    stats.first_unix_ms = text::UnixMilliseconds(kStart, sim::VirtualTime(first_));
    stats.last_unix_ms = text::UnixMilliseconds(kStart, sim::VirtualTime(last_));
  }
  AddDependencies(&stats);
  AddErrors(&stats);
  AddPeriods(&stats);
  AddCauses(&stats);
  return stats;
}

}  // namespace groundhog::analysis
