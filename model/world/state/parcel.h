// What one partition sends another. A plain value.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_PARCEL_H_
#define GROUNDHOG_MODEL_WORLD_STATE_PARCEL_H_

#include "model/world/state/attempt.h"
#include "model/world/state/event.h"
#include "sim/event_queue.h"

namespace groundhog::model {

// An event for an entity of another partition.
struct Parcel {
  sim::EventOrder order;
  Event event;
  Attempt attempt;  // with kAttemptArrives
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_PARCEL_H_
