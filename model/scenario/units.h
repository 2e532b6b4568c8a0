// How a scenario writes numbers, durations, rates and times, read and written by rules of its own:
// no locale, no infinities, no octal, no base 60. What Format* writes, Parse* reads back to the
// same value.
//
// Pure functions; safe to use from any thread. nullopt: not written so, or not representable.
#ifndef GROUNDHOG_MODEL_SCENARIO_UNITS_H_
#define GROUNDHOG_MODEL_SCENARIO_UNITS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/time.h"

namespace groundhog::model {

// Digits only, no sign, 0 to 2^64 - 1.
std::optional<std::uint64_t> ParseWhole(std::string_view text);

// Decimal with an optional sign, fraction and exponent: 3, -0.25, 1e-3. At most 40 characters.
std::optional<double> ParseNumber(std::string_view text);

// One or more non-negative decimals with the units ns us ms s m h d, larger units first:
// 500us, 1.5s, 2h30m. Exact: a value that is no whole number of nanoseconds is refused, as is one
// above 292 years.
std::optional<sim::Duration> ParseDuration(std::string_view text);

// A decimal per unit of time, 0.3/s, 18/m, 1000/h, 50/d, as events per second. Not negative.
std::optional<double> ParseRate(std::string_view text);

// RFC 3339 with a zone, 2025-01-06T00:00:00Z, from year 1970 to 2199, at most nine digits of a
// fraction, as nanoseconds since 1970 in UTC. No leap seconds.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);

// HH:MM or HH:MM:SS in UTC, as the time since midnight, below 24 h.
std::optional<sim::Duration> ParseTimeOfDay(std::string_view text);

// The reverse, of whole seconds below a day: "14:30", "14:30:05".
std::string FormatTimeOfDay(sim::Duration since_midnight);

// Below a minute the largest unit that gives a whole number, 1500ms; above, the parts: 14h5m,
// 1m30s, and from two days on 7d.
std::string FormatDuration(sim::Duration duration);
// The shortest decimal that reads back to the same double; `number` is finite.
std::string FormatNumber(double number);
// Per second.
std::string FormatRate(double rate_per_second);
// RFC 3339 in UTC; fractions only where there are any.
std::string FormatTimestamp(std::int64_t unix_nanoseconds);

// Time since the last midnight in UTC.
sim::Duration TimeOfDay(std::int64_t unix_nanoseconds);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_UNITS_H_
