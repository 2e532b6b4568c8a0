// Exact counts of every latency, by service, by hour, and by what else is counted together: all
// that `groundhog stats` needs for figures that have no error, percentiles among them.
//
// Records come by their true time and are counted by the time that they show, which a wrong clock
// may put up to a day away (traces::kClockSkewMax). A period is closed, which turns its counts into
// a row of figures, when no record can show a time in it any more, so that memory follows the
// distinct latencies of a day and not the records.
#ifndef GROUNDHOG_ANALYSIS_LATENCY_COUNTS_H_
#define GROUNDHOG_ANALYSIS_LATENCY_COUNTS_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::analysis {

// What records that are counted together have in common.
struct RecordKind {
  traces::ServiceId service{};
  traces::ServiceId dependency = traces::ServiceId::kNone;
  traces::ErrorCodeId error_code = traces::ErrorCodeId::kNone;
  traces::Level level{};
};

// How many records of a kind have a latency.
struct LatencyCount {
  // Counts move on from one stage to the next when their period is closed.
  enum class Stage : std::uint8_t { kWhole, kHour, kSeries };

  std::int64_t start = 0;  // of the hour, or of the period of the series; seconds since 1970
  std::int64_t latency_ms = 0;
  std::uint64_t records = 0;
  std::uint32_t kind = 0;  // index into kinds()
  traces::ServiceId service{};
  Stage stage{};

  // By what is counted together.
  auto operator<=>(const LatencyCount& other) const {
    if (const auto order = stage <=> other.stage; order != 0) return order;
    if (const auto order = start <=> other.start; order != 0) return order;
    if (const auto order = service <=> other.service; order != 0) return order;
    if (const auto order = latency_ms <=> other.latency_ms; order != 0) return order;
    return kind <=> other.kind;
  }
  bool operator==(const LatencyCount& other) const { return (*this <=> other) == 0; }
};

// PostgreSQL's percentile_cont(share) within group (order by latency_ms): between two records it is
// interpolated. `counts` is in the order of latency and not empty. Share: 0 to 1.
double PercentileCont(std::span<const LatencyCount> counts, double share);

struct LatencySum {
  std::uint64_t records = 0;
  std::uint64_t milliseconds = 0;  // the largest number where it would be larger

  void Add(const LatencyCount& count);
  double mean() const { return static_cast<double>(milliseconds) / static_cast<double>(records); }
};

// A service in a period in which it has a record.
struct PeriodRow {
  std::int64_t start = 0;  // seconds since 1970
  traces::ServiceId service{};
  std::uint64_t errors = 0;
  LatencySum latency;
  double p95 = 0;  // milliseconds
};

// Not thread-safe.
class LatencyCounts {
 public:
  // `start_unix_nanoseconds` is the trace's. `series`: the length of its periods, of which there is
  // a whole number in an hour; nullopt: no series.
  LatencyCounts(std::int64_t start_unix_nanoseconds, std::optional<sim::Duration> series);

  // Records come in the order of their time. `shown_unix_nanoseconds` is what the record's host's
  // clock shows.
  void Add(const traces::Record& record, std::int64_t shown_unix_nanoseconds) {
    if (record.time >= window_end_) MoveWindowTo(record.time);
    const std::uint32_t kind = KindOf(record);
    const auto latency = static_cast<std::uint64_t>(record.duration.milliseconds());
    if (shown_unix_nanoseconds >= window_begin_shown_ &&
        shown_unix_nanoseconds < window_end_shown_ && latency < kShortLatencies &&
        kind < kFrequentKinds) {
      std::uint32_t& records = window_[kind * kShortLatencies + latency];
      if (records == 0) touched_.push_back(static_cast<std::uint32_t>(&records - window_.data()));
      if (++records == std::numeric_limits<std::uint32_t>::max()) EmptyWindow();
    } else {
      AddElsewhere(record, shown_unix_nanoseconds, kind);
    }
  }

  // Whether there is more to count than memory for it, so that the figures are incomplete.
  bool is_full() const { return is_full_; }

  // Closes everything; nothing is added afterwards.
  void Finish();

  // Once finished: in all, by service and latency.
  std::span<const LatencyCount> counts() const { return counts_; }
  const std::vector<RecordKind>& kinds() const { return kinds_; }
  // By start and service. The series is empty if none was asked for.
  const std::vector<PeriodRow>& hours() const { return hours_; }
  const std::vector<PeriodRow>& series() const { return series_is_hours_ ? hours_ : series_; }

 private:
  static constexpr std::uint64_t kShortLatencies = 1'024;
  static constexpr std::uint32_t kFrequentKinds = 4'096;
  static constexpr std::size_t kKindsMax = std::size_t{1} << 18;
  static constexpr std::size_t kCountsMax = std::size_t{2} << 20;
  static constexpr std::size_t kRowsMax = std::size_t{2} << 20;

  // Kinds by their numbers, as most records are of few.
  struct KnownKind {
    std::uint64_t key = ~std::uint64_t{0};  // of none
    std::uint32_t kind = 0;
  };

  std::uint32_t KindOf(const traces::Record& record) {
    const std::uint64_t key = std::uint64_t{traces::Index(record.service)} << 34 |
                              std::uint64_t{traces::Index(record.dependency)} << 18 |
                              std::uint64_t{traces::Index(record.error_code)} << 2 |
                              std::uint64_t{traces::Index(record.level)};
    KnownKind& known = known_kinds_[key * 0x9E37'79B9'7F4A'7C15 >> 52];
    if (known.key != key) known = {.key = key, .kind = FindKind(key, record)};
    return known.kind;
  }
  std::uint32_t FindKind(std::uint64_t key, const traces::Record& record);

  std::int64_t PeriodStart(std::int64_t unix_nanoseconds) const;
  void MoveWindowTo(sim::VirtualTime time);
  void EmptyWindow();
  void AddElsewhere(const traces::Record& record, std::int64_t shown_unix_nanoseconds,
                    std::uint32_t kind);
  void Keep(const LatencyCount& count);

  void MakeRoom();
  void Merge();
  void CloseBefore(std::int64_t unix_seconds);
  void CloseStage(LatencyCount::Stage stage, std::int64_t unix_seconds,
                  std::vector<PeriodRow>* rows);
  PeriodRow RowOf(std::span<const LatencyCount> counts) const;

  const std::int64_t start_unix_nanoseconds_;
  const std::int64_t period_seconds_;
  const LatencyCount::Stage first_stage_;
  const bool series_is_hours_;

  std::vector<RecordKind> kinds_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> kind_of_;
  std::array<KnownKind, 4'096> known_kinds_;

  // The period of the present, in which nearly all records are: by kind and latency.
  sim::VirtualTime window_end_;  // the first time after it
  std::int64_t window_begin_shown_ = 0;
  std::int64_t window_end_shown_ = 0;
  std::int64_t window_start_ = 0;  // seconds since 1970
  std::vector<std::uint32_t> window_;
  std::vector<std::uint32_t> touched_;  // the indices of those that are not 0

  std::vector<LatencyCount> counts_;
  std::size_t room_ = kCountsMax / 16;  // for so many of them
  std::vector<PeriodRow> hours_;
  std::vector<PeriodRow> series_;
  std::int64_t closed_before_ = std::numeric_limits<std::int64_t>::min();
  bool has_slow_clocks_ = false;
  bool is_full_ = false;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_LATENCY_COUNTS_H_
