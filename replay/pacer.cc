#include "replay/pacer.h"

#include <limits>

namespace groundhog::replay {
namespace {

__extension__ typedef __int128 Wide;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::chrono::nanoseconds kCatchUpMax = std::chrono::milliseconds(10);

// Towards positive infinity; `divisor` is positive.
Wide DivideRoundingUp(Wide value, Wide divisor) {
  return value / divisor + (value % divisor > 0 ? 1 : 0);
}

Wide DivideRoundingDown(Wide value, Wide divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

std::int64_t Bounded(Wide value) {
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  constexpr Wide kMin = std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value > kMax ? kMax : value < kMin ? kMin : value);
}

SteadyTime Add(SteadyTime anchor, Wide nanoseconds) {
  return SteadyTime(
      std::chrono::nanoseconds(Bounded(Wide{anchor.time_since_epoch().count()} + nanoseconds)));
}

// `count` records at `rate` records a second, in nanoseconds. Whole seconds and the rest are
// computed apart, as their product need not fit.
Wide NanosecondsOf(std::uint64_t count, const Ratio& rate) {
  const Wide scaled = Wide{count} * rate.denominator();
  const Wide seconds = scaled / rate.numerator();
  constexpr Wide kSecondsMax = std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond;
  if (seconds > kSecondsMax) return Wide{std::numeric_limits<std::int64_t>::max()} * 2;
  const Wide rest = scaled % rate.numerator();
  return seconds * kNanosecondsPerSecond +
         DivideRoundingUp(rest * kNanosecondsPerSecond, rate.numerator());
}

}  // namespace

std::optional<SteadyTime> Pacer::DeadlineOf(sim::VirtualTime time, std::uint64_t number) const {
  switch (pace_.kind) {
    case PaceKind::kSpeed: {
      const Wide virtual_span = Wide{time.nanoseconds()} - t0_.nanoseconds();
      return Add(anchor_, DivideRoundingUp(virtual_span * pace_.ratio.denominator(),
                                           pace_.ratio.numerator()));
    }
    case PaceKind::kRate:
      return Add(anchor_, NanosecondsOf(number - first_number_, pace_.ratio));
    case PaceKind::kMax:
      break;
  }
  return std::nullopt;
}

std::optional<sim::VirtualTime> Pacer::TimeAt(SteadyTime now) const {
  if (pace_.kind != PaceKind::kSpeed) return std::nullopt;
  const Wide span = Wide{now.time_since_epoch().count()} - anchor_.time_since_epoch().count();
  const Wide played = DivideRoundingDown(span * pace_.ratio.numerator(), pace_.ratio.denominator());
  return sim::VirtualTime(Bounded(Wide{t0_.nanoseconds()} + played));
}

sim::Duration VirtualTimeIn(std::chrono::nanoseconds real, const Ratio& speed) {
  return sim::Duration(Bounded(Wide{real.count()} * speed.numerator() / speed.denominator()));
}

SteadyTime RateLimiter::Earliest() const {
  if (!rate_max_ || taken_in_stretch_ == 0) return SteadyTime::min();
  return Add(stretch_start_, NanosecondsOf(taken_in_stretch_, *rate_max_));
}

void RateLimiter::TakeAt(SteadyTime now) {
  if (!rate_max_) return;
  if (taken_in_stretch_ == 0 || now - kCatchUpMax > Earliest()) {
    stretch_start_ = now;
    taken_in_stretch_ = 0;
  }
  ++taken_in_stretch_;
}

}  // namespace groundhog::replay
