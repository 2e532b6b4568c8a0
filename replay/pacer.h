// Computes when each record is due. A deadline is computed from the anchor and the record's own
// time or number, never from the previous deadline, in integers of 128 bits: exact to the
// nanosecond for any length of the replay, so that it cannot drift.
#ifndef GROUNDHOG_REPLAY_PACER_H_
#define GROUNDHOG_REPLAY_PACER_H_

#include <cstdint>
#include <optional>

#include "replay/clock.h"
#include "replay/pace.h"
#include "sim/time.h"

namespace groundhog::replay {

// Not thread-safe.
class Pacer {
 public:
  // `t0`: the virtual time that is due at the anchor.
  Pacer(const Pace& pace, sim::VirtualTime t0) : pace_(pace), t0_(t0) {}

  // What is due at t0, and record number 0, is due at `now`.
  void AnchorAt(SteadyTime now) { anchor_ = now; }
  // What is due at `time`, and record `number`, is due at `now`.
  void AnchorAt(SteadyTime now, sim::VirtualTime time, std::uint64_t number) {
    anchor_ = now;
    t0_ = time;
    first_number_ = number;
  }
  SteadyTime anchor() const { return anchor_; }
  sim::VirtualTime t0() const { return t0_; }
  // Moves the anchor, and so every deadline.
  void Shift(std::chrono::nanoseconds by) { anchor_ += by; }

  const Pace& pace() const { return pace_; }
  void set_pace(const Pace& pace) { pace_ = pace; }

  // kSpeed: anchor + (time - t0) / speed. kRate: anchor + number / rate, `number` counting the
  // records that passed the filters, from 0. Both rounded up to the nanosecond, so that no record
  // is due before its time; times beyond the clock's range, centuries away, become its last. kMax:
  // nullopt.
  std::optional<SteadyTime> DeadlineOf(sim::VirtualTime time, std::uint64_t number) const;

  // kSpeed: the latest virtual time whose deadline is not after `now`. Otherwise nullopt.
  std::optional<sim::VirtualTime> TimeAt(SteadyTime now) const;

 private:
  Pace pace_;
  sim::VirtualTime t0_;
  std::uint64_t first_number_ = 0;
  SteadyTime anchor_;
};

// How much virtual time passes in `real` at `speed`, rounded down; at most Duration::Max().
sim::Duration VirtualTimeIn(std::chrono::nanoseconds real, const Ratio& speed);

// Keeps the flow under a rate without moving any deadline. The k-th record of a busy stretch goes
// k / rate after the stretch began, so that the rate is kept exactly; a stretch ends when records
// come slower than the rate. Woken late, it catches up by at most 10 ms worth of records.
class RateLimiter {
 public:
  // `rate_max`: records a second; nullopt: no limit.
  explicit RateLimiter(const std::optional<Ratio>& rate_max) : rate_max_(rate_max) {}

  bool is_limiting() const { return rate_max_.has_value(); }

  // The earliest time at which the next record may go; long ago when the rate does not delay it.
  SteadyTime Earliest() const;
  // Reports that it goes now.
  void TakeAt(SteadyTime now);

 private:
  std::optional<Ratio> rate_max_;
  SteadyTime stretch_start_ = SteadyTime::min();
  std::uint64_t taken_in_stretch_ = 0;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PACER_H_
