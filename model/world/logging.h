// What is logged: one record for each span when it ends, one for each attempt that is tried again,
// and a host's own, about its restart and each log interval. Handlers and helpers of hosts.
#ifndef GROUNDHOG_MODEL_WORLD_LOGGING_H_
#define GROUNDHOG_MODEL_WORLD_LOGGING_H_

#include "model/world/partition.h"
#include "model/world/plan/log_model.h"
#include "model/world/state/call_in_progress.h"
#include "model/world/state/host.h"
#include "model/world/state/span.h"
#include "sim/entity.h"
#include "traces/record.h"

namespace groundhog::model {

// Records are emitted in the order of their true time; they carry the error of the host's clock.
void Emit(Partition& part, const traces::Record& record);

// Before the run: when the host's first log interval ends.
void ScheduleFirstInterval(Partition& part, sim::EntityId host);
void HandleInterval(Partition& part, sim::EntityId host);

// Logs that a host is up again.
void LogStarted(Partition& part, sim::EntityId host);

// The record of a span that ends now: everything but level, message and error code.
traces::Record SpanRecord(const Partition& part, const Span& span);
// The facts that a message about the span and its `call` may show. An empty call: none.
MessageContext Context(const Partition& part, const Span& span, const CallInProgress& call = {});

// Brings the integral of work in flight up to now; to be called before the number changes.
void CountInFlight(const Partition& part, Host* host);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_LOGGING_H_
