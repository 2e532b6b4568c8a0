// The rule of blame: what a host can know of the cause of what it does, as it does it. A cause
// comes from where a fault acts, goes to the caller with an answer or ahead of it (NotifyCaller),
// to a callee that only exists because of it, and to spans that wait behind those it holds up.
// docs/TRUTH.md says how far that reaches.
#ifndef GROUNDHOG_MODEL_WORLD_BLAME_H_
#define GROUNDHOG_MODEL_WORLD_BLAME_H_

#include "model/world/partition.h"
#include "model/world/plan/failure.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/span.h"
#include "traces/record.h"

namespace groundhog::model {

// From now on the span's cause is the fault, unless it already has one that began earlier. If the
// span holds a worker, spans that come to wait behind it inherit the cause.
void TakeCause(Partition& part, Span* span, const traces::Truth& truth);

// To be called when a span that may have a cause has taken a worker: spans that come to wait while
// it holds it inherit the cause.
void CountAsBlamed(Partition& part, Span* span);

// Why the span, or an attempt of its call `failed_call`, fails in this way: the cause of that
// failure, not of all that happened to the span. None: it would fail without any fault, too.
traces::Truth CauseOfFailure(const Partition& part, const Span& span, Failure failure,
                             Handle failed_call);

// Why a host has to do the work of others of its service: a fault that has hosts of it down.
traces::Truth HostsDownTruth(const Partition& part, const Host& host);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_BLAME_H_
