// What a host does for a span: takes or refuses it, lets it wait, works, ends it. Handlers of a
// partition's hosts.
#ifndef GROUNDHOG_MODEL_WORLD_SPANS_H_
#define GROUNDHOG_MODEL_WORLD_SPANS_H_

#include "model/world/partition.h"
#include "model/world/plan/failure.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/span.h"
#include "sim/entity.h"
#include "traces/record.h"

namespace groundhog::model {

void HandleAttemptArrives(Partition& part, Handle span);
void HandleWorkDone(Partition& part, Handle span);
void HandleSpanDeadline(Partition& part, Handle span);
// The span's caller gave it up; the reference's epoch is the span's birth.
void HandleCancel(Partition& part, ValueReference span, const traces::Truth& why);
// The same from another partition: the caller gave up what it sent with its call `as_sent`.
void HandleCancelByCall(Partition& part, sim::EntityId host, sim::EntityId caller,
                        ValueReference as_sent, const traces::Truth& why);

// All calls of the span are done.
void CompleteOk(Partition& part, Handle span);
// `failed_call`: the call whose failure fails the span, if one does.
void CompleteFailed(Partition& part, Handle span, Failure failure, Handle failed_call = kNoHandle);

// Gives free workers to the spans that still wait, first come first served.
void FillWorkers(Partition& part, sim::EntityId host, Station* station);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_SPANS_H_
