// Who makes requests, and what a client does: it calls the entry service by the same code that
// hosts call dependencies by, and logs nothing. Handlers of a partition's traffic sources.
#ifndef GROUNDHOG_MODEL_WORLD_TRAFFIC_H_
#define GROUNDHOG_MODEL_WORLD_TRAFFIC_H_

#include <cstdint>

#include "model/world/partition.h"
#include "model/world/state/event.h"
#include "model/world/state/handle_table.h"

namespace groundhog::model {

// Before the run: the source's first arrival, or its users' first turns.
void StartSource(Partition& part, std::uint32_t source);

void HandleArrival(Partition& part, std::uint32_t source);
void HandleUserTurn(Partition& part, std::uint32_t source, std::uint32_t user);

// An attempt of the client was answered or given up.
void ClientAttemptEnded(Partition& part, Handle call, Outcome outcome);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_TRAFFIC_H_
