#include "model/scenario/units.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

#include "absl/time/civil_time.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

constexpr std::int64_t kNanosecondsMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNanosecondsADay = sim::Hours(24).nanoseconds();
constexpr std::size_t kNumberLengthMax = 40;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Larger first.
constexpr std::array<Unit, 7> kUnits = {{{"d", kNanosecondsADay},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"ns", 1}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

std::string_view TakeDigits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && IsDigit(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool TakeCharacter(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Exactly `count` digits.
std::optional<int> TakeFixed(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

// digits[.digits] x unit in whole nanoseconds, exactly.
std::optional<std::int64_t> ScaledDecimal(std::string_view whole, std::string_view fraction,
                                          std::int64_t unit) {
  __int128 total = 0;
  for (char c : whole) {
    total = total * 10 + (c - '0');
    if (total > kNanosecondsMax) return std::nullopt;
  }
  total *= unit;
  if (total > kNanosecondsMax) return std::nullopt;
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > 15) return std::nullopt;
  __int128 numerator = 0;
  __int128 denominator = 1;
  for (char c : fraction) {
    numerator = numerator * 10 + (c - '0');
    denominator *= 10;
  }
  numerator *= unit;
  if (numerator % denominator != 0) return std::nullopt;
  total += numerator / denominator;
  if (total > kNanosecondsMax) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

bool IsNumber(std::string_view text) {
  if (!TakeCharacter(text, '-')) TakeCharacter(text, '+');
  if (TakeDigits(text).empty()) return false;
  if (TakeCharacter(text, '.') && TakeDigits(text).empty()) return false;
  if (TakeCharacter(text, 'e') || TakeCharacter(text, 'E')) {
    if (!TakeCharacter(text, '-')) TakeCharacter(text, '+');
    if (TakeDigits(text).empty()) return false;
  }
  return text.empty();
}

// Z, or +hh:mm or -hh:mm, as seconds east of UTC.
std::optional<int> TakeZone(std::string_view& text) {
  if (TakeCharacter(text, 'Z')) return 0;
  const bool is_east = TakeCharacter(text, '+');
  if (!is_east && !TakeCharacter(text, '-')) return std::nullopt;
  const std::optional<int> hours = TakeFixed(text, 2);
  if (!hours || !TakeCharacter(text, ':')) return std::nullopt;
  const std::optional<int> minutes = TakeFixed(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int seconds = *hours * 3600 + *minutes * 60;
  return is_east ? seconds : -seconds;
}

// HH:MM[:SS] as seconds since midnight.
std::optional<int> TakeClock(std::string_view& text, bool needs_seconds) {
  const std::optional<int> hour = TakeFixed(text, 2);
  if (!hour || !TakeCharacter(text, ':')) return std::nullopt;
  const std::optional<int> minute = TakeFixed(text, 2);
  if (!minute) return std::nullopt;
  int second = 0;
  if (needs_seconds || (!text.empty() && text.front() == ':')) {
    if (!TakeCharacter(text, ':')) return std::nullopt;
    const std::optional<int> given = TakeFixed(text, 2);
    if (!given) return std::nullopt;
    second = *given;
  }
  if (*hour > 23 || *minute > 59 || second > 59) return std::nullopt;
  return *hour * 3600 + *minute * 60 + second;
}

std::string Padded(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace

std::optional<std::uint64_t> ParseWhole(std::string_view text) {
  if (text.empty() || text.size() > kNumberLengthMax) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseNumber(std::string_view text) {
  if (text.size() > kNumberLengthMax || !IsNumber(text)) return std::nullopt;
  TakeCharacter(text, '+');
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<sim::Duration> ParseDuration(std::string_view text) {
  if (text.empty() || text.size() > kNumberLengthMax) return std::nullopt;
  std::int64_t total = 0;
  std::size_t next_unit = 0;  // units before it have been used, or passed over
  while (!text.empty()) {
    const std::string_view whole = TakeDigits(text);
    if (whole.empty()) return std::nullopt;
    std::string_view fraction;
    if (TakeCharacter(text, '.')) {
      fraction = TakeDigits(text);
      if (fraction.empty()) return std::nullopt;
    }
    std::size_t length = 0;
    while (length < text.size() && IsLetter(text[length])) ++length;
    const std::string_view name = text.substr(0, length);
    text.remove_prefix(length);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    const auto part = ScaledDecimal(whole, fraction, kUnits[next_unit].nanoseconds);
    if (!part || *part > kNanosecondsMax - total) return std::nullopt;
    total += *part;
    ++next_unit;
  }
  return sim::Duration(total);
}

std::optional<double> ParseRate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<double> count = ParseNumber(text.substr(0, slash));
  if (!count || *count < 0) return std::nullopt;
  const std::string_view unit = text.substr(slash + 1);
  if (unit == "s") return *count;
  if (unit == "m") return *count / 60;
  if (unit == "h") return *count / 3600;
  if (unit == "d") return *count / 86400;
  return std::nullopt;
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  const std::optional<int> year = TakeFixed(text, 4);
  if (!year || !TakeCharacter(text, '-')) return std::nullopt;
  const std::optional<int> month = TakeFixed(text, 2);
  if (!month || !TakeCharacter(text, '-')) return std::nullopt;
  const std::optional<int> day = TakeFixed(text, 2);
  if (!day || !TakeCharacter(text, 'T')) return std::nullopt;
  const std::optional<int> seconds = TakeClock(text, /*needs_seconds=*/true);
  if (!seconds) return std::nullopt;
  std::int64_t fraction_nanoseconds = 0;
  if (TakeCharacter(text, '.')) {
    const std::string_view fraction = TakeDigits(text);
    if (fraction.empty() || fraction.size() > 9) return std::nullopt;
    fraction_nanoseconds = *ScaledDecimal("0", fraction, 1'000'000'000);
  }
  const std::optional<int> zone = TakeZone(text);
  if (!zone || !text.empty()) return std::nullopt;
  if (*year < kFirstYear || *year > kLastYear) return std::nullopt;
  const absl::CivilDay civil(*year, *month, *day);  // normalises 31 February, which is refused
  if (civil.month() != *month || civil.day() != *day) return std::nullopt;
  const std::int64_t days = civil - absl::CivilDay(1970, 1, 1);
  const std::int64_t unix_seconds = days * 86400 + *seconds - *zone;
  if (unix_seconds < 0) return std::nullopt;
  return unix_seconds * 1'000'000'000 + fraction_nanoseconds;
}

std::optional<sim::Duration> ParseTimeOfDay(std::string_view text) {
  const std::optional<int> seconds = TakeClock(text, /*needs_seconds=*/false);
  if (!seconds || !text.empty()) return std::nullopt;
  return sim::Seconds(*seconds);
}

std::string FormatTimeOfDay(sim::Duration since_midnight) {
  const std::int64_t seconds = since_midnight / sim::Seconds(1);
  std::string text = Concat({Padded(seconds / 3'600, 2), ":", Padded(seconds / 60 % 60, 2)});
  if (seconds % 60 != 0) text += Concat({":", Padded(seconds % 60, 2)});
  return text;
}

std::string FormatDuration(sim::Duration duration) {
  constexpr std::int64_t kMinute = sim::Minutes(1).nanoseconds();
  std::int64_t rest = duration.nanoseconds();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    // 24h reads better than 1d, and 1500ms better than 1s500ms.
    if (unit.name == "d" && rest < 2 * kNanosecondsADay) continue;
    const bool takes_part = unit.nanoseconds >= kMinute || !text.empty();
    if (rest < unit.nanoseconds || (!takes_part && rest % unit.nanoseconds != 0)) continue;
    text += Concat({std::to_string(rest / unit.nanoseconds), unit.name});
    rest %= unit.nanoseconds;
    if (rest == 0) break;
  }
  return text;
}

std::string FormatNumber(double number) {
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return std::string(buffer.data(), end);
}

std::string FormatRate(double rate_per_second) {
  return Concat({FormatNumber(rate_per_second), "/s"});
}

std::string FormatTimestamp(std::int64_t unix_nanoseconds) {
  std::int64_t seconds = unix_nanoseconds / 1'000'000'000;
  std::int64_t fraction = unix_nanoseconds % 1'000'000'000;
  if (fraction < 0) {
    fraction += 1'000'000'000;
    --seconds;
  }
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + seconds;
  std::string text = Concat({Padded(civil.year(), 4), "-", Padded(civil.month(), 2), "-",
                             Padded(civil.day(), 2), "T", Padded(civil.hour(), 2), ":",
                             Padded(civil.minute(), 2), ":", Padded(civil.second(), 2)});
  if (fraction != 0) {
    std::string digits = Padded(fraction, 9);
    while (digits.back() == '0') digits.pop_back();
    text += Concat({".", digits});
  }
  text += "Z";
  return text;
}

sim::Duration TimeOfDay(std::int64_t unix_nanoseconds) {
  const std::int64_t rest = unix_nanoseconds % kNanosecondsADay;
  return sim::Duration(rest < 0 ? rest + kNanosecondsADay : rest);
}

}  // namespace groundhog::model
