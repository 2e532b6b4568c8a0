#include "analysis/latency_counts.h"

#include <algorithm>
#include <cmath>

#include "sim/check.h"
#include "text/time_text.h"

namespace groundhog::analysis {
namespace {

using Stage = LatencyCount::Stage;

constexpr std::int64_t kSecond = sim::Seconds(1).nanoseconds();
constexpr std::int64_t kHourSeconds = 3'600;

// The largest multiple of `unit` that is not above `value`.
constexpr std::int64_t RoundDown(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

constexpr std::int64_t UnixSeconds(std::int64_t unix_nanoseconds) {
  return unix_nanoseconds / kSecond - (unix_nanoseconds % kSecond < 0 ? 1 : 0);
}

// Saturates.
constexpr std::int64_t NanosecondsOf(std::int64_t unix_seconds) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(unix_seconds, kSecond, &product)) return product;
  return unix_seconds < 0 ? std::numeric_limits<std::int64_t>::min()
                          : std::numeric_limits<std::int64_t>::max();
}

// Where the counts that begin at `begin` and are of one service and period end.
std::size_t EndOfRun(const std::vector<LatencyCount>& counts, std::size_t begin) {
  const LatencyCount& first = counts[begin];
  std::size_t end = begin + 1;
  while (end < counts.size() && counts[end].stage == first.stage &&
         counts[end].start == first.start && counts[end].service == first.service) {
    ++end;
  }
  return end;
}

}  // namespace

// As PostgreSQL computes it, operation by operation (orderedsetaggs.c, percentile_cont_final_common
// and float8_lerp).
double PercentileCont(std::span<const LatencyCount> counts, double share) {
  std::uint64_t records = 0;
  for (const LatencyCount& count : counts) records += count.records;
  const double row = share * static_cast<double>(records - 1);
  const double below = std::floor(row);
  const double above = std::ceil(row);
  std::uint64_t passed = 0;
  auto at = counts.begin();
  const auto latency_at = [&](double wanted) {
    while (passed + at->records <= static_cast<std::uint64_t>(wanted)) {
      passed += at->records;
      ++at;
    }
    return static_cast<double>(at->latency_ms);
  };
  const double low = latency_at(below);
  if (below == above) return low;
  const double high = latency_at(above);
  return low + (row - below) * (high - low);
}

void LatencySum::Add(const LatencyCount& count) {
  records += count.records;
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(count.records, static_cast<std::uint64_t>(count.latency_ms),
                             &product) ||
      __builtin_add_overflow(milliseconds, product, &milliseconds)) {
    milliseconds = std::numeric_limits<std::uint64_t>::max();
  }
}

LatencyCounts::LatencyCounts(std::int64_t start_unix_nanoseconds,
                             std::optional<sim::Duration> series)
    : start_unix_nanoseconds_(start_unix_nanoseconds),
      period_seconds_(series ? *series / sim::Seconds(1) : kHourSeconds),
      first_stage_(period_seconds_ == kHourSeconds ? Stage::kHour : Stage::kSeries),
      series_is_hours_(series.has_value() && period_seconds_ == kHourSeconds) {
  sim::Check(period_seconds_ > 0 && kHourSeconds % period_seconds_ == 0,
             "periods of a series divide an hour");
}

std::uint32_t LatencyCounts::FindKind(std::uint64_t key, const traces::Record& record) {
  const auto [found, is_new] = kind_of_.try_emplace(key, static_cast<std::uint32_t>(kinds_.size()));
  if (!is_new) return found->second;
  if (kinds_.size() == kKindsMax) {
    is_full_ = true;
    kind_of_.erase(found);
    return 0;
  }
  kinds_.push_back({.service = record.service,
                    .dependency = record.dependency,
                    .error_code = record.error_code,
                    .level = record.level});
  if (kinds_.size() <= kFrequentKinds) window_.resize(kinds_.size() * kShortLatencies);
  return found->second;
}

std::int64_t LatencyCounts::PeriodStart(std::int64_t unix_nanoseconds) const {
  return RoundDown(UnixSeconds(unix_nanoseconds), period_seconds_);
}

void LatencyCounts::MoveWindowTo(sim::VirtualTime time) {
  EmptyWindow();
  window_start_ = PeriodStart(text::UnixNanoseconds(start_unix_nanoseconds_, time));
  window_begin_shown_ = NanosecondsOf(window_start_);
  window_end_shown_ = NanosecondsOf(window_start_ + period_seconds_);
  std::int64_t end = 0;
  window_end_ = __builtin_sub_overflow(window_end_shown_, start_unix_nanoseconds_, &end)
                    ? sim::VirtualTime::Max()
                    : sim::VirtualTime(end);
}

void LatencyCounts::EmptyWindow() {
  for (const std::uint32_t index : touched_) {
    const auto kind = static_cast<std::uint32_t>(index / kShortLatencies);
    Keep({.start = window_start_,
          .latency_ms = static_cast<std::int64_t>(index % kShortLatencies),
          .records = window_[index],
          .kind = kind,
          .service = kinds_[kind].service,
          .stage = first_stage_});
    window_[index] = 0;
  }
  touched_.clear();
}

void LatencyCounts::AddElsewhere(const traces::Record& record, std::int64_t shown_unix_nanoseconds,
                                 std::uint32_t kind) {
  has_slow_clocks_ |= record.clock_skew < sim::Duration();
  Keep({.start = PeriodStart(shown_unix_nanoseconds),
        .latency_ms = record.duration.milliseconds(),
        .records = 1,
        .kind = kind,
        .service = record.service,
        .stage = first_stage_});
}

void LatencyCounts::Keep(const LatencyCount& count) {
  if (count.start < closed_before_) is_full_ = true;
  if (is_full_) return;
  if (counts_.size() == room_) MakeRoom();
  counts_.push_back(count);
}

// Closes what no record can reach any more. If that is not enough there is more room, up to the
// limit; and then, as long as no clock was slow, what only a slow clock can reach is closed, too.
void LatencyCounts::MakeRoom() {
  Merge();
  CloseBefore(window_start_ - traces::kClockSkewMax / sim::Seconds(1));
  if (counts_.size() <= room_ / 2) return;
  if (room_ < kCountsMax) {
    room_ *= 2;
    return;
  }
  if (!has_slow_clocks_) CloseBefore(window_start_);
  if (counts_.size() > kCountsMax / 4 * 3) is_full_ = true;
}

void LatencyCounts::Merge() {
  std::sort(counts_.begin(), counts_.end());
  std::size_t kept = 0;
  for (std::size_t i = 1; i < counts_.size(); ++i) {
    if (counts_[i] == counts_[kept]) {
      counts_[kept].records += counts_[i].records;
    } else {
      counts_[++kept] = counts_[i];
    }
  }
  if (!counts_.empty()) counts_.resize(kept + 1);
}

// Closes the periods that end by then. The counts are merged, before and after.
void LatencyCounts::CloseBefore(std::int64_t unix_seconds) {
  if (first_stage_ == Stage::kSeries) CloseStage(Stage::kSeries, unix_seconds, &series_);
  CloseStage(Stage::kHour, RoundDown(unix_seconds, kHourSeconds), &hours_);
  const std::int64_t limit =
      first_stage_ == Stage::kSeries ? unix_seconds : RoundDown(unix_seconds, kHourSeconds);
  closed_before_ = std::max(closed_before_, limit);
}

void LatencyCounts::CloseStage(Stage stage, std::int64_t unix_seconds,
                               std::vector<PeriodRow>* rows) {
  std::size_t begin = 0;
  while (begin < counts_.size() && counts_[begin].stage != stage) ++begin;
  while (begin < counts_.size() && counts_[begin].stage == stage &&
         counts_[begin].start < unix_seconds) {
    const std::size_t end = EndOfRun(counts_, begin);
    if (hours_.size() + series_.size() == kRowsMax) {
      is_full_ = true;
      break;
    }
    rows->push_back(RowOf(std::span(counts_).subspan(begin, end - begin)));
    for (; begin < end; ++begin) {
      LatencyCount& count = counts_[begin];
      count.stage = stage == Stage::kSeries ? Stage::kHour : Stage::kWhole;
      count.start = stage == Stage::kSeries ? RoundDown(count.start, kHourSeconds) : 0;
    }
  }
  Merge();
}

PeriodRow LatencyCounts::RowOf(std::span<const LatencyCount> counts) const {
  PeriodRow row = {.start = counts.front().start,
                   .service = counts.front().service,
                   .p95 = PercentileCont(counts, 0.95)};
  for (const LatencyCount& count : counts) {
    row.latency.Add(count);
    if (kinds_[count.kind].level == traces::Level::kError) row.errors += count.records;
  }
  return row;
}

void LatencyCounts::Finish() {
  EmptyWindow();
  Merge();
  CloseBefore(std::numeric_limits<std::int64_t>::max());
}

}  // namespace groundhog::analysis
