// Virtual time: the only time that sim, traces and model know.
//
// A VirtualTime is a count of nanoseconds since the scenario's start; a Duration is a difference of
// two. Both hold an int64, which spans 292 years, so that no rounding ever makes two runs differ.
// Plain values; safe to use from any thread. Overflow is a caller's bug and is not checked here.
#ifndef GROUNDHOG_SIM_TIME_H_
#define GROUNDHOG_SIM_TIME_H_

#include <compare>
#include <cstdint>
#include <limits>

namespace groundhog::sim {

// A signed span of virtual time, in nanoseconds.
class Duration {
 public:
  constexpr Duration() = default;
  constexpr explicit Duration(std::int64_t nanoseconds) : nanoseconds_(nanoseconds) {}

  constexpr std::int64_t nanoseconds() const { return nanoseconds_; }
  // Whole milliseconds, rounded towards zero (down for the durations that occur).
  constexpr std::int64_t milliseconds() const { return nanoseconds_ / 1'000'000; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator-() const { return Duration(-nanoseconds_); }
  constexpr Duration operator+(Duration other) const {
    return Duration(nanoseconds_ + other.nanoseconds_);
  }
  constexpr Duration operator-(Duration other) const {
    return Duration(nanoseconds_ - other.nanoseconds_);
  }
  constexpr Duration operator*(std::int64_t factor) const {
    return Duration(nanoseconds_ * factor);
  }
  constexpr Duration operator/(std::int64_t divisor) const {
    return Duration(nanoseconds_ / divisor);
  }
  constexpr std::int64_t operator/(Duration other) const {
    return nanoseconds_ / other.nanoseconds_;
  }
  constexpr Duration operator%(Duration other) const {
    return Duration(nanoseconds_ % other.nanoseconds_);
  }
  constexpr Duration& operator+=(Duration other) { return *this = *this + other; }
  constexpr Duration& operator-=(Duration other) { return *this = *this - other; }

  // To a multiple of `unit` > 0: halves up, but to one unit at least unless this is zero. Not for
  // negative durations.
  constexpr Duration RoundedTo(Duration unit) const {
    if (nanoseconds_ == 0) return {};
    const std::int64_t units = (nanoseconds_ + unit.nanoseconds_ / 2) / unit.nanoseconds_;
    return unit * (units == 0 ? 1 : units);
  }
  // To a multiple of `unit` > 0, towards zero.
  constexpr Duration RoundedDownTo(Duration unit) const { return unit * (*this / unit); }

  static constexpr Duration Max() { return Duration(std::numeric_limits<std::int64_t>::max()); }

 private:
  std::int64_t nanoseconds_ = 0;
};

constexpr Duration Nanoseconds(std::int64_t count) { return Duration(count); }
constexpr Duration Microseconds(std::int64_t count) { return Duration(count * 1'000); }
constexpr Duration Milliseconds(std::int64_t count) { return Duration(count * 1'000'000); }
constexpr Duration Seconds(std::int64_t count) { return Duration(count * 1'000'000'000); }
constexpr Duration Minutes(std::int64_t count) { return Seconds(count * 60); }
constexpr Duration Hours(std::int64_t count) { return Seconds(count * 3'600); }

// A point in virtual time, in nanoseconds since the scenario's start; never negative in a run.
class VirtualTime {
 public:
  constexpr VirtualTime() = default;
  constexpr explicit VirtualTime(std::int64_t nanoseconds_since_start)
      : nanoseconds_(nanoseconds_since_start) {}
  constexpr explicit VirtualTime(Duration since_start) : nanoseconds_(since_start.nanoseconds()) {}

  constexpr std::int64_t nanoseconds() const { return nanoseconds_; }
  constexpr Duration since_start() const { return Duration(nanoseconds_); }

  constexpr auto operator<=>(const VirtualTime&) const = default;
  constexpr VirtualTime operator+(Duration duration) const {
    return VirtualTime(nanoseconds_ + duration.nanoseconds());
  }
  constexpr VirtualTime operator-(Duration duration) const {
    return VirtualTime(nanoseconds_ - duration.nanoseconds());
  }
  constexpr Duration operator-(VirtualTime other) const {
    return Duration(nanoseconds_ - other.nanoseconds_);
  }

  // Later than every event: "never".
  static constexpr VirtualTime Max() {
    return VirtualTime(std::numeric_limits<std::int64_t>::max());
  }

 private:
  std::int64_t nanoseconds_ = 0;
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_TIME_H_
