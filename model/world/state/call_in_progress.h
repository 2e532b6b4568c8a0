// A call that a span is making: one attempt after another to a dependency, until one is answered or
// the call is given up. A span has as many as it makes at the same time.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_CALL_IN_PROGRESS_H_
#define GROUNDHOG_MODEL_WORLD_STATE_CALL_IN_PROGRESS_H_

#include <cstdint>

#include "model/world/state/handle_table.h"
#include "sim/entity.h"
#include "sim/time.h"

namespace groundhog::model {

struct CallInProgress {
  Handle span = kNoHandle;    // whose call it is
  Handle next = kNoHandle;    // the span's next call in progress
  std::uint32_t node = 0;     // of the call tree: who is called
  std::uint32_t epoch = 0;    // counts attempts: replies and timers of earlier ones are stale
  std::uint16_t attempt = 0;  // from 1
  std::uint16_t attempts_max = 0;
  bool is_under_way = false;  // an attempt is out; else waiting to try again
  // Of the attempt that is or was out last.
  bool is_lost = false;             // it gets lost on its way to the callee
  bool callee_may_outlive = false;  // the callee's span may last beyond `deadline`
  sim::EntityId callee{};
  ValueReference as_sent;    // this call, at the epoch of the attempt: answers and cancels name it
  ValueReference span_here;  // the callee's, if that is of this partition; its epoch: Span::birth
  std::uint32_t breaker_period = 0;
  sim::VirtualTime sent;
  sim::VirtualTime deadline;  // when the caller gives up
  sim::VirtualTime arrives;   // when the attempt gets there
  traces::Truth truth;        // what its answer or a notice says, or why it is refused
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_CALL_IN_PROGRESS_H_
