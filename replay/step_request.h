// A step that was asked for during a pause: how many records may still go, and who awaits the
// answer.
#ifndef GROUNDHOG_REPLAY_STEP_REQUEST_H_
#define GROUNDHOG_REPLAY_STEP_REQUEST_H_

#include <cstdint>
#include <utility>

#include "replay/controls.h"

namespace groundhog::replay {

// Not thread-safe.
class StepRequest {
 public:
  void Begin(std::uint64_t count) {
    left_ = count;
    done_ = 0;
  }
  // Who gets the answer once it has ended.
  void AnswerTo(Controls& asker) { asker_ = &asker; }

  std::uint64_t left() const { return left_; }
  std::uint64_t done() const { return done_; }
  // A record went. True: it was the last one.
  bool Advance() {
    ++done_;
    return --left_ == 0;
  }

  // No record goes any more. Returns who awaits the answer; nullptr: nobody, as there was no step.
  Controls* End() {
    left_ = 0;
    return std::exchange(asker_, nullptr);
  }

 private:
  std::uint64_t left_ = 0;
  std::uint64_t done_ = 0;
  Controls* asker_ = nullptr;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_STEP_REQUEST_H_
