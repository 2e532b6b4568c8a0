// A circuit breaker (Nygard, "Release It!", 2nd ed., ch. 5): when too many attempts fail, further
// ones fail at once for a while, so that neither caller nor callee wastes slots on them. Belongs to
// one calling host and one dependency. BreakerPolicy documents its behaviour.
//
// Not thread-safe. Times must not run back.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_CIRCUIT_BREAKER_H_
#define GROUNDHOG_MODEL_WORLD_STATE_CIRCUIT_BREAKER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/scenario/scenario.h"
#include "sim/time.h"

namespace groundhog::model {

class CircuitBreaker {
 public:
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  struct Permit {
    bool is_given = false;
    // The period of the breaker in which the attempt is sent: results of earlier ones do not count.
    std::uint32_t period = 0;
  };

  explicit CircuitBreaker(const BreakerPolicy& policy);

  // Whether an attempt may be sent now.
  Permit Ask(sim::VirtualTime now);
  // The attempt with this permit ended. Returns true when that opened the breaker.
  bool Report(std::uint32_t period, bool is_ok, sim::VirtualTime now);
  // The caller lost interest in the attempt before it ended.
  void Forget(std::uint32_t period);

  State state() const { return state_; }

 private:
  // The window is counted in parts, so that it slides in steps of a tenth.
  static constexpr std::size_t kParts = 10;
  struct Counts {
    std::uint64_t ok = 0;
    std::uint64_t failed = 0;
  };

  void Enter(State state, sim::VirtualTime now);
  void SlideTo(sim::VirtualTime now);

  BreakerPolicy policy_;
  State state_ = State::kClosed;
  std::uint32_t period_ = 0;
  std::array<Counts, kParts> parts_{};
  std::int64_t part_number_ = 0;  // of the newest part, since virtual time 0
  sim::VirtualTime open_until_;
  int probes_sent_ = 0;  // kHalfOpen: probes under way or answered well
  int probes_well_ = 0;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_CIRCUIT_BREAKER_H_
