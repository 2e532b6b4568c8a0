#include "text/time_text.h"

#include <array>
#include <cstdio>
#include <limits>
#include <numeric>
#include <optional>

#include "text/concat.h"

namespace groundhog::text {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMinute = 60 * kNanosecondsPerSecond;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// From the largest down. "ms" is looked for before "m" and "s".
constexpr std::array<Unit, 7> kUnits = {{
    {"d", kSecondsPerDay* kNanosecondsPerSecond},
    {"h", 3'600 * kNanosecondsPerSecond},
    {"m", 60 * kNanosecondsPerSecond},
    {"s", kNanosecondsPerSecond},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

absl::Status BadDuration() {
  return absl::InvalidArgumentError("not a duration; write one like 250ms, 1.5s, 2h30m or 24h");
}

absl::Status DurationTooLong() {
  return absl::InvalidArgumentError("a duration longer than 292 years");
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// 0.DIGITS units in nanoseconds; nullopt when that is not whole.
std::optional<std::int64_t> FractionOf(std::string_view digits, std::int64_t unit_nanoseconds) {
  while (digits.ends_with('0')) digits.remove_suffix(1);
  // 2^16 is the highest power of 2 or 5 in a unit: more digits never come out whole, and 18 fit.
  if (digits.size() > 18) return std::nullopt;
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  for (const char digit : digits) {
    numerator = numerator * 10 + (digit - '0');
    denominator *= 10;
  }
  const std::int64_t common = std::gcd(denominator, unit_nanoseconds);
  denominator /= common;
  if (numerator % denominator != 0) return std::nullopt;
  return numerator / denominator * (unit_nanoseconds / common);
}

// One NUMBER UNIT at the front of `text`, which is shortened by it.
struct Part {
  std::int64_t nanoseconds;
  std::size_t unit_index;
};

absl::StatusOr<Part> TakePart(std::string_view* text) {
  std::size_t end = 0;
  std::int64_t whole = 0;
  while (end < text->size() && IsDigit((*text)[end])) {
    if (__builtin_mul_overflow(whole, std::int64_t{10}, &whole) ||
        __builtin_add_overflow(whole, std::int64_t{(*text)[end] - '0'}, &whole)) {
      return DurationTooLong();
    }
    ++end;
  }
  if (end == 0) return BadDuration();
  std::string_view fraction;
  if (end < text->size() && (*text)[end] == '.') {
    const std::size_t begin = ++end;
    while (end < text->size() && IsDigit((*text)[end])) ++end;
    fraction = text->substr(begin, end - begin);
    if (fraction.empty()) return BadDuration();
  }
  const std::size_t unit_begin = end;
  while (end < text->size() && !IsDigit((*text)[end])) ++end;
  const std::string_view name = text->substr(unit_begin, end - unit_begin);
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (kUnits[i].name != name) continue;
    Part part{.nanoseconds = 0, .unit_index = i};
    if (__builtin_mul_overflow(whole, kUnits[i].nanoseconds, &part.nanoseconds)) {
      return DurationTooLong();
    }
    const std::optional<std::int64_t> part_of_unit = FractionOf(fraction, kUnits[i].nanoseconds);
    if (!part_of_unit) return absl::InvalidArgumentError("a duration finer than a nanosecond");
    if (__builtin_add_overflow(part.nanoseconds, *part_of_unit, &part.nanoseconds)) {
      return DurationTooLong();
    }
    text->remove_prefix(end);
    return part;
  }
  return BadDuration();
}

bool IsLeap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysInMonth(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Exactly `count` digits at `*at`, which moves past them.
std::optional<int> TakeDigits(std::string_view text, std::size_t* at, std::size_t count) {
  if (*at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[(*at)++];
    if (!IsDigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool TakeChar(std::string_view text, std::size_t* at, char wanted) {
  if (*at >= text.size()) return false;
  char c = text[*at];
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c != wanted) return false;
  ++*at;
  return true;
}

absl::Status BadTime() {
  return absl::InvalidArgumentError("not a time; write one like 2025-01-06T14:03:27Z");
}

absl::Status BadTimeArgument() {
  return absl::InvalidArgumentError(
      "not a time; write an offset from the start like 2h30m, or a date like "
      "2025-01-06T14:03:27Z");
}

// The fraction after the seconds, if any, in nanoseconds.
std::optional<int> TakeFraction(std::string_view text, std::size_t* at) {
  if (*at >= text.size() || text[*at] != '.') return 0;
  ++*at;
  int value = 0;
  int digits = 0;
  while (*at < text.size() && IsDigit(text[*at])) {
    if (++digits > 9) return std::nullopt;
    value = value * 10 + (text[(*at)++] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

// Z or +HH:MM or -HH:MM, in seconds east of UTC.
std::optional<int> TakeZone(std::string_view text, std::size_t* at) {
  if (TakeChar(text, at, 'Z')) return 0;
  const bool is_east = TakeChar(text, at, '+');
  if (!is_east && !TakeChar(text, at, '-')) return std::nullopt;
  const std::optional<int> hours = TakeDigits(text, at, 2);
  if (!hours || *hours > 23 || !TakeChar(text, at, ':')) return std::nullopt;
  const std::optional<int> minutes = TakeDigits(text, at, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const int seconds = (*hours * 60 + *minutes) * 60;
  return is_east ? seconds : -seconds;
}

std::string TwoDigits(std::int64_t number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

absl::StatusOr<sim::Duration> ParseDuration(std::string_view text) {
  if (text == "0") return sim::Duration(0);
  if (text.empty()) return BadDuration();
  std::int64_t total = 0;
  std::optional<std::size_t> unit_before;
  while (!text.empty()) {
    const absl::StatusOr<Part> part = TakePart(&text);
    if (!part.ok()) return part.status();
    if (unit_before && part->unit_index <= *unit_before) return BadDuration();
    unit_before = part->unit_index;
    if (__builtin_add_overflow(total, part->nanoseconds, &total)) return DurationTooLong();
  }
  return sim::Duration(total);
}

std::string FormatDuration(sim::Duration duration) {
  if (duration == sim::Duration::Max()) return "forever";
  if (duration == sim::Duration()) return "0s";
  std::int64_t rest = duration.nanoseconds();
  const std::string sign = rest < 0 ? "-" : "";
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::int64_t quotient = rest / unit.nanoseconds;
    const std::uint64_t count =
        quotient < 0 ? -static_cast<std::uint64_t>(quotient) : static_cast<std::uint64_t>(quotient);
    // 24h reads better than 1d, and 1500ms better than 1s500ms.
    if (count == 0 || (unit.name == "d" && count == 1)) continue;
    const bool is_part = unit.nanoseconds >= kMinute || !text.empty();
    if (!is_part && rest % unit.nanoseconds != 0) continue;
    text += Concat({std::to_string(count), unit.name});
    rest %= unit.nanoseconds;
  }
  return sign + text;
}

absl::StatusOr<std::int64_t> ParseRfc3339(std::string_view text) {
  std::size_t at = 0;
  const std::optional<int> year = TakeDigits(text, &at, 4);
  if (!year || !TakeChar(text, &at, '-')) return BadTime();
  const std::optional<int> month = TakeDigits(text, &at, 2);
  if (!month || !TakeChar(text, &at, '-')) return BadTime();
  const std::optional<int> day = TakeDigits(text, &at, 2);
  if (!day || !(TakeChar(text, &at, 'T') || TakeChar(text, &at, ' '))) return BadTime();
  const std::optional<int> hour = TakeDigits(text, &at, 2);
  if (!hour || !TakeChar(text, &at, ':')) return BadTime();
  const std::optional<int> minute = TakeDigits(text, &at, 2);
  if (!minute || !TakeChar(text, &at, ':')) return BadTime();
  const std::optional<int> second = TakeDigits(text, &at, 2);
  if (!second) return BadTime();
  const std::optional<int> fraction = TakeFraction(text, &at);
  if (!fraction) return BadTime();
  const std::optional<int> zone = TakeZone(text, &at);
  if (!zone || at != text.size()) return BadTime();
  if (*year < 1970 || *year > 2261) {
    return absl::InvalidArgumentError("a time outside the years 1970 to 2261");
  }
  if (*month < 1 || *month > 12 || *day < 1 || *day > DaysInMonth(*year, *month) || *hour > 23 ||
      *minute > 59 || *second > 59) {
    return absl::InvalidArgumentError("no such date or time of day");
  }
  const std::int64_t days = DaysFromCivil({.year = *year, .month = *month, .day = *day});
  const std::int64_t seconds =
      days * kSecondsPerDay + *hour * 3'600 + *minute * 60 + *second - *zone;
  return seconds * kNanosecondsPerSecond + *fraction;
}

std::string FormatRfc3339Nanoseconds(std::int64_t unix_nanoseconds) {
  std::int64_t seconds = unix_nanoseconds / kNanosecondsPerSecond;
  std::int64_t fraction = unix_nanoseconds % kNanosecondsPerSecond;
  if (fraction < 0) {
    fraction += kNanosecondsPerSecond;
    --seconds;
  }
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t of_day = seconds % kSecondsPerDay;
  if (of_day < 0) {
    of_day += kSecondsPerDay;
    --days;
  }
  const CivilDate date = CivilFromDays(days);
  std::array<char, 64> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", static_cast<int>(date.year),
      date.month, date.day, static_cast<int>(of_day / 3'600), static_cast<int>(of_day / 60 % 60),
      static_cast<int>(of_day % 60), static_cast<int>(fraction));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string FormatRfc3339(std::int64_t unix_nanoseconds) {
  std::string text = FormatRfc3339Nanoseconds(unix_nanoseconds);
  text.pop_back();
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + "Z";
}

absl::StatusOr<sim::VirtualTime> ParseTimeArgument(std::string_view text,
                                                   std::int64_t start_unix_nanoseconds) {
  if (text.find('-') == std::string_view::npos && text.find(':') == std::string_view::npos) {
    const absl::StatusOr<sim::Duration> offset = ParseDuration(text);
    if (offset.ok()) return sim::VirtualTime(*offset);
    return BadTimeArgument();
  }
  if (text.find('-') == std::string_view::npos) return BadTimeArgument();  // 14:05, of which day?
  const absl::StatusOr<std::int64_t> time = ParseRfc3339(text);
  if (!time.ok()) return time.status();
  std::int64_t offset = 0;
  if (__builtin_sub_overflow(*time, start_unix_nanoseconds, &offset)) {
    return absl::InvalidArgumentError("a time too far from the trace's start");
  }
  return sim::VirtualTime(offset);
}

absl::StatusOr<sim::Duration> ParseTimeOfDay(std::string_view text) {
  std::size_t at = 0;
  const auto take = [&](int bound) -> std::optional<int> {
    const std::optional<int> value = TakeDigits(text, &at, 2);
    return value && *value < bound ? value : std::nullopt;
  };
  const auto take_colon = [&] { return at < text.size() && text[at++] == ':'; };
  const std::optional<int> hours = take(24);
  const std::optional<int> minutes = take_colon() ? take(60) : std::nullopt;
  std::optional<int> seconds = 0;
  if (at < text.size()) seconds = take_colon() ? take(60) : std::nullopt;
  if (!hours || !minutes || !seconds || at != text.size()) {
    return absl::InvalidArgumentError("not a time of day; write one like 14:05 or 14:05:30");
  }
  return sim::Hours(*hours) + sim::Minutes(*minutes) + sim::Seconds(*seconds);
}

std::string FormatTimeOfDay(sim::Duration since_midnight) {
  const std::int64_t seconds = since_midnight / sim::Seconds(1);
  const std::string text = TwoDigits(seconds / 3'600) + ":" + TwoDigits(seconds / 60 % 60);
  return seconds % 60 == 0 ? text : text + ":" + TwoDigits(seconds % 60);
}

sim::Duration TimeOfDay(std::int64_t unix_nanoseconds) {
  constexpr std::int64_t kDay = kSecondsPerDay * kNanosecondsPerSecond;
  const std::int64_t rest = unix_nanoseconds % kDay;
  return sim::Duration(rest < 0 ? rest + kDay : rest);
}

CivilDate CivilFromDays(std::int64_t days_since_1970) {
  const std::int64_t z = days_since_1970 + 719'468;  // days since 0000-03-01
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;  // from March
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0), .month = month, .day = day};
}

std::int64_t DaysFromCivil(const CivilDate& date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t shifted_month = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

}  // namespace groundhog::text
