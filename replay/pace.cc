#include "replay/pace.h"

#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace groundhog::replay {
namespace {

constexpr std::size_t kDigitsMax = 9;

// The units of a rate, in seconds.
constexpr std::pair<std::int64_t, std::string_view> kRateUnits[] = {
    {1, "s"}, {60, "m"}, {3'600, "h"}};

// One to nine digits.
std::optional<std::int64_t> ParseDigits(std::string_view text) {
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "60", "0.37" or ".5"; positive.
std::optional<Ratio> ParseDecimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole_text = text.substr(0, point);
  std::optional<std::int64_t> whole = ParseDigits(whole_text);
  if (point == std::string_view::npos) {
    if (!whole || *whole == 0) return std::nullopt;
    return Ratio(*whole, 1);
  }
  if (whole_text.empty()) whole = 0;
  const std::string_view fraction_text = text.substr(point + 1);
  const std::optional<std::int64_t> fraction = ParseDigits(fraction_text);
  if (!whole || !fraction) return std::nullopt;
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < fraction_text.size(); ++i) scale *= 10;
  const std::int64_t numerator = *whole * scale + *fraction;
  if (numerator == 0) return std::nullopt;
  return Ratio(numerator, scale);
}

// A decimal, or "7/3".
std::optional<Ratio> ParseRatio(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return ParseDecimal(text);
  const std::optional<std::int64_t> numerator = ParseDigits(text.substr(0, slash));
  const std::optional<std::int64_t> denominator = ParseDigits(text.substr(slash + 1));
  if (!numerator || !denominator || *numerator == 0 || *denominator == 0) return std::nullopt;
  return Ratio(*numerator, *denominator);
}

// "60" or "0.37"; nullopt where no nine digits behind the point are exact.
std::optional<std::string> DecimalText(const Ratio& ratio) {
  const std::int64_t whole = ratio.numerator() / ratio.denominator();
  const std::int64_t rest = ratio.numerator() % ratio.denominator();
  if (rest == 0) return absl::StrCat(whole);
  std::int64_t scale = 1;
  for (std::size_t digits = 1; digits <= kDigitsMax; ++digits) {
    scale *= 10;
    if (scale % ratio.denominator() != 0) continue;
    return absl::StrFormat("%d.%0*d", whole, static_cast<int>(digits),
                           rest * (scale / ratio.denominator()));
  }
  return std::nullopt;
}

}  // namespace

double Ratio::ToDouble() const {
  return static_cast<double>(numerator_) / static_cast<double>(denominator_);
}

absl::StatusOr<Pace> ParseSpeed(std::string_view text) {
  if (text == "max") return Pace{.kind = PaceKind::kMax};
  if (text.ends_with('x')) {
    const std::optional<Ratio> ratio = ParseRatio(text.substr(0, text.size() - 1));
    if (ratio) return Pace{.kind = PaceKind::kSpeed, .ratio = *ratio};
  }
  return absl::InvalidArgumentError("not a speed; write one like 1x, 60x, 0.5x, 7/3x or max");
}

std::string PaceText(const Pace& pace) {
  const std::int64_t numerator = pace.ratio.numerator(), denominator = pace.ratio.denominator();
  switch (pace.kind) {
    case PaceKind::kSpeed:
      if (const auto decimal = DecimalText(pace.ratio)) return absl::StrCat(*decimal, "x");
      return absl::StrCat(numerator, "/", denominator, "x");
    case PaceKind::kRate:
      for (const auto& [seconds, unit] : kRateUnits) {
        // In lowest terms, and no larger than what was read.
        const std::int64_t common = std::gcd(seconds, denominator);
        const auto decimal =
            DecimalText(Ratio(numerator * (seconds / common), denominator / common));
        if (decimal) return absl::StrCat(*decimal, "/", std::string(unit));
      }
      break;
    case PaceKind::kMax:
      break;
  }
  return pace.kind == PaceKind::kMax ? "max" : absl::StrCat(numerator, "/", denominator, "/s");
}

absl::StatusOr<Ratio> ParseRecordRate(std::string_view text) {
  if (text.size() >= 2 && text[text.size() - 2] == '/') {
    const std::optional<Ratio> count = ParseDecimal(text.substr(0, text.size() - 2));
    for (const auto& [seconds, unit] : kRateUnits) {
      if (!count || !text.ends_with(unit)) continue;
      return Ratio(count->numerator(), count->denominator() * seconds);
    }
  }
  return absl::InvalidArgumentError("not a rate; write one like 1000/s, 0.5/s, 30/m or 1000/h");
}

}  // namespace groundhog::replay
