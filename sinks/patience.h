// How long a sink waits: until the timeout has passed without progress, or a stop was requested.
#ifndef GROUNDHOG_SINKS_PATIENCE_H_
#define GROUNDHOG_SINKS_PATIENCE_H_

#include <algorithm>
#include <chrono>
#include <functional>

namespace groundhog::sinks {

// Not thread-safe. Time is the steady clock's, but a gap of more than a second between two looks at
// it counts as a second: when a suspended process (SIGSTOP, a closed laptop) continues, its
// destination must still have time to answer.
class Patience {
 public:
  // The longest wait between two looks, so that a sink reacts to a stop soon.
  static constexpr std::chrono::milliseconds kSlice{100};
  // After a stop, wait this long (or the timeout, if shorter) for acknowledgements.
  static constexpr std::chrono::seconds kGraceAfterStop{5};

  // The steady clock; tests have their own.
  using Clock = std::chrono::steady_clock;
  using Now = Clock::time_point (*)();

  Patience(std::chrono::nanoseconds timeout, const std::function<bool()>& stop_requested,
           Now now = Clock::now)
      : timeout_(timeout), stop_requested_(stop_requested), now_(now), last_look_(now()) {}

  // A new one, with another timeout and the same stop.
  Patience WithTimeout(std::chrono::nanoseconds timeout) const {
    return Patience(timeout, stop_requested_, now_);
  }

  std::chrono::nanoseconds timeout() const { return timeout_; }
  bool IsStopRequested() const { return stop_requested_ && stop_requested_(); }

  // There was progress, or nothing waits: the timeout starts again.
  void Restart() {
    waited_ = std::chrono::nanoseconds(0);
    last_look_ = now_();
  }

  // The time since the last Restart, and whether that is too long.
  std::chrono::nanoseconds Waited() {
    const Clock::time_point now = now_();
    waited_ += std::min<std::chrono::nanoseconds>(now - last_look_, kGapMax);
    last_look_ = now;
    return waited_;
  }
  bool IsExhausted() { return Waited() >= timeout_; }
  bool IsGraceOver() {
    return Waited() >= std::min<std::chrono::nanoseconds>(kGraceAfterStop, timeout_);
  }

 private:
  static constexpr std::chrono::seconds kGapMax{1};

  std::chrono::nanoseconds timeout_;
  std::function<bool()> stop_requested_;
  Now now_;
  std::chrono::nanoseconds waited_{0};
  Clock::time_point last_look_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_PATIENCE_H_
