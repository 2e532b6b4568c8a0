// A span in the making: a host's handling of one attempt, from the moment the attempt is sent until
// its record is emitted. Also the client's view of a request (host = the traffic source), so that
// sources call the entry service by the same code that hosts call dependencies.
//
// A span belongs to the entity that it is addressed to; while it travels it is the message itself.
#ifndef GROUNDHOG_MODEL_SPAN_H_
#define GROUNDHOG_MODEL_SPAN_H_

#include <cstdint>

#include "model/failure.h"
#include "model/log_model.h"
#include "model/slot_table.h"
#include "sim/entity.h"
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

struct Span {
  // Who and what.
  sim::EntityId host{};
  std::uint32_t node = 0;
  std::uint32_t source = 0;  // of the request
  std::uint32_t journey = 0;
  std::uint32_t path = 0;  // for draws: the chain of calls and earlier attempts that led here
  std::uint64_t ordinal = 0;
  traces::SpanId id = traces::SpanId::kNone;
  traces::SpanId parent = traces::SpanId::kNone;
  std::uint16_t attempt = 1;
  SpanState state = SpanState::kFree;
  bool is_message = false;  // of an async call: nobody waits for it
  std::uint32_t epoch = 0;  // counts what happens to it: earlier timers are stale
  std::uint32_t birth = 0;  // its first epoch: a cancellation is for this span, whatever happened
  // Who waits for it.
  sim::EntityId caller{};
  SlotReference caller_call;
  std::uint32_t way_back_word = 0;  // the draw of the reply's network latency
  // When.
  sim::VirtualTime arrival;
  sim::VirtualTime started;  // of its own work: after waiting for a slot
  sim::VirtualTime deadline;
  sim::VirtualTime answer_by;  // when the caller gives up: later than deadline with a time limit
  // Its own work.
  Failure failure = Failure::kNone;    // decided for the end of the own work
  traces::ErrorCodeId failure_code{};  // with kOwn
  traces::Truth failure_truth;         // with kOwn, of an injected error
  MessageGroup failure_messages;       // with kOwn
  bool failure_retryable = true;
  bool caller_notified = false;    // that it is affected, see truth
  std::uint32_t message_word = 0;  // the draw that chooses the INFO message
  // Its calls.
  std::uint16_t next_child = 0;  // of its node: the first that was not yet considered
  SlotHandle calls = kNoSlot;    // in progress, a list
  sim::Duration longest_wait;
  traces::ServiceId longest_dependency = traces::ServiceId::kNone;
  traces::ServiceId degraded_dependency = traces::ServiceId::kNone;  // a fallback was used
  traces::Truth truth;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SPAN_H_
