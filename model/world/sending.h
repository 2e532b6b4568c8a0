// How an attempt or a message gets to a host: who is addressed, which host, how long it travels,
// whether it gets lost. What a caller of `part` sends; handlers only.
#ifndef GROUNDHOG_MODEL_WORLD_SENDING_H_
#define GROUNDHOG_MODEL_WORLD_SENDING_H_

#include <cstdint>

#include "model/world/partition.h"
#include "model/world/state/attempt.h"
#include "model/world/state/call_in_progress.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/span.h"
#include "sim/entity.h"
#include "traces/record.h"

namespace groundhog::model {

// Sends attempt `call.attempt` of the call. The caller gives it up after the timeout or at its own
// deadline, whichever is earlier.
void SendAttempt(Partition& part, Handle call);

// Sends the async call `node`: no caller waits for it, and it has no deadline until a consumer
// takes it.
void SendMessage(Partition& part, Handle from, std::uint32_t node);

// The caller gives up an attempt that the callee is still working on. The cancellation takes as
// long as the attempt did, so it never overtakes it.
void SendCancel(Partition& part, const Span& from, const CallInProgress& call);

// Sends the attempt's caller the cause of what delays or loses the attempt or its answer, by the
// fastest way. `sender`: the attempt's host, or the caller itself when the attempt never left.
void SendNotice(Partition& part, sim::EntityId sender, const Attempt& attempt,
                const traces::Truth& cause);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_SENDING_H_
