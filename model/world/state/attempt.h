// An attempt or a message on its way: who sends it to whom, for which request. A plain value that
// holds all that its host needs, so that it can travel to another partition's memory.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_ATTEMPT_H_
#define GROUNDHOG_MODEL_WORLD_STATE_ATTEMPT_H_

#include <cstdint>
#include <type_traits>

#include "model/world/state/handle_table.h"
#include "sim/entity.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

struct Attempt {
  // What it is about.
  std::uint32_t node = 0;     // of the call tree
  std::uint32_t source = 0;   // of the request, as the topology numbers sources
  std::uint32_t journey = 0;  // of the request
  std::uint32_t path = 0;     // for draws: the chain of calls and earlier attempts that led here
  std::uint64_t ordinal = 0;  // of the request, among those of its source
  traces::SpanId id = traces::SpanId::kNone;
  traces::SpanId parent = traces::SpanId::kNone;
  std::uint16_t attempt = 1;  // of its call, from 1
  bool is_message = false;    // of an async call: no caller waits for it
  bool is_extra = false;      // see truth
  // Between whom it travels.
  sim::EntityId host{};
  sim::EntityId caller{};
  ValueReference caller_call;       // the caller's call as it was sent: answers come back with it
  std::uint32_t way_back_word = 0;  // the draw of the reply's network latency
  sim::VirtualTime deadline;
  // What caused it, as far as is known; with is_extra, why it is there at all: a surge, or a
  // failure that is tried again. Then it is the cause of all that comes of it.
  traces::Truth truth;
  // Why its caller is late: the cause if it has to end at the caller's deadline.
  traces::Truth late_by;
};

static_assert(std::is_trivially_copyable_v<Attempt>, "partitions exchange attempts as bytes");

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_ATTEMPT_H_
