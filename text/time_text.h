// Times and durations as people write them: RFC 3339 dates and lengths such as 2h30m. One parser
// and one formatter for scenarios, flags and reports. Pure functions; no locale, no time zone
// database.
#ifndef GROUNDHOG_TEXT_TIME_TEXT_H_
#define GROUNDHOG_TEXT_TIME_TEXT_H_

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/time.h"

namespace groundhog::text {

// A duration: one or more of NUMBER UNIT without spaces, units ns us ms s m h d, each at most once
// and from the largest down; a number may have a fraction that is whole nanoseconds ("1.5s"). "0"
// alone is zero. At most 292 years. InvalidArgument says what is wrong, without the text itself.
absl::StatusOr<sim::Duration> ParseDuration(std::string_view text);

// Text that ParseDuration reads back to the same duration. Below a minute the largest unit that
// gives a whole number: "0s", "250ms", "1500ms"; above, the parts: "1m30s", "24h", and from two
// days on "7d". The longest duration is "forever", which only a scenario's `duration` takes, and a
// negative one has a sign, which nothing takes.
std::string FormatDuration(sim::Duration duration);

// The same for a span of real time.
inline std::string FormatDuration(std::chrono::nanoseconds duration) {
  return FormatDuration(sim::Nanoseconds(duration.count()));
}

// An RFC 3339 time with seconds, an optional fraction of up to nine digits, and Z or a numeric
// offset; years 1970 to 2261. Nanoseconds since 1970-01-01T00:00:00Z.
absl::StatusOr<std::int64_t> ParseRfc3339(std::string_view text);

// "2025-01-06T14:03:27.918000000Z".
std::string FormatRfc3339Nanoseconds(std::int64_t unix_nanoseconds);

// The same with no more of the fraction than there is: "2025-01-06T14:03:27Z",
// "2025-01-06T14:03:27.918Z".
std::string FormatRfc3339(std::int64_t unix_nanoseconds);

// A time argument of a command (--from, --until): RFC 3339, or an offset from the scenario's start
// such as "2h30m". `start_unix_nanoseconds` is the trace's. A time before the start is negative.
absl::StatusOr<sim::VirtualTime> ParseTimeArgument(std::string_view text,
                                                   std::int64_t start_unix_nanoseconds);

// A time of day, "14:05" or "14:05:30": how long after midnight.
absl::StatusOr<sim::Duration> ParseTimeOfDay(std::string_view text);

// The reverse, of whole seconds below a day: "14:05", "14:05:30".
std::string FormatTimeOfDay(sim::Duration since_midnight);

// Time since the last midnight in UTC.
sim::Duration TimeOfDay(std::int64_t unix_nanoseconds);

// Nanoseconds since 1970 of a virtual time; saturates at the ends of the range.
constexpr std::int64_t UnixNanoseconds(std::int64_t start_unix_nanoseconds, sim::VirtualTime time) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(start_unix_nanoseconds, time.nanoseconds(), &sum)) return sum;
  return time.nanoseconds() < 0 ? std::numeric_limits<std::int64_t>::min()
                                : std::numeric_limits<std::int64_t>::max();
}

// Whole milliseconds since 1970, rounded down: what `timestamp` shows.
constexpr std::int64_t UnixMilliseconds(std::int64_t start_unix_nanoseconds,
                                        sim::VirtualTime time) {
  const std::int64_t nanoseconds = UnixNanoseconds(start_unix_nanoseconds, time);
  const std::int64_t quotient = nanoseconds / 1'000'000;
  return quotient - (nanoseconds % 1'000'000 < 0 ? 1 : 0);
}

// What a clock that is off by `skew` shows at `time`; saturates at the ends of the range.
constexpr sim::VirtualTime TimeOnClock(sim::VirtualTime time, sim::Duration skew) {
  return sim::VirtualTime(UnixNanoseconds(skew.nanoseconds(), time));
}

// A date of the proleptic Gregorian calendar, UTC.
struct CivilDate {
  std::int64_t year = 1970;
  int month = 1;  // from 1
  int day = 1;    // from 1
};

// Both by Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
CivilDate CivilFromDays(std::int64_t days_since_1970);
std::int64_t DaysFromCivil(const CivilDate& date);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_TIME_TEXT_H_
