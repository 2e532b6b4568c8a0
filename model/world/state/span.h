// A span in the making: a host's handling of one attempt, from the moment the attempt is on its way
// until its record is emitted. Also the client's view of a request (host = the traffic source), so
// that sources call the entry service by the same code that hosts call dependencies by.
//
// A span belongs to the entity that it is addressed to, and lives in that entity's partition.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_SPAN_H_
#define GROUNDHOG_MODEL_WORLD_STATE_SPAN_H_

#include <cstdint>

#include "model/world/plan/failure.h"
#include "model/world/plan/message_group.h"
#include "model/world/state/attempt.h"
#include "model/world/state/handle_table.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

enum class SpanState : std::uint8_t {
  kFree,
  kTravelling,
  kQueued,
  kWorking,
  kCalling,
};

// The order of its fields leaves no gaps: with a thousand services, memory is what limits a run.
struct Span : Attempt {
  SpanState state = SpanState::kFree;
  bool caller_notified = false;  // that it is affected, see truth
  bool is_blamed = false;        // it holds a worker, and its station counts it as blamed
  bool is_late_anyway = false;   // its own work takes too long also without faults
  std::uint32_t epoch = 0;       // counts what happens to it: earlier timers are stale
  std::uint32_t birth = 0;       // its first epoch: cancellations name it, so they stay valid
  // The host's spans in hand, a list: those that wait or hold a worker.
  Handle previous_in_hand = kNoHandle;
  Handle next_in_hand = kNoHandle;
  std::uint32_t message_word = 0;  // the draw that chooses the INFO message
  // When.
  sim::VirtualTime arrival;
  sim::VirtualTime started;    // of its own work: after waiting for a slot
  sim::VirtualTime answer_by;  // when the caller gives up: later than deadline with a time limit
  // Its own work.
  Failure failure = Failure::kNone;  // takes effect at the end of its own work
  bool failure_retryable = true;
  traces::ErrorCodeId failure_code{};  // with kOwn
  MessageGroup failure_messages;       // with kOwn
  traces::Truth failure_truth;         // of an injected error, or of an outage that refuses it
  // Its calls.
  std::uint16_t next_child = 0;  // of its node: the first that was not yet considered
  traces::ServiceId longest_dependency = traces::ServiceId::kNone;
  traces::ServiceId degraded_dependency = traces::ServiceId::kNone;  // a fallback was used
  Handle calls = kNoHandle;                                          // in progress, a list
  traces::Truth degraded_truth;                                      // why a fallback was used
  sim::Duration longest_wait;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_SPAN_H_
