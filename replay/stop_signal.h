// The request to end a replay cleanly, for example by Ctrl-C: raised once, seen by every wait.
#ifndef GROUNDHOG_REPLAY_STOP_SIGNAL_H_
#define GROUNDHOG_REPLAY_STOP_SIGNAL_H_

#include <atomic>

namespace groundhog::replay {

// Raise and is_raised may be called by any thread, Raise also from a signal handler.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void Raise() noexcept;
  bool is_raised() const { return is_raised_.load(std::memory_order_relaxed); }

  // Readable from the moment it is raised, for poll. -1 when the system has no descriptor left:
  // then a sleep ends when it would have.
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
  std::atomic<bool> is_raised_ = false;
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may write it");
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_STOP_SIGNAL_H_
