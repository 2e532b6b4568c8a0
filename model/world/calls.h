// What a caller does for a call: sends an attempt, gets an answer or a timeout, tries again, falls
// back or fails. Handlers of a partition's callers: hosts, and clients of traffic sources.
#ifndef GROUNDHOG_MODEL_WORLD_CALLS_H_
#define GROUNDHOG_MODEL_WORLD_CALLS_H_

#include <cstdint>

#include "model/world/partition.h"
#include "model/world/plan/topology.h"
#include "model/world/state/call_in_progress.h"
#include "model/world/state/event.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/span.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

// Starts the span's next group of calls, or ends the span when none is left.
void NextCalls(Partition& part, Handle span);
// Begins the call `node` on behalf of a host's or a client's span.
void StartCall(Partition& part, Handle span, std::uint32_t node);
// Sends the call's next attempt, if its breaker lets it through.
void IssueAttempt(Partition& part, Handle call);

void HandleReply(Partition& part, Handle call, const Event& reply);
void HandleAttemptTimeout(Partition& part, Handle call);
void HandleBreakerRefused(Partition& part, Handle call);
void HandleNotice(Partition& part, Handle call, const traces::Truth& truth);

// The span ends before its calls do and gets no answer to them. The callees get a cancellation,
// unless `sends_cancel` is false because the caller can no longer send one.
void AbandonCalls(Partition& part, Span* span, bool sends_cancel = true);

// The pause after attempt `call.attempt`.
sim::Duration BackoffOf(const Partition& part, const CallInProgress& call, const Span& span,
                        const RetryPolicy& retries);

// Sends truth ahead of the answer: a callee that is affected by a fault and may not answer in time
// lets its caller know, so that a timeout names that fault. Changes only truth.
void NotifyCaller(Partition& part, Handle span);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_CALLS_H_
