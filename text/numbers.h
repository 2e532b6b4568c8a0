// Numbers and rates as people write and read them, by rules of our own: no locale, no infinities,
// no octal, no base 60. What Format* writes, Parse* reads back to the same value.
//
// Pure functions; safe to use from any thread. nullopt: not written so, or not representable.
#ifndef GROUNDHOG_TEXT_NUMBERS_H_
#define GROUNDHOG_TEXT_NUMBERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace groundhog::text {

// Digits only, no sign, 0 to 2^64 - 1; at most 40 characters.
std::optional<std::uint64_t> ParseWhole(std::string_view text);

// Decimal with an optional sign, fraction and exponent: 3, -0.25, 1e-3. At most 40 characters.
std::optional<double> ParseNumber(std::string_view text);

// A decimal per unit of time, 0.3/s, 18/m, 1000/h, 50/d, as events per second. Not negative.
std::optional<double> ParseRate(std::string_view text);

// The shortest decimal that reads back to the same double; `number` is finite.
std::string FormatNumber(double number);

// With at most `digits_max` significant digits, 17 at most: with 6, "0.333333", "1440", "1.5e+06".
std::string FormatRounded(double number, int digits_max);

// Per second: "0.3/s".
std::string FormatRate(double rate_per_second);

// 1234567 as "1,234,567".
std::string WithCommas(std::uint64_t number);

// `number` / 10^decimals with all its decimals: 1500000 with 6 is "1.500000".
std::string FixedPoint(std::int64_t number, int decimals);

// A share that is not negative, in percent: 0.314 with 1 decimal is "31.4 %", with none "31 %".
std::string FormatPercent(double share, int decimals);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_NUMBERS_H_
