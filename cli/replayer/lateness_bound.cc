#include "cli/replayer/lateness_bound.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

constexpr std::pair<std::string_view, LatenessBound::Figure> kFigures[] = {
    {"p50", LatenessBound::Figure::kP50},
    {"p99", LatenessBound::Figure::kP99},
    {"max", LatenessBound::Figure::kMax}};

std::string NameOf(LatenessBound::Figure figure) {
  for (const auto& [name, value] : kFigures) {
    if (value == figure) return std::string(name);
  }
  return "";
}

std::chrono::nanoseconds Of(const replay::Percentiles& lateness, LatenessBound::Figure figure) {
  switch (figure) {
    case LatenessBound::Figure::kP50:
      return lateness.p50;
    case LatenessBound::Figure::kP99:
      return lateness.p99;
    case LatenessBound::Figure::kMax:
      break;
  }
  return lateness.max;
}

}  // namespace

absl::StatusOr<LatenessBound> ParseLatenessBound(std::string_view text) {
  const std::size_t equals = text.find('=');
  for (const auto& [name, figure] : kFigures) {
    if (equals == std::string_view::npos || text.substr(0, equals) != name) continue;
    const absl::StatusOr<sim::Duration> most = text::ParseDuration(text.substr(equals + 1));
    if (!most.ok()) return most.status();
    return LatenessBound{.figure = figure, .most = std::chrono::nanoseconds(most->nanoseconds())};
  }
  return absl::InvalidArgumentError("not a bound; write one like p99=5ms, p50=1ms or max=2s");
}

std::vector<std::string> BrokenBounds(const std::vector<LatenessBound>& bounds,
                                      const std::optional<replay::Percentiles>& lateness) {
  std::vector<std::string> broken;
  if (!lateness) return broken;
  for (const LatenessBound& bound : bounds) {
    const std::chrono::nanoseconds value = Of(*lateness, bound.figure);
    if (value <= bound.most) continue;
    broken.push_back(absl::StrFormat("too late: %s of the lateness is %.3f ms, more than %s",
                                     NameOf(bound.figure), static_cast<double>(value.count()) / 1e6,
                                     text::FormatDuration(bound.most)));
  }
  return broken;
}

}  // namespace groundhog::cli
