#include "text/numbers.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "text/concat.h"

namespace groundhog::text {
namespace {

constexpr std::size_t kNumberLengthMax = 40;

std::string_view TakeDigits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool TakeCharacter(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
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

std::string FormatNumber(double number) {
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return std::string(buffer.data(), end);
}

std::string FormatRounded(double number, int digits_max) {
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                          std::chars_format::general, digits_max);
  return std::string(buffer.data(), end);
}

std::string FormatRate(double rate_per_second) {
  return Concat({FormatNumber(rate_per_second), "/s"});
}

std::string WithCommas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string FixedPoint(std::int64_t number, int decimals) {
  const auto places = static_cast<std::size_t>(decimals);
  std::string digits = std::to_string(number);
  const std::string sign = digits.front() == '-' ? "-" : "";
  digits.erase(0, sign.size());
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return sign + digits;
}

std::string FormatPercent(double share, int decimals) {
  double scale = 100;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  return FixedPoint(static_cast<std::int64_t>(share * scale + 0.5), decimals) + " %";
}

}  // namespace groundhog::text
