// How long a sink waits: until the timeout has passed without progress, or somebody asked to stop.
#ifndef GROUNDHOG_SINKS_PATIENCE_H_
#define GROUNDHOG_SINKS_PATIENCE_H_

#include <algorithm>
#include <chrono>
#include <functional>

namespace groundhog::sinks {

// Not thread-safe. Time is the steady clock's, but a gap of more than a second between two looks
// counts as a second: a process that was suspended (SIGSTOP, a closed laptop) must not find, the
// moment it continues, that its destination has had its time.
class Patience {
 public:
  // Between two looks a sink waits at most so long, so that a stop is heeded soon.
  static constexpr std::chrono::milliseconds kSlice{100};
  // What was taken before a stop gets so long to be acknowledged, if the timeout is not shorter.
  static constexpr std::chrono::seconds kGraceAfterStop{5};

  Patience(std::chrono::nanoseconds timeout, const std::function<bool()>& stop_requested)
      : timeout_(timeout), stop_requested_(stop_requested) {}

  // One that starts anew, with another timeout and the same stop.
  Patience WithTimeout(std::chrono::nanoseconds timeout) const {
    return Patience(timeout, stop_requested_);
  }

  std::chrono::nanoseconds timeout() const { return timeout_; }
  bool IsStopRequested() const { return stop_requested_ && stop_requested_(); }

  // There was progress, or nothing waits: the timeout starts anew.
  void Restart() {
    waited_ = std::chrono::nanoseconds(0);
    last_look_ = Clock::now();
  }

  // How long it has been since the last Restart, and whether that is too long.
  std::chrono::nanoseconds Waited() {
    const Clock::time_point now = Clock::now();
    waited_ += std::min<std::chrono::nanoseconds>(now - last_look_, kGapMax);
    last_look_ = now;
    return waited_;
  }
  bool IsExhausted() { return Waited() >= timeout_; }
  bool IsGraceOver() {
    return Waited() >= std::min<std::chrono::nanoseconds>(kGraceAfterStop, timeout_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kGapMax{1};

  std::chrono::nanoseconds timeout_;
  std::function<bool()> stop_requested_;
  std::chrono::nanoseconds waited_{0};
  Clock::time_point last_look_ = Clock::now();
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_PATIENCE_H_
