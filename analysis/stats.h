// What a correct consumer of a trace's JSON lines must end with, exactly: counts, error rates,
// percentiles, histograms, by service, dependency, error code, hour, day and cause.
//
// Everything is computed from what the lines show, as SQL over them would: times are those of
// `timestamp`, which a host's wrong clock falsifies, and latencies those of `latency_ms`, in whole
// milliseconds. Only causes come from the truth.
#ifndef GROUNDHOG_ANALYSIS_STATS_H_
#define GROUNDHOG_ANALYSIS_STATS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/distinct_requests.h"
#include "analysis/latency_counts.h"
#include "sim/time.h"
#include "text/time_text.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Upper bounds of a histogram's bins, inclusive, in milliseconds; one more bin has what is above.
inline constexpr std::array<std::int64_t, 15> kHistogramUpperMs = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000, 50'000};

// The 95th percentile up to which latency costs a service no health.
inline constexpr double kHealthyP95Ms = 1'000;

// From 0 to 100: 100 * (1 - error_rate) * (1000 / max(p95, 1000)). Half the records in error, or a
// p95 of two seconds, is a health of 50.
double Health(double error_rate, double p95_ms);

// A service that has a record.
struct ServiceStats {
  traces::ServiceId service{};
  std::array<std::uint64_t, traces::kLevelCount> by_level{};
  LatencySum latency;
  std::int64_t min_ms = 0;
  std::int64_t max_ms = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  std::array<std::uint64_t, kHistogramUpperMs.size() + 1> histogram{};

  std::uint64_t errors() const { return by_level[traces::Index(traces::Level::kError)]; }
};

// Records of a service that name a dependency.
struct DependencyStats {
  traces::ServiceId service{};
  traces::ServiceId dependency{};
  std::uint64_t errors = 0;
  LatencySum latency;
  double p95 = 0;
};

// Errors of a service that name a dependency.
struct FailurePattern {
  traces::ServiceId service{};
  traces::ServiceId dependency{};
  traces::ErrorCodeId error_code{};
  std::uint64_t records = 0;
};

struct ErrorCodeStats {
  traces::ErrorCodeId error_code{};
  std::uint64_t records = 0;
  std::map<traces::ServiceId, std::uint64_t> services;
};

struct RecordsAndErrors {
  std::uint64_t records = 0;
  std::uint64_t errors = 0;
};

// Every list has only what has a record, and is in a fixed order: services and dependencies as in
// the catalogue; times ascending; patterns, codes and causes with the most records first, and of
// equally many by name.
struct Stats {
  std::uint64_t records = 0;
  std::uint64_t alerts = 0;           // ERROR records, which the replayer copies to `alerts`
  std::uint64_t trace_ids = 0;        // distinct ones
  std::int64_t first_unix_ms = 0;     // the earliest timestamp, if there is a record
  std::int64_t last_unix_ms = 0;      // the latest one
  std::optional<sim::Duration> each;  // of the series; nullopt: none was asked for
  std::vector<ServiceStats> services;
  std::vector<DependencyStats> dependencies;
  std::vector<FailurePattern> failure_patterns;
  std::vector<ErrorCodeStats> error_codes;
  std::vector<PeriodRow> hours;
  std::map<std::int64_t, RecordsAndErrors> days;  // by days since 1970
  // By name, as `truth.cause`; nullopt: of no fault.
  std::vector<std::pair<std::optional<std::string>, RecordsAndErrors>> causes;
  std::vector<PeriodRow> series;
};

// Memory follows the distinct latencies of a day, the rows of `hours` and `series`, and the number
// of requests (a bit each); it is bounded, by about 400 MB. Not thread-safe.
class StatsCollector {
 public:
  // `catalogue` must outlive it. `each`: the length of a series' periods, which divides an hour.
  StatsCollector(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                 std::optional<sim::Duration> each = std::nullopt);

  // For chunks with a key of their own (Reader::trace_key).
  void set_trace_key(std::uint64_t trace_key) { requests_.set_trace_key(trace_key); }

  // Records satisfy CheckRecord and come in the order of a trace.
  void Take(const traces::Record& record) {
    const std::int64_t shown = text::UnixNanoseconds(
        start_unix_nanoseconds_, text::TimeOnClock(record.time, record.clock_skew));
    if (shown < first_) first_ = shown;
    if (shown > last_) last_ = shown;
    latencies_.Add(record, shown);
    if (!requests_.Add(record.request)) is_full_ = true;
    if (record.truth.fault != traces::FaultId::kNone) CountCause(record);
  }

  // Whether there is more to count than memory for it: then Finish refuses.
  bool is_full() const { return is_full_ || latencies_.is_full(); }

  // Nothing is taken afterwards. ResourceExhausted: more than fits in memory, with what to do.
  absl::StatusOr<Stats> Finish();

 private:
  // A fault and its occurrence.
  using Cause = std::pair<traces::FaultId, std::uint32_t>;

  void CountCause(const traces::Record& record);
  void AddServices(Stats* stats) const;
  void AddDependencies(Stats* stats) const;
  void AddErrors(Stats* stats) const;
  void AddPeriods(Stats* stats) const;
  void AddCauses(Stats* stats) const;

  const traces::Catalogue& catalogue_;
  const std::int64_t start_unix_nanoseconds_;
  const std::optional<sim::Duration> each_;
  std::int64_t first_ = std::numeric_limits<std::int64_t>::max();  // nanoseconds since 1970
  std::int64_t last_ = std::numeric_limits<std::int64_t>::min();
  LatencyCounts latencies_;
  DistinctRequests requests_;
  std::map<Cause, RecordsAndErrors> causes_;
  std::map<Cause, RecordsAndErrors>::iterator last_cause_ = causes_.end();
  bool is_full_ = false;
};

// RFC 3339 in UTC: of a timestamp, with its milliseconds; of a period's start; the date of a day.
std::string TimestampText(std::int64_t unix_ms);
std::string StartText(std::int64_t unix_seconds);
std::string DateText(std::int64_t days_since_1970);

// One JSON object, with a newline at its end, in pieces: a series may be long. `write` returns
// false when it wants no more. docs/STATS.md documents the keys.
void WriteStatsAsJson(const Stats& stats, const traces::Catalogue& catalogue,
                      const std::function<bool(std::string_view)>& write);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_STATS_H_
