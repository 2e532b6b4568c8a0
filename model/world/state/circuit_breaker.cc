#include "model/world/state/circuit_breaker.h"

#include <algorithm>

namespace groundhog::model {

CircuitBreaker::CircuitBreaker(const BreakerPolicy& policy) : policy_(policy) {}

CircuitBreaker::Permit CircuitBreaker::Ask(sim::VirtualTime now) {
  if (state_ == State::kOpen && now >= open_until_) Enter(State::kHalfOpen, now);
  if (state_ == State::kOpen) return {};
  if (state_ == State::kHalfOpen) {
    if (probes_sent_ == policy_.probes) return {};
    ++probes_sent_;
  }
  return {.is_given = true, .period = period_};
}

bool CircuitBreaker::Report(std::uint32_t period, bool is_ok, sim::VirtualTime now) {
  if (period != period_) return false;
  if (state_ == State::kHalfOpen) {
    if (!is_ok) {
      Enter(State::kOpen, now);
      return true;
    }
    if (++probes_well_ == policy_.probes) Enter(State::kClosed, now);
    return false;
  }
  SlideTo(now);
  Counts& newest = parts_[static_cast<std::size_t>(part_number_) % kParts];
  ++(is_ok ? newest.ok : newest.failed);
  if (is_ok) return false;
  Counts sum;
  for (const Counts& part : parts_) {
    sum.ok += part.ok;
    sum.failed += part.failed;
  }
  const std::uint64_t ended = sum.ok + sum.failed;
  if (ended < static_cast<std::uint64_t>(policy_.calls_min)) return false;
  if (static_cast<double>(sum.failed) < policy_.failure_rate * static_cast<double>(ended)) {
    return false;
  }
  Enter(State::kOpen, now);
  return true;
}

void CircuitBreaker::Forget(std::uint32_t period) {
  if (period == period_ && state_ == State::kHalfOpen) --probes_sent_;
}

void CircuitBreaker::Enter(State state, sim::VirtualTime now) {
  state_ = state;
  ++period_;
  parts_ = {};
  probes_sent_ = 0;
  probes_well_ = 0;
  open_until_ = now + policy_.open_time;
}

void CircuitBreaker::SlideTo(sim::VirtualTime now) {
  const std::int64_t part_length =
      std::max<std::int64_t>(1, policy_.window.nanoseconds() / static_cast<std::int64_t>(kParts));
  const std::int64_t number = now.nanoseconds() / part_length;
  const std::int64_t stale = std::min<std::int64_t>(number - part_number_, kParts);
  for (std::int64_t i = 0; i < stale; ++i) {
    parts_[static_cast<std::size_t>(number - i) % kParts] = {};
  }
  part_number_ = number;
}

}  // namespace groundhog::model
