// What a draw is for: the `purpose` of the draw key (docs/adr/0001-draw-keys.md). Numbers are part
// of every golden trace: append, never renumber.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_PURPOSE_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_PURPOSE_H_

#include <cstdint>

namespace groundhog::model {

enum class Purpose : std::uint16_t {
  kArrival = 1,        // words 0-1: gap to the next candidate; 2: thinning
  kRequest = 2,        // what the request is about: user, order, cart
  kCallTaken = 3,      // word 0: whether a call of the tree is made
  kAttempt = 4,        // words 0-1: which hosts; 2: way there; 3: way back
  kService = 5,        // words 0-1: service time; 2: own error; 3: message
  kFault = 6,          // + fault key; word 0: whether it hits; loss: 1: way there, 2: way back,
                       // 3: cancellation
  kBackoff = 7,        // word 0: jitter before the next attempt
  kMessage = 8,        // words 0-1: which template of a warning and of a failure
  kIntervalPhase = 9,  // words 0-1: a host's offset within the log interval
  kFaultTimes = 10,    // words 0-1: wait for the n-th random occurrence; 2-3: its length
  kThink = 11,         // a user's turn; words 0-1: think time; 2: whether the step is taken
  kSessionPause = 12,  // words 0-1: before a session
  kProbePhase = 13,    // words 0-1: a host's offset within the health checks' interval
  kUserNumbers = 14,   // word 0: the number of a population's first user
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_PURPOSE_H_
